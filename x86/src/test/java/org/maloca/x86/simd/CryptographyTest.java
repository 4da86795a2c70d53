package org.maloca.x86.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.maloca.x86.Cpu;

class CryptographyTest {
  private static final String AESENC_1_2 = "660f38dcca";
  private static final String AESDECLAST_1_2 = "660f38dfca";
  private static final String AESIMC_1_1 = "660f38dbc9";

  private final SimdMachine machine = new SimdMachine();
  private final Cpu cpu = machine.cpu;

  @AfterEach
  void close() {
    machine.close();
  }

  /** FIPS 197, appendix B, round 1: the state after AddRoundKey, the round key, the next state. */
  @Test
  void aRoundIsThatOfTheStandardsExample() {
    machine.xmm(1, littleEndian("9ac68d2ae9f84808"), littleEndian("193de3bea0f4e22b"));
    machine.xmm(2, littleEndian("23a339392a6c7605"), littleEndian("a0fafe1788542cb1"));
    machine.execute(AESENC_1_2);
    assertEquals(littleEndian("a49c7ff2689f352b"), cpu.xmm[2]);
    assertEquals(littleEndian("6b5bea43026a5049"), cpu.xmm[3]);
  }

  private static long littleEndian(String hex) {
    return Long.reverseBytes(Long.parseUnsignedLong(hex, 16));
  }

  @Test
  void decryptionUndoesEncryption() {
    Random random = new Random(2);
    for (int i = 0; i < 100; i++) {
      long low = random.nextLong();
      long high = random.nextLong();
      machine.xmm(1, high, low);
      machine.xmm(2, 0, 0);
      machine.execute(AESENC_1_2);
      machine.execute(AESIMC_1_1);
      machine.execute(AESDECLAST_1_2);
      assertEquals(low, cpu.xmm[2]);
      assertEquals(high, cpu.xmm[3]);
    }
  }

  @Test
  void carrylessProductsAreThoseOfLongMultiplication() {
    Random random = new Random(3);
    for (int i = 0; i < 2000; i++) {
      long a = random.nextLong() | random.nextLong() >> random.nextInt(64);
      long b = random.nextLong() | random.nextLong() >> random.nextInt(64);
      BigInteger product = BigInteger.ZERO;
      BigInteger wide = new BigInteger(Long.toUnsignedString(a));
      for (int bit = 0; bit < 64; bit++) {
        BigInteger chosen = BigInteger.valueOf(b >>> bit & 1);
        product = product.xor(wide.shiftLeft(bit).multiply(chosen));
      }
      assertEquals(product.longValue(), CarrylessMultiply.low(a, b));
      assertEquals(product.shiftRight(64).longValue(), CarrylessMultiply.high(a, b));
    }
    assertEquals(0x5555_5555_5555_5555L, CarrylessMultiply.low(-1, -1));
    assertEquals(0x5555_5555_5555_5555L, CarrylessMultiply.high(-1, -1));
  }
}
