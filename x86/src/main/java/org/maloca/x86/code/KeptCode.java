package org.maloca.x86.code;

import org.maloca.x86.CpuFeatures;
import org.maloca.x86.decode.CodeBytes;
import org.maloca.x86.decode.Decoder;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.InsnBuilder;

/**
 * The bytes that a block was decoded from: a quarter of what its instructions take, in a block that
 * nobody asks for them.
 */
final class KeptCode implements CodeBytes {
  private final byte[] bytes;

  /** Where the instruction that is being decoded begins. */
  private int start;

  private KeptCode(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Decodes it.
   *
   * @param mode {@link org.maloca.x86.ir.CodeMode} that it was decoded for the first time
   * @param count number of instructions
   */
  static Insn[] decode(byte[] bytes, CpuFeatures features, int mode, int count) {
    KeptCode code = new KeptCode(bytes);
    Decoder decoder = new Decoder(features);
    InsnBuilder builder = new InsnBuilder();
    Insn[] insns = new Insn[count];
    for (int i = 0; i < count; i++) {
      decoder.decode(code, mode, code.start, builder);
      insns[i] = builder.build();
      code.start = insns[i].nextOffset();
    }
    return insns;
  }

  @Override
  public int byteAt(int index) {
    return bytes[start + index] & 0xff;
  }
}
