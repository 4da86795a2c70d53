package org.maloca.x86.code;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.maloca.x86.CpuEvents;
import org.maloca.x86.TwoCpuMachine;
import org.maloca.x86.interpret.Handlers;
import org.maloca.x86.interpret.OpSelector;

class CodeCacheRequestTest {
  private static final int CODE = 0x3000;

  private final TwoCpuMachine machine = new TwoCpuMachine();
  private final CodeCache cache =
      new CodeCache(
          machine.first,
          machine.watch,
          new BlockDecoder(machine.first, new OpSelector(Handlers.table(), true)));

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
  void aLockedUpdateOfCodeByAnotherCpuIsSeen() {
    Block block = cache.current();
    machine.second.mmu.compareExchange(CODE, 4, 0xfdeb40, 0xfdeb48);

    cache.serveRequests();

    assertNotSame(block, cache.current());
  }
}
