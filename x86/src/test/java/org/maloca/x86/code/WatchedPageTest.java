package org.maloca.x86.code;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.maloca.x86.Cpu;
import org.maloca.x86.CpuEvents;
import org.maloca.x86.TwoCpuMachine;
import org.maloca.x86.interpret.Handlers;
import org.maloca.x86.interpret.OpSelector;
import org.maloca.x86.translate.Translator;

/** How stores to pages with code end blocks and watches. */
class WatchedPageTest {
  private static final int CODE = 0x3000;
  private static final int DATA = CODE + 0x800;
  private static final int PAGE = CODE >> 12;
  private static final int DROP = CodeCache.HARMLESS_WRITES_BEFORE_DROP;

  private final TwoCpuMachine machine = new TwoCpuMachine();
  private final Cpu cpu = machine.first;
  private final CodeCache cache =
      new CodeCache(
          cpu, machine.watch, new BlockDecoder(cpu, new OpSelector(Handlers.table(), true)));

  @BeforeEach
  void writeCode() {
    // INC EAX; JMP to itself.
    machine.memory.write(CODE, 4, 0xfdeb40);
    cpu.rip = CODE;
  }

  @AfterEach
  void close() {
    machine.close();
  }

  private void storeData(int times) {
    for (int i = 0; i < times; i++) {
      cpu.mmu.store32(DATA, i);
    }
  }

  @Test
  void aPageWhoseCodeIsRewrittenStaysWatched() {
    Block block = cache.current();

    cpu.mmu.store8(CODE, 0x48);

    assertFalse(block.valid);
    assertEquals(0, cache.blockCount());
    assertTrue(machine.memory.isWatched(PAGE));
    assertNotSame(block, cache.current());
  }

  @Test
  void aStoreFromCompiledCodeToCodeThatIsNotCompiledHappensAtOnce() {
    Block block = cache.current();
    cpu.inRegion = true;

    cpu.mmu.store8(CODE, 0x48);

    assertEquals(0x48, machine.memory.read(CODE, 1));
    assertFalse(block.valid);
  }

  @Test
  void manyStoresThatMeetNoCodeEndTheWatch() {
    Block block = cache.current();
    storeData(DROP - 1);
    assertTrue(machine.memory.isWatched(PAGE));
    assertSame(block, cache.current());

    storeData(1);

    assertFalse(machine.memory.isWatched(PAGE));
    assertFalse(block.valid);
    cpu.mmu.store8(CODE, 0x48);
    assertEquals(0x48, machine.memory.read(CODE, 1));
  }

  @Test
  void codeThatCameBackStaysForMoreStores() {
    cache.current();
    storeData(DROP);
    cache.current();

    storeData(4 * DROP - 1);
    assertTrue(machine.memory.isWatched(PAGE));
    storeData(1);
    assertFalse(machine.memory.isWatched(PAGE));
  }

  @Test
  void compiledCodeIsLeftBeforeAPageIsDropped() {
    Block block = cache.current();
    cpu.inRegion = true;
    storeData(DROP);
    assertTrue(block.valid);
    assertNotEquals(0, cpu.events.poll() & CpuEvents.STALE_CODE);

    cpu.inRegion = false;
    cache.serveRequests();

    assertFalse(block.valid);
    assertFalse(machine.memory.isWatched(PAGE));
  }

  @Test
  void whoeverOverwritesMuchOfAPageNeedNotMindItsCode() {
    Block block = cache.current();

    assertEquals(0, cpu.mmu.hostAddressForWrite(DATA, 64));
    assertTrue(block.valid);
    assertNotEquals(0, cpu.mmu.hostAddressForWrite(DATA, 0x400));

    assertFalse(block.valid);
    assertFalse(machine.memory.isWatched(PAGE));
  }

  @Test
  void aPageThatAnotherCpuHasCodeOfIsNotLetGo() {
    Cpu other = machine.second;
    other.rip = CODE;
    CodeCache others =
        new CodeCache(
            other, machine.watch, new BlockDecoder(other, new OpSelector(Handlers.table(), true)));
    others.current();
    cache.current();

    assertEquals(0, cpu.mmu.hostAddressForWrite(DATA, 0x400));
    assertTrue(machine.memory.isWatched(PAGE));
  }

  @Test
  void codeThatIsRewrittenOftenIsLeftToTheInterpreterForLonger() {
    cache.current().executions = 1;
    assertSame(cache.current(), cache.executedBlock(CODE, cpu.mode));

    for (int i = 0; i < 8; i++) {
      cpu.mmu.store8(CODE, 0x48);
      Block ignored = cache.current();
    }

    assertTrue(cache.current().executions < -10 * Translator.HOT);
    assertNull(cache.executedBlock(CODE, cpu.mode));
  }

  @Test
  void codeBesideItIsNot() {
    machine.memory.write(CODE + 0x40, 4, 0xfdeb40);
    for (int i = 0; i < 8; i++) {
      cpu.mmu.store8(CODE, 0x48);
      Block ignored = cache.current();
    }

    cpu.rip = CODE + 0x40;

    assertEquals(0, cache.current().executions);
  }
}
