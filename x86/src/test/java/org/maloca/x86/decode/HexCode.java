package org.maloca.x86.decode;

import java.util.HexFormat;
import org.maloca.x86.CpuFeatures;
import org.maloca.x86.ir.CodeMode;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.InsnBuilder;

/** Code for tests, in hexadecimal; a fetch beyond its end is an error of the decoder. */
final class HexCode implements CodeBytes {
  private final byte[] bytes;
  private int expected;

  HexCode(String hex) {
    bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  @Override
  public int byteAt(int index) {
    if (index != expected++) {
      throw new AssertionError("bytes must be fetched in order, once: " + index);
    }
    return bytes[index] & 0xff;
  }

  /** The mode of flat protected code of 16, 32 or 64 bits. */
  static int mode(int bits) {
    return bits / 32 | CodeMode.FLAT | CodeMode.STACK_32;
  }

  static Insn decode(int mode, String hex) {
    InsnBuilder builder = new InsnBuilder();
    new Decoder(new CpuFeatures(1)).decode(new HexCode(hex), mode, 0, builder);
    return builder.build();
  }
}
