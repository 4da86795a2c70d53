package org.maloca.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.maloca.x86.GuestFault;

class CaseGeneratorTest {
  private static final int CASES = 64;

  private static CaseBatch filled(CaseGenerator generator, long number) {
    var batch = CaseBatch.in(Arena.ofAuto(), generator.kindOf(number), CASES);
    generator.fill(batch, number);
    return batch;
  }

  @Test
  void aBatchDependsOnSeedAndNumberAlone() {
    var generator = new CaseGenerator(5, CASES);
    filled(generator, 3);
    var first = filled(generator, 4);
    var again = filled(new CaseGenerator(5, CASES), 4);

    assertEquals(-1, first.slot().mismatch(again.slot()));
  }

  @Test
  void anotherSeedGivesOtherCases() {
    var one = filled(new CaseGenerator(5, CASES), 0);
    var other = filled(new CaseGenerator(6, CASES), 0);

    assertNotEquals(-1, one.slot().mismatch(other.slot()));
  }

  @Test
  void everyFormIsMetInOneRound() {
    var generator = new CaseGenerator(1, CASES, 1, false, form -> form.kind() == CaseKind.X87);
    var met = new HashSet<Form>();
    var forms = generator.forms();
    for (int number = 0; number * CASES < 2 * forms.size(); number++) {
      var batch = CaseBatch.in(Arena.ofAuto(), CaseKind.X87, CASES);
      met.addAll(List.of(generator.fill(batch, number)));
    }

    assertEquals(new HashSet<>(forms), met);
  }

  @Test
  void aFormIsMetWithEveryModrmByte() {
    var generator = new CaseGenerator(1, 256, 1, false, form -> form.label().equals("01"));
    var batch = CaseBatch.in(Arena.ofAuto(), CaseKind.GPR, 256);
    generator.fill(batch, 0);
    var met = new HashSet<Integer>();
    for (int i = 0; i < 256; i++) {
      met.add(modrmAfter(batch.code(i), 0x01));
    }

    assertEquals(256, met.size());
  }

  /** The byte behind the opcode, which no prefix equals. */
  private static int modrmAfter(byte[] code, int opcode) {
    int at = 0;
    while (code[at] != opcode) {
      at++;
    }
    return code[at + 1] & 0xff;
  }

  /** There, an engine must have state ready that it would rather keep elsewhere. */
  @ParameterizedTest
  @EnumSource(CaseKind.class)
  void sequencesFaultAfterTheyHaveChangedRegisters(CaseKind kind) {
    var sequence = SequenceForms.of(kind);
    int cases = 4096;
    var generator = new CaseGenerator(1, cases, 1, false, sequence::equals);
    var batch = CaseBatch.in(Arena.ofAuto(), kind, cases);
    generator.fill(batch, 0);
    try (var executor = new MalocaExecutor(MalocaExecutor.Way.HANDLERS)) {
      executor.execute(batch);
    }

    assertTrue(IntStream.range(0, cases).anyMatch(i -> faultsInMidst(batch, i)));
  }

  private static boolean faultsInMidst(CaseBatch batch, int index) {
    boolean changed = batch.rflags(index) != batch.resultRflags(index);
    for (int i = 0; i < 16; i++) {
      changed |= batch.gpr(index, i) != batch.resultGpr(index, i);
    }
    return changed
        && batch.vector(index) == GuestFault.PF
        && batch.resultRip(index) != batch.codeGva(index);
  }

  @Test
  void refusesToGenerateNothing() {
    assertThrows(
        IllegalArgumentException.class, () -> new CaseGenerator(1, CASES, 1, false, form -> false));
  }

  @ParameterizedTest
  @EnumSource(CaseKind.class)
  void neverMakesAnInstructionThatLeavesTheCase(CaseKind kind) {
    var labels = FormTable.of(kind).stream().map(Form::label).toList();

    var forbidden = List.of("cd", "cf", "f1", "0f 05", "0f 34", "0f 31", "0f a2", "0f 01 /0");
    assertTrue(labels.stream().noneMatch(forbidden::contains), labels::toString);
  }
}
