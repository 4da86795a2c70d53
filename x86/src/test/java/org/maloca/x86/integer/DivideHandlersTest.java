package org.maloca.x86.integer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.maloca.x86.Cpu;
import org.maloca.x86.GuestFault;
import org.maloca.x86.ir.Operation;

class DivideHandlersTest {
  private final IntegerMachine machine = new IntegerMachine();
  private final Cpu cpu = machine.cpu;

  @AfterEach
  void close() {
    machine.close();
  }

  private void divide(Operation operation, int size, long high, long low, long divisor) {
    cpu.rdx = high;
    cpu.rax = low;
    cpu.rbx = divisor;
    machine.execute(
        operation,
        insn -> {
          insn.operandSize = size;
          IntegerMachine.register(insn, 0, Cpu.RBX);
        });
  }

  @ParameterizedTest
  @CsvSource({
    "DIV, 1, 0, 5, 0",
    "DIV, 1, 0, 0x100, 1",
    "DIV, 4, 1, 0, 1",
    "DIV, 8, 1, 0, 1",
    "DIV, 8, 0, 1, 0",
    "IDIV, 1, 0, 0x80, 1",
    "IDIV, 2, 0, 0x8000, 1",
    "IDIV, 4, 0, 0x80000000, 1",
    "IDIV, 4, 0x80000000, 0, -1",
    "IDIV, 4, 0, 7, 0",
    "IDIV, 8, 0, 7, 0",
    "IDIV, 8, 0, 0x8000000000000000, 1",
    "IDIV, 8, -1, 0x8000000000000000, -1",
    "IDIV, 8, 0x8000000000000000, 0, -1",
    "IDIV, 8, -1, 0x7fffffffffffffff, 1"
  })
  void quotientsThatDoNotFitRaiseDivideError(
      Operation operation, int size, String high, String low, String divisor) {
    long[] values = {parse(high), parse(low), parse(divisor)};
    assertThrows(GuestFault.class, () -> divide(operation, size, values[0], values[1], values[2]));
    assertEquals(GuestFault.DE, cpu.fault.vector);
    assertEquals(values[1], cpu.rax);
    assertEquals(values[0], cpu.rdx);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0, 0xff80, 1, 0x0080",
    "2, 0xffff, 0x8000, 1, 0x8000",
    "4, 0xffffffff, 0x80000000, 1, 0x80000000",
    "8, -1, 0x8000000000000000, 1, 0x8000000000000000"
  })
  void theLeastQuotientFits(int size, String high, String low, String divisor, String quotient) {
    divide(Operation.IDIV, size, parse(high), parse(low), parse(divisor));
    assertEquals(parse(quotient), cpu.rax);
  }

  private static long parse(String text) {
    return text.startsWith("0x")
        ? Long.parseUnsignedLong(text.substring(2), 16)
        : Long.parseLong(text);
  }

  @Test
  void wideQuotientsAreExact() {
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      long divisor = random.nextLong() >>> random.nextInt(64) | 1L << random.nextInt(64);
      long high = Long.remainderUnsigned(random.nextLong() >>> random.nextInt(64), divisor);
      long low = random.nextLong() >> random.nextInt(64);
      BigInteger dividend = unsigned(high).shiftLeft(64).or(unsigned(low));
      assertEquals(
          dividend.divide(unsigned(divisor)).longValue(),
          WideDivision.quotient(high, low, divisor),
          () -> dividend.toString(16) + " / " + Long.toHexString(divisor));
    }
  }

  private static BigInteger unsigned(long value) {
    return new BigInteger(Long.toUnsignedString(value));
  }
}
