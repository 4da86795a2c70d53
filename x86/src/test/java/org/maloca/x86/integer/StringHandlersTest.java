package org.maloca.x86.integer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.maloca.x86.Cpu;
import org.maloca.x86.CpuEvents;
import org.maloca.x86.Flags;
import org.maloca.x86.GuestFault;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.InsnBuilder;
import org.maloca.x86.ir.Operation;

class StringHandlersTest {
  private final IntegerMachine machine = new IntegerMachine();
  private final Cpu cpu = machine.cpu;
  private final byte[] image = new byte[IntegerMachine.RAM_BYTES];

  StringHandlersTest() {
    new java.util.Random(1).nextBytes(image);
    machine.memory.write(0, image, 0, image.length);
  }

  @AfterEach
  void close() {
    machine.close();
  }

  private void repeat(Operation operation, int size, long count, Consumer<InsnBuilder> details) {
    cpu.rcx = count;
    machine.execute(
        operation,
        insn -> {
          insn.operandSize = size;
          insn.repeat = Insn.REPEAT_EQUAL;
          details.accept(insn);
        });
  }

  private void repeat(Operation operation, int size, long count) {
    repeat(operation, size, count, insn -> {});
  }

  private void expectMemory(byte[] wanted) {
    byte[] found = new byte[wanted.length];
    machine.memory.read(0, found, 0, found.length);
    assertArrayEquals(wanted, found);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0x1000, 0x3000, 5000", "1, 0x1ffd, 0x5001, 9000", "2, 0x1fff, 0x6ffe, 3001",
    "4, 0x1ffe, 0x7ffd, 2050", "1, 0x1000, 0x1001, 6000", "1, 0x1000, 0x1003, 6000",
    "2, 0x1001, 0x1002, 3000", "4, 0x1000, 0x1002, 1500", "4, 0x1000, 0x1004, 1500",
    "4, 0x1000, 0x1007, 1500", "4, 0x1000, 0x0ffd, 1500", "1, 0x2000, 0x1f80, 4000",
    "4, 0x1000, 0x1000, 2000", "4, 0x1000, 0x3000, 0"
  })
  void repMovsMovesElementByElementUpwards(int size, int from, int to, int count) {
    cpu.rsi = from;
    cpu.rdi = to;
    repeat(Operation.MOVS, size, count);
    for (int i = 0; i < count; i++) {
      System.arraycopy(image, from + i * size, image, to + i * size, size);
    }
    expectMemory(image);
    assertEquals(from + count * size, cpu.rsi);
    assertEquals(to + count * size, cpu.rdi);
    assertEquals(0, cpu.rcx);
  }

  @Test
  void repMovsWithDirectionDownMovesFromTheTop() {
    cpu.systemFlags |= Flags.DF;
    cpu.rsi = 0x1ffc;
    cpu.rdi = 0x2000;
    repeat(Operation.MOVS, 4, 0x400);
    System.arraycopy(image, 0x1000, image, 0x1004, 0x1000);
    expectMemory(image);
    assertEquals(0x0ffc, cpu.rsi);
    assertEquals(0x1000, cpu.rdi);
  }

  @ParameterizedTest
  @CsvSource({"1, 0x1fff, 5001", "2, 0x1ffd, 2501", "4, 0x1ffe, 1251", "4, 0x2000, 1024"})
  void repStosFills(int size, int to, int count) {
    cpu.rax = 0x1122_3344;
    cpu.rdi = to;
    repeat(Operation.STOS, size, count);
    for (int i = 0; i < count * size; i++) {
      image[to + i] = (byte) (0x1122_3344 >>> 8 * (i % size));
    }
    expectMemory(image);
    assertEquals(to + count * size, cpu.rdi);
  }

  @Test
  void faultLeavesRegistersAtTheElementThatFaulted() {
    machine.limit(Cpu.ES, 0x3002);
    cpu.rsi = 0x1000;
    cpu.rdi = 0x2ff8;
    assertThrows(GuestFault.class, () -> repeat(Operation.MOVS, 4, 100));
    assertEquals(GuestFault.GP, cpu.fault.vector);
    assertEquals(0x1008, cpu.rsi);
    assertEquals(0x3000, cpu.rdi);
    assertEquals(98, cpu.rcx);
    System.arraycopy(image, 0x1000, image, 0x2ff8, 8);
    expectMemory(image);
  }

  @Test
  void offsetsWrapAtTheAddressSize() {
    cpu.rax = 0x77;
    cpu.rdi = 0xabcd_fffeL;
    repeat(Operation.STOS, 1, 4, insn -> insn.addressSize = 2);
    image[0xfffe] = 0x77;
    image[0xffff] = 0x77;
    image[0] = 0x77;
    image[1] = 0x77;
    expectMemory(image);
    assertEquals(0xabcd_0002L, cpu.rdi);
  }

  @Test
  void waitingEventStopsBetweenStepsAndTheInstructionGoesOnLater() {
    cpu.events.post(CpuEvents.KICK);
    cpu.rax = 0x55;
    cpu.rdi = 0x1800;
    assertThrows(GuestFault.class, () -> repeat(Operation.STOS, 1, 0x1000));
    assertEquals(GuestFault.RESTART, cpu.fault.vector);
    assertEquals(0x2000, cpu.rdi);
    assertEquals(0x800, cpu.rcx);
    cpu.events.clear(CpuEvents.KICK);
    repeat(Operation.STOS, 1, cpu.rcx);
    java.util.Arrays.fill(image, 0x1800, 0x2800, (byte) 0x55);
    expectMemory(image);
  }

  @Test
  void maskedInterruptDoesNotStopIt() {
    cpu.events.post(CpuEvents.INTERRUPT);
    cpu.rdi = 0x1800;
    repeat(Operation.STOS, 1, 0x1000);
    assertEquals(0x2800, cpu.rdi);
  }

  @Test
  void repneScasFindsAByte() {
    java.util.Arrays.fill(image, 0x1000, 0x3000, (byte) 1);
    image[0x2345] = 0;
    machine.memory.write(0, image, 0, image.length);
    cpu.rax = 0;
    cpu.rdi = 0x1000;
    repeat(Operation.SCAS, 1, 0xffff_ffffL, insn -> insn.repeat = Insn.REPEAT_NOT_EQUAL);
    assertEquals(0x2346, cpu.rdi);
    assertEquals(0xffff_ffffL - 0x1346, cpu.rcx);
    assertEquals(Flags.ZF | Flags.PF, cpu.arithmeticFlags());
  }

  @Test
  void repeCmpsStopsAtADifferenceWithItsFlags() {
    System.arraycopy(image, 0x1000, image, 0x5000, 0x100);
    image[0x1080] = 1;
    image[0x5080] = 2;
    machine.memory.write(0, image, 0, image.length);
    cpu.rsi = 0x1000;
    cpu.rdi = 0x5000;
    repeat(Operation.CMPS, 1, 0x100);
    assertEquals(0x1081, cpu.rsi);
    assertEquals(0x7f, cpu.rcx);
    assertEquals(Flags.CF | Flags.SF | Flags.AF | Flags.PF, cpu.arithmeticFlags());
  }

  @Test
  void comparingNothingLeavesTheFlags() {
    cpu.setArithmeticFlags(Flags.CF | Flags.OF);
    repeat(Operation.CMPS, 1, 0);
    assertEquals(Flags.CF | Flags.OF, cpu.arithmeticFlags());
  }
}
