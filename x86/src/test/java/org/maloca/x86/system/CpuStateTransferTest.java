package org.maloca.x86.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.maloca.core.cpu.CpuState;
import org.maloca.core.cpu.SegmentState;
import org.maloca.x86.Cpu;

class CpuStateTransferTest {
  private final SystemMachine machine = new SystemMachine();
  private final Cpu cpu = machine.cpu;

  @AfterEach
  void close() {
    machine.close();
  }

  /** A state in which no two fields that could be mixed up are equal. */
  private static CpuState distinctState() {
    CpuState state = new CpuState();
    state.reset();
    for (int i = 0; i < 16; i++) {
      state.gpr[i] = 0x1111_0000L + i;
      state.mtrrVariable[i] = 0x2222_0000L + i;
    }
    for (int i = 0; i < 6; i++) {
      state.segments[i].set(8 * i + 3, 0x1000L * i, 0xfff + i, 0x40f3);
    }
    Arrays.setAll(state.mtrrFixed, i -> 0x3333_0000L + i);
    Arrays.setAll(state.xmm, i -> 0x4444_0000L + i);
    Arrays.setAll(state.ymmHigh, i -> 0x5555_0000L + i);
    Arrays.setAll(state.x87Mantissa, i -> 0x8000_0000_0000_0000L + i);
    Arrays.setAll(state.x87SignExponent, i -> 0x3fff + i);
    state.rip = 0x1234;
    state.rflags = 0x246;
    state.cr0 = 0x11;
    state.cr2 = 2;
    state.cr3 = 0x3000;
    state.cr4 = 0x20;
    state.cr8 = 5;
    state.xcr0 = 3;
    state.efer = 1;
    state.star = 10;
    state.lstar = 11;
    state.cstar = 12;
    state.sfmask = 13;
    state.kernelGsBase = 14;
    state.sysenterCs = 15;
    state.sysenterEsp = 16;
    state.sysenterEip = 17;
    state.tscAux = 18;
    state.miscEnable = 19;
    state.tscAdjust = 20;
    state.debugControl = 21;
    state.mtrrDefType = 22;
    state.tsc = 23;
    state.x87Control = 0x27f;
    state.x87Status = 0x3800;
    state.x87Tag = 0;
    state.x87Opcode = 24;
    state.x87InstructionPointer = 25;
    state.x87InstructionSelector = 26;
    state.x87DataPointer = 27;
    state.x87DataSelector = 28;
    state.mxcsr = 0x9fc1;
    state.halted = true;
    state.nmiBlocked = true;
    return state;
  }

  private static String describe(CpuState state) {
    StringBuilder text = new StringBuilder();
    for (SegmentState s : state.segments) {
      text.append("%x %x %x %x%n".formatted(s.selector, s.base, s.limit, s.attributes));
    }
    for (var field : CpuState.class.getFields()) {
      try {
        Object value = field.get(state);
        String shown =
            switch (value) {
              case long[] array -> Arrays.toString(array);
              case int[] array -> Arrays.toString(array);
              case SegmentState s -> Integer.toHexString(s.selector);
              case SegmentState[] ignored -> "";
              default -> value.toString();
            };
        text.append(field.getName()).append(' ').append(shown).append('\n');
      } catch (IllegalAccessException e) {
        throw new AssertionError(e);
      }
    }
    return text.toString();
  }

  @Test
  void everythingComesBack() {
    CpuState state = distinctState();
    CpuStateTransfer.restore(cpu, state);
    CpuState copy = new CpuState();
    CpuStateTransfer.save(cpu, copy);
    assertEquals(describe(state), describe(copy));
  }

  @Test
  void privilegeFollowsTheStackSegment() {
    CpuStateTransfer.restore(cpu, distinctState());
    assertEquals(3, cpu.cpl);
  }
}
