package org.maloca.fuzz;

import java.util.ArrayList;
import java.util.List;

/**
 * MMX and SSE to SSE4.2, AES, PCLMULQDQ and SHA. Intel SDM volume 2, appendix A. SSE4A, 3DNow!,
 * GFNI and everything VEX- or EVEX-encoded on vectors are not offered by Maloca's CPUID.
 */
final class VectorForms {
  static final String TWO_BYTE =
      """
      10-11 N632 m 0 sse fp
      12 N32 m 0 sse fp
      12 6 M 0 sse fp
      13 N6 M 0 sse fp
      14-15 N6 m 0 sse fp
      16 N3 m 0 sse fp
      16 6 M 0 sse fp
      17 N6 M 0 sse fp
      28-29 N6 m 0 sse fp
      2a N6 m 0 x87
      2a 32 m 0 sse
      2b N6 M 0 sse fp
      2c-2d N6 m 0 x87 fp
      2c-2d 32 m 0 sse fp
      2e-2f N6 m 0 sse fp
      50 N6 R 0 sse fp
      51 N632 m 0 sse fp
      52-53 N3 m 0 sse fp approximate
      54-57 N6 m 0 sse fp
      58-59 N632 m 0 sse fp
      5a N632 m 0 sse fp
      5b N m 0 sse
      5b 63 m 0 sse f32
      5c-5f N632 m 0 sse fp
      60-6b N6 m 0 mmx
      6c-6d 6 m 0 mmx
      6e N6 m 0 mmx
      6f N63 m 0 mmx
      70 N632 m 1 mmx
      71/2 N6 R 1 mmx
      71/4 N6 R 1 mmx
      71/6 N6 R 1 mmx
      72/2 N6 R 1 mmx
      72/4 N6 R 1 mmx
      72/6 N6 R 1 mmx
      73/2-3 6 R 1 mmx
      73/6-7 6 R 1 mmx
      73/2 N R 1 mmx
      73/6 N R 1 mmx
      71/0-1 N R 1 mmx
      72/7 6 R 1 mmx
      73/0 6 R 1 mmx
      74-76 N6 m 0 mmx
      77 N - 0 mmx
      7c-7d 62 m 0 sse fp
      7e N63 m 0 mmx
      7f N63 m 0 mmx
      ae/0 N M 0 x87 fxsave
      ae/1 N M 0 x87 fxrstor
      ae/2 N M 0 sse ldmxcsr
      ae/3 N M 0 sse
      c2 N632 m 1 sse fp
      c4 N6 m 1 mmx
      c5 N6 R 1 mmx
      c6 N6 m 1 sse fp
      d0 6 m 0 sse f64
      d0 2 m 0 sse f32
      d1-d5 N6 m 0 mmx
      d6 6 m 0 sse
      d6 32 R 0 x87
      d7 N6 R 0 mmx
      d8-e5 N6 m 0 mmx
      e6 6 m 0 sse f64
      e6 3 m 0 sse
      e6 2 m 0 sse f64
      e7 N6 M 0 mmx
      e8-ef N6 m 0 mmx
      f0 2 M 0 sse
      f1-f6 N6 m 0 mmx
      f7 N6 R 0 mmx maskmov
      f8-fe N6 m 0 mmx
      """;

  static final String MAP_0F38 =
      """
      00-0b N6 m 0 mmx
      10 6 m 0 sse
      14-15 6 m 0 sse
      17 6 m 0 sse
      1c-1e N6 m 0 mmx
      20-25 6 m 0 sse
      28-29 6 m 0 sse
      2a 6 M 0 sse
      2b 6 m 0 sse
      30-35 6 m 0 sse
      37-41 6 m 0 sse
      c8-cd N m 0 sse
      db-df 6 m 0 sse
      """;

  static final String MAP_0F3A =
      """
      08 6 m 1 sse f32
      09 6 m 1 sse f64
      0a 6 m 1 sse f32
      0b 6 m 1 sse f64
      0c 6 m 1 sse f32
      0d 6 m 1 sse f64
      0e 6 m 1 sse
      0f N6 m 1 mmx
      14-17 6 m 1 sse
      20 6 m 1 sse
      21 6 m 1 sse f32
      22 6 m 1 sse
      40 6 m 1 sse f32
      41 6 m 1 sse f64
      42 6 m 1 sse
      44 6 m 1 sse
      60-61 6 m 1 sse lengths
      62-63 6 m 1 sse
      cc N m 1 sse
      df 6 m 1 sse
      """;

  private VectorForms() {}

  static List<Form> all() {
    var forms = new ArrayList<Form>();
    forms.addAll(Form.parse(Form.Map.TWO_BYTE, TWO_BYTE));
    forms.addAll(Form.parse(Form.Map.MAP_0F38, MAP_0F38));
    forms.addAll(Form.parse(Form.Map.MAP_0F3A, MAP_0F3A));
    return forms;
  }
}
