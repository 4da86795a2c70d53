package org.maloca.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CaseComparatorTest {
  private static final int UD = 6;
  private static final int GP = 13;
  private static final int PF = 14;
  private static final int USER_FETCH = 0x14;
  private static final int USER_READ = 4;

  /** Four bytes before a page's end. */
  private static final int OFFSET = 0xffc;

  private static CaseBatch batch(String hex) {
    CaseBatch batch = CaseBatch.in(Arena.ofAuto(), CaseKind.GPR, 1);
    byte[] code = HexFormat.of().parseHex(hex);
    batch.code(0, OFFSET, 1, code, code.length);
    batch.size(1);
    batch.resultRip(0, batch.codeGva(0));
    return batch;
  }

  private static CaseBatch faulting(String hex, int vector, int errorCode) {
    CaseBatch batch = batch(hex);
    long next = (batch.codeGva(0) | 0xfff) + 1;
    batch.fault(0, vector, errorCode, vector == PF ? next : 0);
    return batch;
  }

  @ParameterizedTest
  @CsvSource({
    "47c442e3f73d, true",
    "f0c4e2e3f73d, true",
    "6547c5f877, true",
    "c442e3f73d00, false",
    "65c442e3f73d, false",
    "470fc4c000, false",
  })
  void onlyPrefixesBeforeVexLeaveOpenWhichFaultIsFirst(String hex, boolean open) {
    CaseBatch invalid = faulting(hex, UD, 0);
    CaseBatch unfetched = faulting(hex, PF, USER_FETCH);
    assertEquals(open, CaseComparator.endsEitherWay(invalid, unfetched, 0));
    assertEquals(open, CaseComparator.endsEitherWay(unfetched, invalid, 0));
  }

  @Test
  void otherFaultsMustBeTheSame() {
    String hex = "47c442e3f73d";
    CaseBatch invalid = faulting(hex, UD, 0);
    assertFalse(CaseComparator.endsEitherWay(invalid, faulting(hex, GP, 0), 0));
    assertFalse(CaseComparator.endsEitherWay(invalid, faulting(hex, PF, USER_READ), 0));
    assertFalse(CaseComparator.endsEitherWay(invalid, faulting(hex, UD, 0), 0));
    assertTrue(CaseComparator.endsEitherWay(invalid, faulting(hex, PF, USER_FETCH), 0));
  }
}
