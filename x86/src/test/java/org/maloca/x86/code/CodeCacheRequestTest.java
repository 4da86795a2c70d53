package org.maloca.x86.code;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.maloca.core.bus.IoHandler;
import org.maloca.core.memory.MemoryMap;
import org.maloca.core.memory.MemoryRegion;
import org.maloca.x86.Cpu;
import org.maloca.x86.CpuEvents;
import org.maloca.x86.TwoCpuMachine;
import org.maloca.x86.interpret.Handlers;
import org.maloca.x86.interpret.OpSelector;

class CodeCacheRequestTest {
  private static final int CODE = 0x3000;

  /** Numbers from which each CPU must have a bit of its own. */
  private final TwoCpuMachine machine = new TwoCpuMachine(62, 63);

  private final CodeCache cache = cacheOf(machine.first);

  private CodeCache cacheOf(Cpu cpu) {
    BlockDecoder decoder = new BlockDecoder(cpu, new OpSelector(Handlers.table(), true));
    return new CodeCache(cpu, machine.watch, decoder);
  }

  @BeforeEach
  void writeCode() {
    // INC EAX; JMP to itself.
    machine.memory.write(CODE, 4, 0xfdeb40);
    machine.first.rip = CODE;
  }

  @AfterEach
  void close() {
    machine.close();
  }

  @Test
  void anEventWhoseRequestWasServedAlreadyGoesAway() {
    machine.first.events.post(CpuEvents.STALE_CODE);

    cache.serveRequests();

    assertEquals(0, machine.first.events.poll());
  }

  @Test
  void dataThatAnotherCpuWritesBesideCodeLeavesItValid() {
    Block block = cache.current();
    machine.second.mmu.store32(CODE + 0x100, 1);
    machine.second.mmu.store32(CODE - 4, 1);

    cache.serveRequests();

    assertSame(block, cache.current());
  }

  @Test
  void codeThatAnotherCpuWritesIsDecodedAnew() {
    Block block = cache.current();
    machine.second.mmu.store32(CODE + 0x100, 1);
    machine.second.mmu.store8(CODE, 0x48);

    cache.serveRequests();

    assertNotSame(block, cache.current());
  }

  @Test
  void momentsOfInterpretationCountBlocks() {
    Block block = cache.current();
    machine.first.events.setExecuting(true);
    cache.nudge();
    cache.serveRequests();
    // Compiled code misses the TLB in the moment's midst.
    cache.interpreted(block);
    cache.interpretNext();
    cache.interpreted(block);

    assertEquals(2, block.samples);
    assertTrue(cache.blocksToInterpret > 0);
  }

  /** Else one whose accesses often miss the TLB would seem to be executed more than its loop. */
  @Test
  void whatCompiledCodeLeavesForIsNotCounted() {
    Block block = cache.current();
    cache.interpretNext();
    assertEquals(1, cache.blocksToInterpret);

    cache.interpreted(block);

    assertEquals(0, cache.blocksToInterpret);
    assertEquals(0, block.samples);
  }

  /** Another CPU changes code, then the entry that maps it, between our last look and the walk. */
  @Test
  void aWalkThatMayHaveMetANewEntryFindsNoCodeOfBefore() {
    Block block = cache.current();
    machine.second.mmu.store8(CODE, 0x48);
    machine.first.mmu.flushAll();

    assertEquals(-1, cache.ramPageOfCode(CODE));
    assertNotSame(block, cache.current());
    assertEquals(CODE >> 12, cache.ramPageOfCode(CODE));
  }

  @Test
  void noMoreDoesAWalkForASecondPage() {
    int last = CODE + 0xfff;
    machine.memory.write(last, 4, 0xfdebc0fe);
    machine.first.rip = last;
    Block block = cache.current();
    machine.second.mmu.store8(CODE + 0x1000, 0xc1);
    machine.first.mmu.flushAll();

    assertNotSame(block, cache.current());
  }

  @Test
  void aPageStaysWatchedWhileOneCpuHasCodeOfIt() {
    CodeCache other = cacheOf(machine.second);
    machine.second.rip = CODE;
    Block block = other.current();
    cache.current();
    cache.codeWritten(CODE, 1);

    machine.memory.write(CODE, 1, 0x48);
    other.serveRequests();

    assertNotSame(block, other.current());
  }

  @Test
  void aLockedUpdateOfCodeByAnotherCpuIsSeen() {
    Block block = cache.current();
    machine.second.mmu.compareExchange(CODE, 4, 0xfdeb40, 0xfdeb48);

    cache.serveRequests();

    assertNotSame(block, cache.current());
  }

  @Test
  void aDeviceThatMovesCostsNoCode() {
    Block block = cache.current();
    IoHandler registers =
        new IoHandler() {
          @Override
          public long read(int offset, int size) {
            return 0;
          }

          @Override
          public void write(int offset, int size, long value) {}
        };
    machine.memory.update(old -> old.with(new MemoryRegion.Mmio(1L << 40, 0x1000, registers)));

    cache.serveRequests();

    assertTrue(block.valid);
    assertSame(block, cache.current());
  }

  @Test
  void ramThatGoesAwayTakesItsCodeAlong() {
    Block block = cache.current();
    machine.memory.update(old -> MemoryMap.EMPTY);

    cache.serveRequests();

    assertFalse(block.valid);
  }
}
