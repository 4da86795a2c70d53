package org.maloca.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Field;
import org.junit.jupiter.api.Test;

class GeneralRegistersTest {
  private static final class Registers extends GeneralRegisters {}

  private final Registers registers = new Registers();

  private long field(int number) throws ReflectiveOperationException {
    Field field = GeneralRegisters.class.getDeclaredField(GeneralRegisters.names().get(number));
    field.setAccessible(true);
    return field.getLong(registers);
  }

  @Test
  void numbersAreThoseOfTheFieldsInEncodingOrder() throws ReflectiveOperationException {
    for (int number = 0; number < GeneralRegisters.ABSENT; number++) {
      registers.setGpr(number, 0x1111_1111_1111_1111L * (number + 1));
    }

    for (int number = 0; number < GeneralRegisters.ABSENT; number++) {
      assertEquals(0x1111_1111_1111_1111L * (number + 1), field(number));
      assertEquals(field(number), registers.gpr(number));
    }
    assertEquals(registers.rsp, registers.gpr(Cpu.RSP));
    assertEquals(registers.rdi, registers.gpr(Cpu.RDI));
  }

  @Test
  void anAbsentBaseIsZeroAndTheBlocksRipIsABase() {
    for (int number = 0; number < GeneralRegisters.ABSENT; number++) {
      registers.setGpr(number, -1);
    }
    registers.blockRip = 0x1234;

    assertEquals(0, registers.gpr(GeneralRegisters.ABSENT));
    assertEquals(0x1234, registers.gpr(GeneralRegisters.BLOCK_RIP));
  }
}
