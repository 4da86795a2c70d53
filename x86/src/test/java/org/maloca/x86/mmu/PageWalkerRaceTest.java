package org.maloca.x86.mmu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.maloca.core.memory.HostMemory;
import org.maloca.core.memory.MemoryRegion;
import org.maloca.x86.ControlRegisters;
import org.maloca.x86.GuestFault;
import org.maloca.x86.TwoCpuMachine;

class PageWalkerRaceTest {
  private static final int ROUNDS = 50_000;
  private static final int DIRECTORY = 0x1000;
  private static final int TABLE = 0x2000;
  private static final int PRESENT_WRITABLE = 3;

  /** An entry that another CPU takes out while a walk marks it stays taken out. */
  @Test
  void aWalkWritesNoEntryThatIsNoLongerThere() {
    try (TwoCpuMachine machine = new TwoCpuMachine()) {
      machine.memory.write(DIRECTORY, 4, TABLE | PRESENT_WRITABLE);
      machine.memory.write(TABLE + 4 * 5, 4, 0x5000 | PRESENT_WRITABLE);
      machine.first.cr3 = DIRECTORY;
      machine.first.cr0 |= ControlRegisters.CR0_PG;
      machine.first.updateMode();
      MemoryRegion.Ram ram = (MemoryRegion.Ram) machine.memory.map().find(0);
      long entry = ram.hostAddress() + TABLE + 4 * 5;
      int[] resurrected = new int[1];

      machine.together(
          () -> load(machine),
          () -> {
            for (int i = 0; i < ROUNDS; i++) {
              int old = HostMemory.getInt(entry);
              while (!HostMemory.compareAndSetInt(entry, old, 0)) {
                old = HostMemory.getInt(entry);
              }
              Thread.onSpinWait();
              resurrected[0] += HostMemory.compareAndSetInt(entry, 0, 0) ? 0 : 1;
              HostMemory.putInt(entry, 0x5000 | PRESENT_WRITABLE);
            }
          });

      assertEquals(0, resurrected[0]);
    }
  }

  private static void load(TwoCpuMachine machine) {
    for (int i = 0; i < ROUNDS; i++) {
      try {
        machine.first.mmu.flushAll();
        machine.first.mmu.store8(0x5000, i);
      } catch (GuestFault notPresent) {
        machine.first.cr2 = 0;
      }
    }
  }
}
