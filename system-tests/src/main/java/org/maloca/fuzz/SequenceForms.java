package org.maloca.fuzz;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What sequences are made of: instructions that leave flags, and instructions that use them. An
 * engine that computes flags lazily, or fuses a comparison with its branch, is wrong only across
 * instructions. No step leaves a flag undefined but AF, and no step reads AF.
 */
final class SequenceForms {
  /** Stands for all sequences. */
  static final Form SEQUENCE =
      new Form(
          Form.Map.SEQUENCE,
          0,
          -1,
          Form.ANY_PREFIX,
          Form.Modrm.NONE,
          Form.Immediate.NONE,
          CaseKind.GPR,
          Form.Data.INT,
          Set.of());

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

  private static final String BRANCHES =
      """
      70-7f N - b
      """;

  static final List<Form> STEPS =
      concat(Form.parse(Form.Map.ONE_BYTE, ONE_BYTE), Form.parse(Form.Map.TWO_BYTE, TWO_BYTE));

  /** Half of the sequences end with a branch. */
  static final List<Form> LAST_STEPS =
      concat(
          Form.parse(Form.Map.TWO_BYTE, TWO_BYTE),
          concat(Form.parse(Form.Map.ONE_BYTE, BRANCHES), Form.parse(Form.Map.ONE_BYTE, BRANCHES)));

  private SequenceForms() {}

  private static List<Form> concat(List<Form> one, List<Form> other) {
    return Stream.concat(one.stream(), other.stream()).toList();
  }
}
