package org.maloca.x86.mmu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.core.cpu.SegmentState;
import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;
import org.maloca.x86.GuestFault;
import org.maloca.x86.TwoCpuMachine;

/** What walks remember of upper levels, and what makes them forget it. */
class LongPagingTest {
  private static final int TOP = 0x1000;
  private static final int POINTERS = 0x2000;
  private static final int DIRECTORY = 0x3000;
  private static final int TABLE = 0x4000;
  private static final int OTHER_TABLE = 0x5000;
  private static final int OTHER_TOP = 0x6000;
  private static final int DATA = 0x8000;
  private static final long VA = 0x7f00_0020_0000L;
  private static final int ALL = 7;
  private static final int NOT_USER = 3;
  private static final int NOT_WRITABLE = 5;
  private static final long NX = 1L << 63;

  private final TwoCpuMachine machine = new TwoCpuMachine();
  private final Cpu cpu = machine.first;
  private final Mmu mmu = cpu.mmu;

  @BeforeEach
  void enterLongMode() {
    entry(TOP, VA >>> 39, POINTERS | ALL);
    entry(OTHER_TOP, VA >>> 39, POINTERS | ALL);
    entry(POINTERS, VA >>> 30, DIRECTORY | ALL);
    entry(DIRECTORY, VA >>> 21, TABLE | ALL);
    for (int i = 0; i < 8; i++) {
      entry(TABLE, i, DATA + 0x1000 * i | ALL);
      entry(OTHER_TABLE, i, DATA + 0x1000 * (7 - i) | ALL);
      machine.memory.write(DATA + 0x1000 * i, 8, i);
    }
    cpu.efer = 0xd01;
    cpu.cr4 = ControlRegisters.CR4_PAE;
    cpu.cr3 = TOP;
    cpu.cr0 |= ControlRegisters.CR0_PG | ControlRegisters.CR0_WP;
    cpu.segments[Cpu.CS].attributes |= SegmentState.ATTR_L;
    cpu.updateMode();
  }

  @AfterEach
  void close() {
    machine.close();
  }

  private void entry(int table, long index, long value) {
    machine.memory.write(table + 8 * (index & 0x1ff), 8, value);
  }

  private static long page(int number) {
    return VA + 0x1000L * number;
  }

  private void enterUserMode() {
    cpu.cpl = 3;
    cpu.updateMode();
  }

  private int faultOf(Runnable access) {
    GuestFault fault = assertThrows(GuestFault.class, access::run);
    assertEquals(GuestFault.PF, fault.vector);
    return fault.errorCode;
  }

  @Test
  void pagesOfOneTableAreTranslatedEach() {
    for (int i = 0; i < 8; i++) {
      assertEquals(i, mmu.load64(page(i)));
    }
  }

  @Test
  void aTableIsExchangedByAnInvalidationOfAnyPage() {
    assertEquals(1, mmu.load64(page(1)));
    entry(DIRECTORY, VA >>> 21, OTHER_TABLE | ALL);

    mmu.flushPage(0x1234_5000L);

    assertEquals(5, mmu.load64(page(2)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aTableIsExchangedByALoadOfCr3(boolean keeps) {
    assertEquals(1, mmu.load64(page(1)));
    entry(DIRECTORY, VA >>> 21, OTHER_TABLE | ALL);

    cpu.cr3 = OTHER_TOP;
    mmu.enterAddressSpace(keeps);

    assertEquals(5, mmu.load64(page(2)));
  }

  @Test
  void whatAnUpperLevelForbidsStaysForbiddenOnceItIsRemembered() {
    entry(DIRECTORY, VA >>> 21, TABLE | NX | 1);
    assertEquals(1, mmu.load64(page(1)));

    assertEquals(PageWalker.ERROR_PRESENT | PageWalker.ERROR_WRITE, storeFault(2));
    assertEquals(2, mmu.load64(page(2)));
    assertEquals(
        PageWalker.ERROR_PRESENT | PageWalker.ERROR_FETCH,
        faultOf(() -> mmu.translateFetch(page(3))));
    assertEquals(3, mmu.load64(page(3)));
    enterUserMode();
    assertEquals(
        PageWalker.ERROR_PRESENT | PageWalker.ERROR_USER, faultOf(() -> mmu.load64(page(4))));
  }

  private int storeFault(int number) {
    return faultOf(() -> mmu.store64(page(number), -1));
  }

  /** A guest that permits more need not invalidate: it may get one fault for it. */
  @Test
  void afterAPageFaultUpperLevelsAreReadAnew() {
    entry(DIRECTORY, VA >>> 21, TABLE | NOT_WRITABLE);
    assertEquals(1, mmu.load64(page(1)));
    storeFault(2);
    entry(DIRECTORY, VA >>> 21, TABLE | ALL);

    mmu.store64(page(2), 42);

    assertEquals(42, machine.memory.read(DATA + 0x2000, 8));
  }

  @Test
  void aStoreAcrossPagesThatMayNotWriteTheSecondWritesNothing() {
    entry(TABLE, 2, DATA + 0x2000 | NOT_WRITABLE);
    mmu.store64(page(1) + 0xff8, 7);

    storeAcrossFaults();

    assertEquals(7, machine.memory.read(DATA + 0x1ff8, 8));
  }

  private void storeAcrossFaults() {
    faultOf(() -> mmu.store64(page(1) + 0xffc, -1));
  }

  @Test
  void whatTheCpuReadsForItselfIsNotTheUsers() {
    entry(TABLE, 1, DATA + 0x1000 | NOT_USER);
    enterUserMode();

    assertEquals(1, mmu.systemLoad(page(1), 8));

    assertEquals(
        PageWalker.ERROR_PRESENT | PageWalker.ERROR_USER, faultOf(() -> mmu.load64(page(1))));
  }

  @Test
  void whatTheCpuReadsForItselfIsInvalidatedToo() {
    assertEquals(1, mmu.systemLoad(page(1), 8));
    entry(TABLE, 1, DATA + 0x5000 | NOT_USER);

    mmu.flushPage(page(1));

    assertEquals(5, mmu.systemLoad(page(1), 8));
  }

  @Test
  void anAccessOutOfTheLowerHalfIsNotCanonicalWhateverItsFirstPageIs() {
    long last = 0x7fff_ffff_ffffL;
    assertEquals(GuestFault.GP, assertThrows(GuestFault.class, () -> mmu.load(last, 4)).vector);
    assertEquals(GuestFault.GP, assertThrows(GuestFault.class, () -> mmu.store(last, 4, 0)).vector);
    assertEquals(
        GuestFault.GP, assertThrows(GuestFault.class, () -> mmu.probeWrite(last, 4)).vector);
    assertEquals(GuestFault.PF, assertThrows(GuestFault.class, () -> mmu.load(last, 1)).vector);
  }
}
