package org.maloca.x86.lockstep;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.maloca.core.cpu.SegmentState;
import org.maloca.x86.Cpu;
import org.maloca.x86.fpu.X87State;
import org.maloca.x86.simd.Mxcsr;

/**
 * Everything that makes up the state of a CPU, as numbers with names. Left out are the interrupt
 * shadow, which a CPU that meets no external events need not keep, and what engines note for
 * themselves.
 */
final class CpuImage {
  private static final String[] GENERAL = {
    "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
    "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"
  };
  private static final String[] SEGMENTS = {"es", "cs", "ss", "ds", "fs", "gs"};

  private final List<String> names = new ArrayList<>();
  private long[] values = new long[256];
  private int count;

  /** Names are gathered at the first time. */
  private boolean naming = true;

  /** Takes the state of a CPU between two instructions. */
  void take(Cpu cpu) {
    naming = names.isEmpty();
    count = 0;
    add("instructions", cpu.instructions);
    add("rip", cpu.rip);
    for (int i = 0; i < GENERAL.length; i++) {
      add(GENERAL[i], cpu.gpr(i));
    }
    add("rflags", cpu.rflags());
    for (int i = 0; i < SEGMENTS.length; i++) {
      add(SEGMENTS[i], cpu.segments[i]);
    }
    add("ldtr", cpu.ldtr);
    add("tr", cpu.tr);
    takeSystem(cpu);
    takeFloatingPoint(cpu);
  }

  private void takeSystem(Cpu cpu) {
    add("gdtr.base", cpu.gdtrBase);
    add("gdtr.limit", cpu.gdtrLimit);
    add("idtr.base", cpu.idtrBase);
    add("idtr.limit", cpu.idtrLimit);
    add("cr0", cpu.cr0);
    add("cr2", cpu.cr2);
    add("cr3", cpu.cr3);
    add("cr4", cpu.cr4);
    add("xcr0", cpu.xcr0);
    add("efer", cpu.efer);
    add("dr", cpu.dr);
    add("cpl", cpu.cpl);
    add("mode", cpu.mode);
    add("halted", cpu.halted ? 1 : 0);
    add("nmi blocked", cpu.nmiBlocked ? 1 : 0);
    var msr = cpu.msr;
    add("star", msr.star);
    add("lstar", msr.lstar);
    add("cstar", msr.cstar);
    add("sfmask", msr.sfmask);
    add("kernel gs base", msr.kernelGsBase);
    add("sysenter cs", msr.sysenterCs);
    add("sysenter esp", msr.sysenterEsp);
    add("sysenter eip", msr.sysenterEip);
    add("tsc aux", msr.tscAux);
    add("tsc offset", msr.tscOffset);
    add("tsc adjust", msr.tscAdjust);
    add("pat", msr.pat);
    add("misc enable", msr.miscEnable);
    add("debug control", msr.debugControl);
    add("mtrr default", msr.mtrrDefType);
    add("mtrr variable", msr.mtrrVariable);
    add("mtrr fixed", msr.mtrrFixed);
  }

  private void takeFloatingPoint(Cpu cpu) {
    for (int i = 0; i < 16; i++) {
      add(naming ? "xmm%d low".formatted(i) : "", cpu.xmm[2 * i]);
      add(naming ? "xmm%d high".formatted(i) : "", cpu.xmm[2 * i + 1]);
    }
    add("ymm high", cpu.ymmHigh);
    add("mxcsr", Mxcsr.get(cpu));
    X87State x87 = cpu.x87;
    add("x87 significand", x87.mantissa);
    for (int i = 0; i < 8; i++) {
      add(naming ? "x87 exponent " + i : "", x87.signExponent[i]);
    }
    add("x87 control", x87.control);
    add("x87 status", x87.statusWord());
    add("x87 empty", x87.emptyMask);
    add("x87 opcode", x87.lastOpcode);
    add("x87 instruction", x87.lastInstruction);
    add("x87 instruction selector", x87.lastInstructionSelector);
    add("x87 data", x87.lastData);
    add("x87 data selector", x87.lastDataSelector);
  }

  private void add(String name, SegmentState segment) {
    add(naming ? name : "", segment.selector);
    add(naming ? name + ".base" : "", segment.base);
    add(naming ? name + ".limit" : "", segment.limit);
    add(naming ? name + ".attributes" : "", segment.attributes);
  }

  private void add(String name, long[] several) {
    for (int i = 0; i < several.length; i++) {
      add(naming ? name + " " + i : "", several[i]);
    }
  }

  private void add(String name, long value) {
    if (naming) {
      names.add(name);
    }
    if (count == values.length) {
      values = Arrays.copyOf(values, 2 * count);
    }
    values[count++] = value;
  }

  boolean equalTo(CpuImage other) {
    return Arrays.equals(values, 0, count, other.values, 0, other.count);
  }

  /** What differs, a line each. */
  List<String> differences(CpuImage other) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      if (values[i] != other.values[i]) {
        lines.add(
            "%-16s leading %016x  following %016x"
                .formatted(names.get(i), values[i], other.values[i]));
      }
    }
    return lines;
  }

  /** The general registers, RIP and the flags, for people. */
  String registers() {
    StringBuilder text = new StringBuilder();
    for (int i = 1; i <= 2 + GENERAL.length; i++) {
      text.append("%-6s %016x".formatted(names.get(i), values[i])).append(i % 4 == 0 ? "\n" : "  ");
    }
    return text.toString();
  }
}
