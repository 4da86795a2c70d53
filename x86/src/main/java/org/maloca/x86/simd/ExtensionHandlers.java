package org.maloca.x86.simd;

import java.util.function.LongUnaryOperator;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.interpret.InsnHandler;
import org.maloca.x86.ir.Operation;

/** PMOVSX and PMOVZX: a register's low elements widened to fill a register. */
final class ExtensionHandlers {
  private static final long WORD_SIGNS_OF_BYTES = 0x0080_0080_0080_0080L;
  private static final long DWORD_SIGNS_OF_WORDS = 0x0000_8000_0000_8000L;

  private ExtensionHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.PMOVSXBW, handler(8, ExtensionHandlers::bytesToWords));
    table.put(Operation.PMOVSXBD, handler(4, a -> pair((byte) a, (byte) (a >> 8))));
    table.put(Operation.PMOVSXBQ, handler(2, a -> (byte) a));
    table.put(Operation.PMOVSXWD, handler(8, ExtensionHandlers::wordsToDwords));
    table.put(Operation.PMOVSXWQ, handler(4, a -> (short) a));
    table.put(Operation.PMOVSXDQ, handler(8, a -> (int) a));
    table.put(Operation.PMOVZXBW, handler(8, Swar::widenBytes));
    table.put(Operation.PMOVZXBD, handler(4, a -> a & 0xff | (a >>> 8 & 0xff) << 32));
    table.put(Operation.PMOVZXBQ, handler(2, a -> a & 0xff));
    table.put(Operation.PMOVZXWD, handler(8, Swar::widenWords));
    table.put(Operation.PMOVZXWQ, handler(4, a -> a & 0xffff));
    table.put(Operation.PMOVZXDQ, handler(8, a -> a & 0xffff_ffffL));
  }

  private static InsnHandler handler(int sourceSize, LongUnaryOperator widen) {
    int half = 4 * sourceSize;
    return (cpu, insn) -> {
      long source = Sse.sourceBytes(cpu, insn, sourceSize);
      int d = insn.register0 << 1;
      cpu.xmm[d] = widen.applyAsLong(source);
      cpu.xmm[d + 1] = widen.applyAsLong(source >>> half);
    };
  }

  private static long pair(int low, int high) {
    return low & 0xffff_ffffL | (long) high << 32;
  }

  private static long bytesToWords(long a) {
    long words = Swar.widenBytes(a) ^ WORD_SIGNS_OF_BYTES;
    return Swar.sub(words, WORD_SIGNS_OF_BYTES, Swar.WORDS);
  }

  private static long wordsToDwords(long a) {
    long dwords = Swar.widenWords(a) ^ DWORD_SIGNS_OF_WORDS;
    return Swar.sub(dwords, DWORD_SIGNS_OF_WORDS, Swar.DWORDS);
  }
}
