package org.maloca.x86.mmu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.maloca.core.memory.HostMemory;

class TlbTest {
  private static final long VA = 0x7f12_3056_7000L;
  private static final long HOST = 0x10_0000;
  private static final long SEED = 41;

  private final Tlb tlb = new Tlb();

  private void fill(int bank, long va, long writeTag, boolean global, int shift) {
    tlb.fill(tlb.bank(bank), va, HOST, va >>> 12 & 0xffff, writeTag, global, shift);
  }

  private static long tag(TlbBank bank, long va, int which) {
    return HostMemory.getLong(bank.address() + (va >>> Tlb.OFFSET_SHIFT & Tlb.OFFSET_MASK) + which);
  }

  private boolean reads(int bank, long va) {
    return tag(tlb.bank(bank), va, Tlb.READ_TAG) == va;
  }

  private boolean writes(int bank, long va) {
    return tag(tlb.bank(bank), va, Tlb.WRITE_TAG) == va;
  }

  @Test
  void anEmptyBankMatchesNoAddress() {
    assertFalse(reads(Tlb.BANK_USER, 0));
    assertFalse(reads(Tlb.BANK_DEAD, 0));
    assertFalse(reads(Tlb.BANK_SUPERVISOR, -0x1000));
  }

  @Test
  void aFilledPageIsFoundInItsBankOnly() {
    fill(Tlb.BANK_USER, VA, 0, false, 12);

    assertTrue(reads(Tlb.BANK_USER, VA));
    assertTrue(writes(Tlb.BANK_USER, VA));
    assertFalse(reads(Tlb.BANK_SUPERVISOR, VA));
    assertEquals(HOST, VA + tag(tlb.bank(Tlb.BANK_USER), VA, Tlb.ADDEND));
  }

  @Test
  void spaceIsForSixtyFourMebibytesOfPages() {
    for (int i = 0; i < Tlb.ENTRIES; i++) {
      fill(Tlb.BANK_USER, VA + ((long) i << 12), 0, false, 12);
    }

    for (int i = 0; i < Tlb.ENTRIES; i++) {
      assertTrue(reads(Tlb.BANK_USER, VA + ((long) i << 12)));
    }
    assertEquals(64 << 20, Tlb.ENTRIES << 12);
  }

  @Test
  void aLoadOfCr3KeepsGlobalPages() {
    fill(Tlb.BANK_SUPERVISOR, VA, 0, false, 12);
    fill(Tlb.BANK_SUPERVISOR, VA + 0x1000, 0, true, 12);
    fill(Tlb.BANK_USER, VA, 0, false, 12);

    assertFalse(tlb.enter(0, false));

    assertFalse(reads(Tlb.BANK_SUPERVISOR, VA));
    assertTrue(reads(Tlb.BANK_SUPERVISOR, VA + 0x1000));
    assertFalse(reads(Tlb.BANK_USER, VA));
  }

  @Test
  void aPageThatIsNoLongerGlobalGoes() {
    fill(Tlb.BANK_SUPERVISOR, VA, 0, true, 12);
    fill(Tlb.BANK_SUPERVISOR, VA, 0, false, 12);

    tlb.flushLocal();

    assertFalse(reads(Tlb.BANK_SUPERVISOR, VA));
  }

  @Test
  void aSpaceThatIsEnteredAgainHasItsPages() {
    tlb.enter(7, false);
    fill(Tlb.BANK_USER, VA, 0, false, 12);
    tlb.enter(8, true);
    assertFalse(reads(Tlb.BANK_USER, VA));

    assertTrue(tlb.enter(7, true));

    assertTrue(reads(Tlb.BANK_USER, VA));
  }

  @Test
  void aSpaceThatIsEnteredWithoutKeepingHasNone() {
    tlb.enter(7, false);
    fill(Tlb.BANK_USER, VA, 0, false, 12);
    tlb.enter(8, true);

    assertFalse(tlb.enter(7, false));

    assertFalse(reads(Tlb.BANK_USER, VA));
  }

  @Test
  void theSpaceThatWasEnteredLongestAgoMakesRoom() {
    for (int pcid = 1; pcid <= Tlb.SPACES + 1; pcid++) {
      tlb.enter(pcid, true);
      fill(Tlb.BANK_USER, VA, 0, false, 12);
    }

    assertTrue(tlb.enter(3, true));
    assertTrue(reads(Tlb.BANK_USER, VA));
    assertFalse(tlb.enter(1, true));
    assertFalse(reads(Tlb.BANK_USER, VA));
  }

  @Test
  void aForgottenSpaceIsNotFoundAgain() {
    tlb.enter(7, false);
    fill(Tlb.BANK_USER, VA, 0, false, 12);
    tlb.enter(8, true);

    tlb.forgetSpace(7);

    assertFalse(tlb.enter(7, true));
    assertFalse(reads(Tlb.BANK_USER, VA));
  }

  @Test
  void aPageIsFlushedInEverySpaceAndBank() {
    tlb.enter(7, false);
    fill(Tlb.BANK_USER, VA, 0, true, 12);
    tlb.enter(8, true);
    fill(Tlb.BANK_USER, VA, 0, false, 12);
    fill(Tlb.BANK_SUPERVISOR, VA, 0, true, 12);
    fill(Tlb.BANK_SUPERVISOR_SMAP, VA, 0, false, 12);
    fill(Tlb.BANK_SUPERVISOR, VA + 0x1000, 0, false, 12);

    tlb.flushPage(VA + 0xfff);

    assertFalse(reads(Tlb.BANK_USER, VA));
    assertFalse(reads(Tlb.BANK_SUPERVISOR, VA));
    assertFalse(reads(Tlb.BANK_SUPERVISOR_SMAP, VA));
    assertTrue(reads(Tlb.BANK_SUPERVISOR, VA + 0x1000));
    tlb.enter(7, true);
    assertFalse(reads(Tlb.BANK_USER, VA));
  }

  @Test
  void allPartsOfALargePageAreFlushedTogether() {
    long large = 0x4020_0000L;
    fill(Tlb.BANK_SUPERVISOR, large + 0x3000, 0, false, 21);
    fill(Tlb.BANK_SUPERVISOR, large + 0x1f_f000, 0, false, 21);
    fill(Tlb.BANK_SUPERVISOR, large + 0x80_0000, 0, false, 21);
    fill(Tlb.BANK_SUPERVISOR, large + 0x5000, 0, false, 12);

    tlb.flushPage(large + 0x10_0000);

    assertFalse(reads(Tlb.BANK_SUPERVISOR, large + 0x3000));
    assertFalse(reads(Tlb.BANK_SUPERVISOR, large + 0x1f_f000));
    assertTrue(reads(Tlb.BANK_SUPERVISOR, large + 0x80_0000));
    assertTrue(reads(Tlb.BANK_SUPERVISOR, large + 0x5000));
  }

  @Test
  void allPartsOfAHugePageAreFlushedTogether() {
    long huge = 3L << 30;
    fill(Tlb.BANK_SUPERVISOR, huge + 0x3000, 0, false, 30);
    fill(Tlb.BANK_SUPERVISOR, huge + 0x3f12_3000, 0, false, 30);
    fill(Tlb.BANK_SUPERVISOR, (1L << 30) + 0x8000, 0, false, 30);

    tlb.flushPage(huge + 0x2000_0000);

    assertFalse(reads(Tlb.BANK_SUPERVISOR, huge + 0x3000));
    assertFalse(reads(Tlb.BANK_SUPERVISOR, huge + 0x3f12_3000));
    assertTrue(reads(Tlb.BANK_SUPERVISOR, (1L << 30) + 0x8000));
  }

  @Test
  void aProtectedPageLetsNoStoresThroughWhereverItIsMapped() {
    TlbBank user = tlb.bank(Tlb.BANK_USER);
    TlbBank supervisor = tlb.bank(Tlb.BANK_SUPERVISOR);
    tlb.fill(user, VA, HOST, 5, 0, false, 12);
    tlb.fill(user, VA + 0x1000, HOST, 5 + 4096, 0, false, 12);
    tlb.fill(user, VA + 0x2000, HOST, 5, 0, false, 12);
    tlb.fill(supervisor, VA, HOST, 5, 0, false, 12);

    tlb.protectRamPage(5);

    assertEquals(VA | Tlb.WATCHED_TAG, tag(user, VA, Tlb.WRITE_TAG));
    assertEquals(VA + 0x2000 | Tlb.WATCHED_TAG, tag(user, VA + 0x2000, Tlb.WRITE_TAG));
    assertFalse(writes(Tlb.BANK_SUPERVISOR, VA));
    assertTrue(writes(Tlb.BANK_USER, VA + 0x1000));
    assertTrue(reads(Tlb.BANK_USER, VA));
  }

  /** What lists and journals keep track of stays what entries say, whatever happens to them. */
  @Test
  void bookkeepingFollowsRandomFillsFlushesAndProtections() {
    Random random = new Random(SEED);
    Map<Long, Long> writable = new HashMap<>();
    Map<Long, Boolean> global = new HashMap<>();
    TlbBank bank = tlb.bank(Tlb.BANK_USER);
    for (int step = 0; step < 200_000; step++) {
      long va = VA + ((long) random.nextInt(64) << 12) + ((long) random.nextInt(2) << 26);
      long rival = va ^ 1L << 26;
      int action = random.nextInt(1000);
      if (action < 900) {
        long ramPage = random.nextInt(8) * 4096L + random.nextInt(2);
        boolean direct = random.nextInt(3) > 0;
        global.put(va, random.nextBoolean());
        bank.fill(va, HOST, ramPage, direct ? 0 : Tlb.WATCHED_TAG, global.get(va), false);
        global.remove(rival);
        writable.remove(rival);
        writable.remove(va);
        if (direct) {
          writable.put(va, ramPage);
        }
      } else if (action < 950) {
        bank.flushPage(va);
        writable.remove(va);
        global.remove(va);
      } else if (action < 990) {
        long ramPage = random.nextInt(8) * 4096L + random.nextInt(2);
        bank.protect(ramPage);
        writable.values().removeIf(page -> page == ramPage);
      } else if (action < 998) {
        bank.flushLocal();
        global.values().removeIf(isGlobal -> !isGlobal);
        writable.keySet().retainAll(global.keySet());
      } else {
        bank.flushAll();
        writable.clear();
        global.clear();
      }
      if (step % 100 == 0) {
        check(bank, writable, global);
      }
    }
  }

  private void check(TlbBank bank, Map<Long, Long> writable, Map<Long, Boolean> filled) {
    for (int i = 0; i < 64; i++) {
      for (long high = 0; high < 2; high++) {
        long va = VA + ((long) i << 12) + (high << 26);
        assertEquals(filled.containsKey(va), reads(Tlb.BANK_USER, va));
        assertEquals(writable.containsKey(va), writes(Tlb.BANK_USER, va));
        if (writable.containsKey(va)) {
          assertEquals(writable.get(va), bank.ramPage(va));
        }
      }
    }
  }
}
