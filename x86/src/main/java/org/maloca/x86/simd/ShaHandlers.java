package org.maloca.x86.simd;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/**
 * SHA-1 and SHA-256 rounds and message schedules (Intel SDM vol. 1, 12.15; FIPS 180-4). Memory
 * operands may be unaligned, as on AMD's CPUs.
 */
final class ShaHandlers {
  private ShaHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.SHA1RNDS4, ShaHandlers::sha1rnds4);
    table.put(Operation.SHA1NEXTE, ShaHandlers::sha1nexte);
    table.put(Operation.SHA1MSG1, ShaHandlers::sha1msg1);
    table.put(Operation.SHA1MSG2, ShaHandlers::sha1msg2);
    table.put(Operation.SHA256RNDS2, ShaHandlers::sha256rnds2);
    table.put(Operation.SHA256MSG1, ShaHandlers::sha256msg1);
    table.put(Operation.SHA256MSG2, ShaHandlers::sha256msg2);
  }

  private static int low(long pair) {
    return (int) pair;
  }

  private static int high(long pair) {
    return (int) (pair >>> 32);
  }

  private static long join(int low, int high) {
    return low & 0xffff_ffffL | (long) high << 32;
  }

  // SHA-1.

  private static void sha1rnds4(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int source = Sse.sourceUnaligned(cpu, insn);
    int destination = insn.register0 << 1;
    int function = (int) insn.immediate & 3;
    int a = high(xmm[destination + 1]);
    int b = low(xmm[destination + 1]);
    int c = high(xmm[destination]);
    int d = low(xmm[destination]);
    // The first word has E added in already.
    int e = 0;
    for (int i = 0; i < 4; i++) {
      int word = (int) (xmm[source + 1 - (i >>> 1)] >>> 32 * (~i & 1));
      int next = mix(function, b, c, d) + Integer.rotateLeft(a, 5) + word + e;
      e = d;
      d = c;
      c = Integer.rotateLeft(b, 30);
      b = a;
      a = next;
    }
    xmm[destination] = join(d, c);
    xmm[destination + 1] = join(b, a);
  }

  /** The round's function of three words plus its constant. */
  private static int mix(int function, int b, int c, int d) {
    return switch (function) {
      case 0 -> (b & c ^ ~b & d) + 0x5a82_7999;
      case 1 -> (b ^ c ^ d) + 0x6ed9_eba1;
      case 2 -> (b & c ^ b & d ^ c & d) + 0x8f1b_bcdc;
      default -> (b ^ c ^ d) + 0xca62_c1d6;
    };
  }

  private static void sha1nexte(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int s = Sse.sourceUnaligned(cpu, insn);
    int d = insn.register0 << 1;
    int e = Integer.rotateLeft(high(xmm[d + 1]), 30);
    xmm[d] = xmm[s];
    xmm[d + 1] = join(low(xmm[s + 1]), high(xmm[s + 1]) + e);
  }

  private static void sha1msg1(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int s = Sse.sourceUnaligned(cpu, insn);
    int d = insn.register0 << 1;
    long high = xmm[d + 1] ^ xmm[d];
    xmm[d] ^= xmm[s + 1];
    xmm[d + 1] = high;
  }

  private static void sha1msg2(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int s = Sse.sourceUnaligned(cpu, insn);
    int d = insn.register0 << 1;
    int w16 = Integer.rotateLeft(high(xmm[d + 1]) ^ low(xmm[s + 1]), 1);
    int w17 = Integer.rotateLeft(low(xmm[d + 1]) ^ high(xmm[s]), 1);
    int w18 = Integer.rotateLeft(high(xmm[d]) ^ low(xmm[s]), 1);
    int w19 = Integer.rotateLeft(low(xmm[d]) ^ w16, 1);
    xmm[d] = join(w19, w18);
    xmm[d + 1] = join(w17, w16);
  }

  // SHA-256.

  private static void sha256rnds2(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int source = Sse.sourceUnaligned(cpu, insn);
    int destination = insn.register0 << 1;
    int a = high(xmm[source + 1]);
    int b = low(xmm[source + 1]);
    int c = high(xmm[destination + 1]);
    int d = low(xmm[destination + 1]);
    int e = high(xmm[source]);
    int f = low(xmm[source]);
    int g = high(xmm[destination]);
    int h = low(xmm[destination]);
    long words = xmm[0];
    int t = choose(e, f, g) + bigSigma1(e) + low(words) + h;
    int a1 = t + majority(a, b, c) + bigSigma0(a);
    int e1 = t + d;
    t = choose(e1, e, f) + bigSigma1(e1) + high(words) + g;
    int a2 = t + majority(a1, a, b) + bigSigma0(a1);
    int e2 = t + c;
    xmm[destination] = join(e1, e2);
    xmm[destination + 1] = join(a1, a2);
  }

  private static int choose(int e, int f, int g) {
    return e & f ^ ~e & g;
  }

  private static int majority(int a, int b, int c) {
    return a & b ^ a & c ^ b & c;
  }

  private static int bigSigma0(int x) {
    return Integer.rotateRight(x, 2) ^ Integer.rotateRight(x, 13) ^ Integer.rotateRight(x, 22);
  }

  private static int bigSigma1(int x) {
    return Integer.rotateRight(x, 6) ^ Integer.rotateRight(x, 11) ^ Integer.rotateRight(x, 25);
  }

  private static int sigma0(int x) {
    return Integer.rotateRight(x, 7) ^ Integer.rotateRight(x, 18) ^ x >>> 3;
  }

  private static int sigma1(int x) {
    return Integer.rotateRight(x, 17) ^ Integer.rotateRight(x, 19) ^ x >>> 10;
  }

  private static void sha256msg1(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int s = Sse.sourceUnaligned(cpu, insn);
    int d = insn.register0 << 1;
    int w0 = low(xmm[d]) + sigma0(high(xmm[d]));
    int w1 = high(xmm[d]) + sigma0(low(xmm[d + 1]));
    int w2 = low(xmm[d + 1]) + sigma0(high(xmm[d + 1]));
    int w3 = high(xmm[d + 1]) + sigma0(low(xmm[s]));
    xmm[d] = join(w0, w1);
    xmm[d + 1] = join(w2, w3);
  }

  private static void sha256msg2(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int s = Sse.sourceUnaligned(cpu, insn);
    int d = insn.register0 << 1;
    int w16 = low(xmm[d]) + sigma1(low(xmm[s + 1]));
    int w17 = high(xmm[d]) + sigma1(high(xmm[s + 1]));
    int w18 = low(xmm[d + 1]) + sigma1(w16);
    int w19 = high(xmm[d + 1]) + sigma1(w17);
    xmm[d] = join(w16, w17);
    xmm[d + 1] = join(w18, w19);
  }
}
