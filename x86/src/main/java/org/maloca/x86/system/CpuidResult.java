package org.maloca.x86.system;

import java.nio.charset.StandardCharsets;

/** What a CPUID leaf returns. */
record CpuidResult(int eax, int ebx, int ecx, int edx) {
  static final CpuidResult ZERO = new CpuidResult(0, 0, 0, 0);

  /** A mask of the given bits. */
  static int bits(int... numbers) {
    int mask = 0;
    for (int number : numbers) {
      mask |= 1 << number;
    }
    return mask;
  }

  /** Four characters of a text, the first in the low byte; zeros after its end. */
  static int text(String text, int from) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    int value = 0;
    for (int i = 3; i >= 0; i--) {
      int at = from + i;
      value = value << 8 | (at < bytes.length ? bytes[at] : 0);
    }
    return value;
  }
}
