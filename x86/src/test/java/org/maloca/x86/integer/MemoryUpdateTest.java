package org.maloca.x86.integer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.GuestFault;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** Instructions that read and write their memory operand. */
class MemoryUpdateTest {
  private final IntegerMachine machine = new IntegerMachine();
  private final Cpu cpu = machine.cpu;

  @AfterEach
  void close() {
    machine.close();
  }

  @ParameterizedTest
  @CsvSource({
    "ADD, true",
    "ADD, false",
    "SUB, true",
    "XOR, false",
    "OR, true",
    "AND, true",
    "ADC, true"
  })
  void binaryOperationsAgreeWithTheirRegisterForms(Operation operation, boolean lock) {
    machine.memory.write(0x1ffe, 4, 0x8765_4321L);
    cpu.rax = 0x8765_4321L;
    cpu.rcx = 0x9999_cdefL;
    cpu.setArithmeticFlags(Flags.CF);
    machine.execute(
        operation,
        insn -> {
          IntegerMachine.register(insn, 0, Cpu.RAX);
          IntegerMachine.register(insn, 1, Cpu.RCX);
        });
    int flags = cpu.arithmeticFlags();
    cpu.setArithmeticFlags(Flags.CF);
    machine.execute(
        operation,
        insn -> {
          IntegerMachine.memory(insn, 0, Cpu.RBX, 0x1ffe);
          IntegerMachine.register(insn, 1, Cpu.RCX);
          insn.lock = lock;
        });
    assertEquals(cpu.rax, machine.memory.read(0x1ffe, 4));
    assertEquals(flags, cpu.arithmeticFlags());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void xaddExchangesAndAdds(boolean lock) {
    machine.memory.write(0x1003, 4, 0xffff_fff0L);
    cpu.rcx = 0x20;
    machine.execute(
        Operation.XADD,
        insn -> {
          IntegerMachine.memory(insn, 0, Cpu.RBX, 0x1003);
          IntegerMachine.register(insn, 1, Cpu.RCX);
          insn.lock = lock;
        });
    assertEquals(0x10, machine.memory.read(0x1003, 4));
    assertEquals(0xffff_fff0L, cpu.rcx);
    assertEquals(Flags.CF, cpu.arithmeticFlags());
  }

  @ParameterizedTest
  @CsvSource({"false, 5, 7, 5", "true, 5, 7, 5", "false, 6, 5, 5", "true, 6, 5, 5"})
  void cmpxchgExchangesOnlyWhatItExpected(boolean lock, int expected, int after, int rax) {
    machine.memory.write(0x1000, 4, 5);
    cpu.rax = expected;
    cpu.rcx = 7;
    machine.execute(
        Operation.CMPXCHG,
        insn -> {
          IntegerMachine.memory(insn, 0, Cpu.RBX, 0x1000);
          IntegerMachine.register(insn, 1, Cpu.RCX);
          insn.lock = lock;
        });
    assertEquals(after, machine.memory.read(0x1000, 4));
    assertEquals(rax, cpu.rax);
    assertEquals(after == 7, cpu.zeroFlag());
  }

  @Test
  void cmpxchg8bKeepsAllFlagsButZero() {
    machine.memory.write(0x1000, 8, 0x1111_2222_3333_4444L);
    cpu.rax = 0x3333_4444L;
    cpu.rdx = 0x1111_2222L;
    cpu.rbx = 0xaaaa_aaaaL;
    cpu.rcx = 0xbbbb_bbbbL;
    cpu.setArithmeticFlags(Flags.ARITHMETIC & ~Flags.ZF);
    machine.execute(
        Operation.CMPXCHG8B, insn -> IntegerMachine.memory(insn, 0, Insn.NO_REGISTER, 0x1000));
    assertEquals(0xbbbb_bbbb_aaaa_aaaaL, machine.memory.read(0x1000, 8));
    assertEquals(Flags.ARITHMETIC, cpu.arithmeticFlags());
  }

  @Test
  void cmpxchg16bRefusesMisalignedMemory() {
    assertThrows(
        GuestFault.class,
        () ->
            machine.execute(
                Operation.CMPXCHG16B, insn -> IntegerMachine.memory(insn, 0, Cpu.RBX, 0x1008)));
    assertEquals(GuestFault.GP, cpu.fault.vector);
  }

  @ParameterizedTest
  @CsvSource({"0, 0x1000, 0", "37, 0x1004, 5", "-1, 0x0ffc, 31", "-64, 0x0ff8, 0"})
  void bitStringsReachAsFarAsTheSignedOffset(long offset, int word, int bit) {
    cpu.rcx = offset & 0xffff_ffffL;
    machine.execute(
        Operation.BTS,
        insn -> {
          IntegerMachine.memory(insn, 0, Cpu.RBX, 0x1000);
          IntegerMachine.register(insn, 1, Cpu.RCX);
          insn.lock = true;
        });
    assertEquals(1L << bit, machine.memory.read(word, 4));
    assertEquals(false, cpu.carryFlag());
  }

  @Test
  void immediateBitOffsetsStayInTheOperand() {
    machine.memory.write(0x1000, 4, 0x20);
    machine.execute(
        Operation.BTR,
        insn -> {
          IntegerMachine.memory(insn, 0, Cpu.RBX, 0x1000);
          IntegerMachine.immediate(insn, 1, 37);
        });
    assertEquals(0, machine.memory.read(0x1000, 4));
    assertEquals(true, cpu.carryFlag());
  }

  @Test
  void shiftInMemoryStoresItsResult() {
    machine.memory.write(0x1000, 4, 0x8000_0001L);
    machine.execute(
        Operation.SHL,
        insn -> {
          IntegerMachine.memory(insn, 0, Cpu.RBX, 0x1000);
          IntegerMachine.immediate(insn, 1, 1);
        });
    assertEquals(2, machine.memory.read(0x1000, 4));
    assertEquals(true, cpu.carryFlag());
  }
}
