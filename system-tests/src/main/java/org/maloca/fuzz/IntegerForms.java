package org.maloca.fuzz;

import java.util.ArrayList;
import java.util.List;

/**
 * The general-purpose instructions, and everything user mode must not do (#UD, #GP). Intel SDM
 * volume 2, appendix A.
 *
 * <p>Left out because their result is not a function of the case, or because they would leave it:
 * SYSCALL, SYSENTER, INT n, INT1, far transfers, IRET, loads of segment registers, RDTSC, RDTSCP,
 * RDPMC, RDRAND, RDSEED, RDPID, CPUID, XGETBV, XSAVE, hypercalls, and SGDT, SIDT, SLDT, STR, SMSW,
 * LAR and LSL, which depend on the host's kernel.
 */
final class IntegerForms {
  static final String ONE_BYTE =
      """
      00-01 * m 0 lock
      02-03 * m 0
      04 * - 1
      05 * - z
      08-09 * m 0 lock logic
      0a-0b * m 0 logic
      0c * - 1 logic
      0d * - z logic
      10-11 * m 0 lock
      12-13 * m 0
      14 * - 1
      15 * - z
      18-19 * m 0 lock
      1a-1b * m 0
      1c * - 1
      1d * - z
      20-21 * m 0 lock logic
      22-23 * m 0 logic
      24 * - 1 logic
      25 * - z logic
      28-29 * m 0 lock
      2a-2b * m 0
      2c * - 1
      2d * - z
      30-31 * m 0 lock logic
      32-33 * m 0 logic
      34 * - 1 logic
      35 * - z logic
      38-3b * m 0
      3c * - 1
      3d * - z
      06-07 * - 0 rare
      0e * - 0 rare
      16-17 * - 0 rare
      1e-1f * - 0 rare
      27 * - 0 rare
      2f * - 0 rare
      37 * - 0 rare
      3f * - 0 rare
      50-5f * - 0 stack
      60-61 * - 0 rare
      63 * m 0
      68 * - z stack
      69 * m z mul
      6a * - 1 stack
      6b * m 1 mul
      6c-6f * - 0 string rare
      70-7f * - b no66
      80/0-6 * m 1 lock
      80/1 * m 1 lock logic
      80/4 * m 1 lock logic
      80/6 * m 1 lock logic
      80/7 * m 1
      81/0-6 * m z lock
      81/1 * m z lock logic
      81/4 * m z lock logic
      81/6 * m z lock logic
      81/7 * m z
      82/0-7 * m 1 rare
      83/0-6 * m 1 lock
      83/1 * m 1 lock logic
      83/4 * m 1 lock logic
      83/6 * m 1 lock logic
      83/7 * m 1
      84-85 * m 0 logic
      86-87 * m 0 lock
      88-8b * m 0
      8c * m 0
      8d * m 0
      8f/0 * m 0 stack
      90-99 * - 0
      9a * - 0 rare
      9c * - 0 stack
      9d * - 0 stack popf
      9e-9f * - 0
      a0-a3 * - o
      a4-a7 * - 0 string
      a8 * - 1 logic
      a9 * - z logic
      aa-af * - 0 string
      b0-b7 * - 1
      b8-bf * - v
      c0/0-3 * m 1 rotate_flags
      c0/4-7 * m 1 shift_flags
      c1/0-3 * m 1 rotate_flags
      c1/4-7 * m 1 shift_flags
      c2 * - 2 stack indirect no66
      c3 * - 0 stack indirect no66
      c6/0 * m 1
      c6/1-6 * m 1 rare
      c7/0 * m z
      c7/1-6 * m z rare
      c8 * - e stack leave
      c9 * - 0 stack leave
      cc * - 0 rare
      ce * - 0 rare
      d0/0-3 * m 0 rotate_flags
      d0/4-7 * m 0 shift_flags
      d1/0-3 * m 0 rotate_flags
      d1/4-7 * m 0 shift_flags
      d2/0-3 * m 0 rotate_flags shift
      d2/4-7 * m 0 shift_flags shift
      d3/0-3 * m 0 rotate_flags shift
      d3/4-7 * m 0 shift_flags shift
      d4-d6 * - 0 rare
      d7 * - 0 xlat
      e0-e3 * - b no66 loop
      e4-e7 * - 1 rare
      e8 * - r no66 stack
      e9 * - r no66
      ea * - 0 rare
      eb * - b no66
      ec-ef * - 0 rare
      f4 * - 0 rare
      70-7f 6 - b amd
      c2 6 - 2 stack indirect amd
      c3 6 - 0 stack indirect amd
      e0-e3 6 - b loop amd
      e8 6 - r stack amd
      e9 6 - r amd
      eb 6 - b amd
      ff/2 6 m 0 indirect stack amd
      ff/4 6 m 0 indirect amd
      f5 * - 0
      f6/0-1 * m 1 logic
      f6/2-3 * m 0 lock
      f6/4-5 * m 0 mul
      f6/6-7 * m 0 div
      f7/0-1 * m z logic
      f7/2-3 * m 0 lock
      f7/4-5 * m 0 mul
      f7/6-7 * m 0 div
      f8-f9 * - 0
      fa-fb * - 0 rare
      fc-fd * - 0
      fe/0-1 * m 0 lock
      fe/2-7 * m 0 rare
      ff/0-1 * m 0 lock
      ff/2 * m 0 no66 indirect stack
      ff/4 * m 0 no66 indirect
      ff/6 * m 0 stack
      ff/7 * m 0 rare
      """;

  static final String TWO_BYTE =
      """
      00/2-3 N R 0 rare
      01/2-3 N M 0 rare
      01/6 N R 0 rare
      01/7 N M 0 rare
      04 N - 0 rare
      06 N - 0 rare
      08-09 N - 0 rare
      0a-0c N - 0 rare
      0d * M 0
      18-1f * m 0
      24-27 N R 0 rare
      30 * - 0 rare
      32 * - 0 rare
      36 N - 0 rare
      39 N - 0 rare
      3b-3f N - 0 rare
      40-4f * m 0
      7a-7b N m 0 rare
      80-8f * - r no66
      80-8f 6 - r amd
      90-9f * m 0
      a0 * - 0 stack
      a3 * m 0 bit_test bitbase
      a4 * m 1 double_shift
      a5 * m 0 double_shift shift
      a6-a7 N m 0 rare
      a8 * - 0 stack
      aa N - 0 rare
      ab * m 0 bit_test bitbase lock
      ac * m 1 double_shift
      ad * m 0 double_shift shift
      ae/0-3 3 R 0 fsbase
      ae/5-7 N R 0
      ae/7 N6 M 0
      af * m 0 mul
      b0-b1 * m 0 lock cmpxchg
      b3 * m 0 bit_test bitbase lock
      b6-b7 * m 0
      b8 3 m 0
      b8 N m 0 rare
      b9 * m 0 rare
      ba/0-3 * m 1 rare
      ba/4 * m 1 bit_test
      ba/5-7 * m 1 bit_test lock
      bb * m 0 bit_test bitbase lock
      bc-bd N62 m 0 scan
      bc-bd 3 m 0 count
      be-bf * m 0
      c0-c1 * m 0 lock
      c3 N M 0
      c7/1 N M 0 lock cmpxchg8
      c8-cf * - 0 no66
      ff N m 0 rare
      """;

  static final String MAP_0F38 =
      """
      f0-f1 N6 M 0
      f0-f1 2 m 0
      f6 63 m 0
      """;

  /** BMI1 and BMI2, VEX.LZ only. */
  static final String VEX_0F38 =
      """
      f2 N m 0 bls
      f3/1-3 N m 0 bls
      f5 N m 0 bls
      f5 32 m 0
      f6 2 m 0
      f7 N m 0 bextr
      f7 632 m 0
      """;

  static final String VEX_0F3A =
      """
      f0 2 m 1
      """;

  private IntegerForms() {}

  /** A later line of the table replaces an earlier one of the same form. */
  static List<Form> all() {
    var forms = new ArrayList<Form>();
    forms.addAll(Form.parse(Form.Map.ONE_BYTE, ONE_BYTE));
    forms.addAll(Form.parse(Form.Map.TWO_BYTE, TWO_BYTE));
    forms.addAll(Form.parse(Form.Map.MAP_0F38, MAP_0F38));
    forms.addAll(Form.parse(Form.Map.VEX_0F38, VEX_0F38));
    forms.addAll(Form.parse(Form.Map.VEX_0F3A, VEX_0F3A));
    return forms;
  }
}
