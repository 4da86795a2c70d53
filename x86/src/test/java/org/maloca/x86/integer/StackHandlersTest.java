package org.maloca.x86.integer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.GuestFault;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;

class StackHandlersTest {
  private final IntegerMachine machine = new IntegerMachine();
  private final Cpu cpu = machine.cpu;

  @BeforeEach
  void setStack() {
    cpu.rsp = 0x8000;
  }

  @AfterEach
  void close() {
    machine.close();
  }

  private long word(long address) {
    return machine.memory.read(address, 4);
  }

  @Test
  void pushOfTheStackPointerPushesItsOldValue() {
    machine.execute(Operation.PUSH, insn -> IntegerMachine.register(insn, 0, Cpu.RSP));
    assertEquals(0x7ffc, cpu.rsp);
    assertEquals(0x8000, word(0x7ffc));
  }

  @Test
  void popIntoTheStackPointerLeavesTheValuePopped() {
    machine.memory.write(0x8000, 4, 0x1234);
    machine.execute(Operation.POP, insn -> IntegerMachine.register(insn, 0, Cpu.RSP));
    assertEquals(0x1234, cpu.rsp);
  }

  @Test
  void popToMemoryAddressesWithTheNewStackPointer() {
    machine.memory.write(0x8000, 4, 0x1234);
    machine.execute(Operation.POP, insn -> IntegerMachine.memory(insn, 0, Cpu.RSP, 8));
    assertEquals(0x8004, cpu.rsp);
    assertEquals(0x1234, word(0x800c));
  }

  @Test
  void popThatFaultsInItsDestinationLeavesTheStackPointer() {
    machine.limit(Cpu.DS, 0x1000);
    assertThrows(
        GuestFault.class,
        () ->
            machine.execute(
                Operation.POP, insn -> IntegerMachine.memory(insn, 0, Cpu.RBX, 0x2000)));
    assertEquals(GuestFault.GP, cpu.fault.vector);
    assertEquals(0x8000, cpu.rsp);
  }

  @Test
  void pushaAndPopaRestoreAllButTheStackPointer() {
    long[] values = {1, 2, 3, 4, 0x8000, 6, 7, 8};
    for (int i = 0; i < 8; i++) {
      cpu.setGpr(i, values[i]);
    }
    machine.execute(Operation.PUSHA, insn -> {});
    assertEquals(0x7fe0, cpu.rsp);
    assertEquals(1, word(0x7ffc));
    assertEquals(0x8000, word(0x7fec));
    assertEquals(8, word(0x7fe0));
    machine.memory.write(0x7fec, 4, 0xdead);
    for (int i = 0; i < 4; i++) {
      cpu.setGpr(i, 0);
    }
    machine.execute(Operation.POPA, insn -> {});
    assertArrayEquals(values, java.util.stream.IntStream.range(0, 8).mapToLong(cpu::gpr).toArray());
  }

  @Test
  void enterCopiesTheDisplayOfOuterFrames() {
    cpu.rbp = 0x9000;
    machine.memory.write(0x8ffc, 4, 0xaaaa);
    machine.memory.write(0x8ff8, 4, 0xbbbb);
    machine.execute(
        Operation.ENTER,
        insn -> {
          IntegerMachine.immediate(insn, 0, 0x20);
          insn.immediate2 = 3;
        });
    assertEquals(0x9000, word(0x7ffc));
    assertEquals(0xaaaa, word(0x7ff8));
    assertEquals(0xbbbb, word(0x7ff4));
    assertEquals(0x7ffc, word(0x7ff0));
    assertEquals(0x7ffc, cpu.rbp);
    assertEquals(0x7fd0, cpu.rsp);
    machine.execute(Operation.LEAVE, insn -> {});
    assertEquals(0x9000, cpu.rbp);
    assertEquals(0x8000, cpu.rsp);
  }

  @Test
  void pushfPushesAllFlagsButResume() {
    cpu.setArithmeticFlags(Flags.CF | Flags.OF);
    cpu.systemFlags |= Flags.RF | Flags.DF;
    machine.execute(Operation.PUSHF, insn -> {});
    assertEquals(Flags.CF | Flags.OF | Flags.DF | 2, word(0x7ffc));
  }

  @Test
  void pushfInVirtual8086ModeNeedsItsPrivilege() {
    cpu.systemFlags |= Flags.VM;
    cpu.cpl = 3;
    cpu.updateMode();
    assertThrows(GuestFault.class, () -> machine.execute(Operation.PUSHF, insn -> {}));
    assertEquals(GuestFault.GP, cpu.fault.vector);
    assertEquals(0x8000, cpu.rsp);
  }

  @Test
  void callPushesTheReturnAddressAndRetReleasesArguments() {
    machine.execute(
        Operation.CALL,
        insn -> {
          insn.kinds[0] = OperandKind.RELATIVE;
          insn.immediate = 0x50;
        });
    assertEquals(0x152, cpu.rip);
    assertEquals(0x102, word(0x7ffc));
    machine.execute(Operation.RET, insn -> IntegerMachine.immediate(insn, 0, 12));
    assertEquals(0x102, cpu.rip);
    assertEquals(0x800c, cpu.rsp);
  }

  @Test
  void callBeyondTheLimitChangesNothing() {
    machine.limit(Cpu.CS, 0x1000);
    machine.memory.write(0x7ffc, 4, 0x5555);
    cpu.rax = 0x1000;
    assertThrows(
        GuestFault.class,
        () ->
            machine.execute(
                Operation.CALL_INDIRECT, insn -> IntegerMachine.register(insn, 0, Cpu.RAX)));
    assertEquals(0x8000, cpu.rsp);
    assertEquals(0x5555, word(0x7ffc));
  }

  @Test
  void targetsAreCutToTheOperandSize() {
    machine.execute(
        Operation.JMP,
        insn -> {
          insn.kinds[0] = OperandKind.RELATIVE;
          insn.operandSize = 2;
          insn.immediate = -0x104;
        });
    assertEquals(0xfffe, cpu.rip);
  }

  @Test
  void loopCountsInTheAddressSize() {
    cpu.rcx = 0x1_0001;
    machine.execute(
        Operation.LOOP,
        insn -> {
          insn.kinds[0] = OperandKind.RELATIVE;
          insn.addressSize = 2;
          insn.immediate = 0x50;
        });
    assertEquals(0x102, cpu.rip);
    assertEquals(0x1_0000, cpu.rcx);
  }
}
