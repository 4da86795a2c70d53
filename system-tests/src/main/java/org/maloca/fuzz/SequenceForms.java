package org.maloca.fuzz;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What sequences are made of. Of integer instructions: those that leave flags, and those that use
 * them; an engine that computes flags lazily, or fuses a comparison with its branch, is wrong only
 * across instructions. No step leaves a flag undefined but AF, and no step reads AF. Of the others:
 * most, for what an instruction leaves behind in the unit. A part of the steps accesses memory, and
 * may fault when registers and flags have already changed.
 */
final class SequenceForms {
  private static final Form GPR = sequence(0, CaseKind.GPR, Form.Data.INT);
  private static final Form SSE = sequence(1, CaseKind.SSE, Form.Data.F32);
  private static final Form X87 = sequence(2, CaseKind.X87, Form.Data.INT);

  private static final Set<Form.Trait> NO_STEPS =
      EnumSet.of(
          Form.Trait.RARE,
          Form.Trait.APPROXIMATE,
          Form.Trait.MASKMOV,
          Form.Trait.FXSAVE,
          Form.Trait.FXRSTOR,
          Form.Trait.ENVIRONMENT,
          Form.Trait.FLDCW,
          Form.Trait.LDMXCSR);

  private static final String ONE_BYTE =
      """
      00-03 * R 0
      08-0b * R 0
      10-13 * R 0
      18-1b * R 0
      20-23 * R 0
      28-2b * R 0
      30-33 * R 0
      38-3b * R 0
      04 * - 1
      14 * - 1
      1c * - 1
      2c * - 1
      3c * - 1
      63 * R 0
      80/0-7 * R 1
      83/0-7 * R 1
      84-87 * R 0
      88-8b * R 0
      90-99 * - 0
      a8 * - 1
      b0-b7 * - 1
      d0/4-5 * R 0
      d0/7 * R 0
      d1/4-5 * R 0
      d1/7 * R 0
      d0-d1/2-3 * R 0
      f5 * - 0
      f6/2-3 * R 0
      f7/2-3 * R 0
      f8-f9 * - 0
      fe/0-1 * R 0
      ff/0-1 * R 0
      """;

  private static final String TWO_BYTE =
      """
      40-4f * R 0
      90-9f * R 0
      b6-b7 * R 0
      be-bf * R 0
      c0-c1 * R 0
      """;

  /** The same on memory, and what works on the stack. */
  private static final String ONE_BYTE_ON_MEMORY =
      """
      00-01 * M 0 lock
      02-03 * M 0
      08-09 * M 0 lock
      0a-0b * M 0
      10-11 * M 0 lock
      12-13 * M 0
      18-19 * M 0 lock
      1a-1b * M 0
      20-21 * M 0 lock
      22-23 * M 0
      28-29 * M 0 lock
      2a-2b * M 0
      30-31 * M 0 lock
      32-33 * M 0
      38-3b * M 0
      50-5f * - 0 stack
      63 * M 0
      68 * - z stack
      6a * - 1 stack
      80/0-6 * M 1 lock
      80/7 * M 1
      81/0-6 * M z lock
      81/7 * M z
      83/0-6 * M 1 lock
      83/7 * M 1
      84-85 * M 0
      86-87 * M 0 lock
      88-8b * M 0
      8d * M 0
      8f/0 * M 0 stack
      c6/0 * M 1
      c7/0 * M z
      d0/4-5 * M 0
      d0/7 * M 0
      d1/4-5 * M 0
      d1/7 * M 0
      d0-d1/2-3 * M 0
      f6/0 * M 1
      f6/2-3 * M 0 lock
      f7/2-3 * M 0 lock
      fe/0-1 * M 0 lock
      ff/0-1 * M 0 lock
      ff/6 * M 0 stack
      """;

  private static final String TWO_BYTE_ON_MEMORY =
      """
      40-4f * M 0
      90-9f * M 0
      b6-b7 * M 0
      be-bf * M 0
      c0-c1 * M 0 lock
      """;

  private static final String BRANCHES =
      """
      70-7f N - b
      """;

  private static final List<Form> GPR_STEPS = steps(ONE_BYTE, TWO_BYTE);

  /** Half of the sequences end with a branch. */
  private static final List<Form> GPR_LAST_STEPS =
      concat(
          Form.parse(Form.Map.TWO_BYTE, TWO_BYTE),
          concat(Form.parse(Form.Map.ONE_BYTE, BRANCHES), Form.parse(Form.Map.ONE_BYTE, BRANCHES)));

  private static final List<Form> GPR_MEMORY_STEPS = steps(ONE_BYTE_ON_MEMORY, TWO_BYTE_ON_MEMORY);

  private static final List<Form> SSE_STEPS = onRegisters(VectorForms.all(), CaseKind.SSE);

  private static final List<Form> X87_STEPS =
      onRegisters(concat(X87Forms.all(), VectorForms.all()), CaseKind.X87);

  private static final List<Form> SSE_MEMORY_STEPS = onMemory(VectorForms.all(), CaseKind.SSE);

  private static final List<Form> X87_MEMORY_STEPS =
      onMemory(concat(X87Forms.all(), VectorForms.all()), CaseKind.X87);

  private SequenceForms() {}

  private static Form sequence(int number, CaseKind kind, Form.Data data) {
    return new Form(
        Form.Map.SEQUENCE,
        number,
        -1,
        Form.ANY_PREFIX,
        Form.Modrm.NONE,
        Form.Immediate.NONE,
        kind,
        data,
        Set.of());
  }

  private static List<Form> steps(String oneByte, String twoByte) {
    return concat(Form.parse(Form.Map.ONE_BYTE, oneByte), Form.parse(Form.Map.TWO_BYTE, twoByte))
        .stream()
        .filter(SequenceForms::mayBeAStep)
        .toList();
  }

  private static List<Form> concat(List<Form> one, List<Form> other) {
    return Stream.concat(one.stream(), other.stream()).toList();
  }

  private static List<Form> onRegisters(List<Form> forms, CaseKind kind) {
    return forms.stream()
        .filter(form -> form.kind() == kind && form.modrm() != Form.Modrm.MEMORY)
        .filter(SequenceForms::mayBeAStep)
        .map(Form::onRegisters)
        .toList();
  }

  private static List<Form> onMemory(List<Form> forms, CaseKind kind) {
    return forms.stream()
        .filter(form -> form.kind() == kind)
        .filter(form -> form.modrm() == Form.Modrm.ANY || form.modrm() == Form.Modrm.MEMORY)
        .filter(SequenceForms::mayBeAStep)
        .map(Form::onMemory)
        .toList();
  }

  private static boolean mayBeAStep(Form form) {
    return Collections.disjoint(form.traits(), NO_STEPS)
        && !storesConditions(form)
        && (Makers.HOST_IS_AMD || !Makers.mayDiffer(form));
  }

  /** FNSTSW, for condition codes are left undefined by many. */
  private static boolean storesConditions(Form form) {
    return form.opcode() == 0xdf && form.extension() == 0x1e0
        || form.opcode() == 0xdd && form.extension() == 7;
  }

  /** Stands for all sequences of a kind. */
  static Form of(CaseKind kind) {
    return switch (kind) {
      case GPR -> GPR;
      case SSE -> SSE;
      case X87 -> X87;
    };
  }

  static List<Form> steps(CaseKind kind) {
    return switch (kind) {
      case GPR -> GPR_STEPS;
      case SSE -> SSE_STEPS;
      case X87 -> X87_STEPS;
    };
  }

  /** Steps whose operand is in memory, or that work on the stack. */
  static List<Form> memorySteps(CaseKind kind) {
    return switch (kind) {
      case GPR -> GPR_MEMORY_STEPS;
      case SSE -> SSE_MEMORY_STEPS;
      case X87 -> X87_MEMORY_STEPS;
    };
  }

  static List<Form> lastSteps(CaseKind kind) {
    return kind == CaseKind.GPR ? GPR_LAST_STEPS : steps(kind);
  }
}
