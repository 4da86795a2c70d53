package org.maloca.x86.system;

import org.maloca.x86.Cpu;
import org.maloca.x86.CpuEvents;
import org.maloca.x86.Flags;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/**
 * IN, OUT, INS and OUTS (AMD APM vol. 3), with IOPL and the I/O permission map (vol. 2, 12.2.4).
 */
final class PortHandlers {
  private static final int LARGEST_PORT_ACCESS = 4;

  private PortHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.IN, PortHandlers::in);
    table.put(Operation.OUT, PortHandlers::out);
    table.put(Operation.INS, (cpu, insn) -> repeat(cpu, insn, PortHandlers::inElement));
    table.put(Operation.OUTS, (cpu, insn) -> repeat(cpu, insn, PortHandlers::outElement));
  }

  private static void checkPermission(Cpu cpu, int port, int size) {
    boolean restricted = cpu.isProtected() && (cpu.cpl > cpu.iopl() || cpu.isVirtual8086());
    if (restricted && !TaskStateSegment.permitsPorts(cpu, port, size)) {
      throw cpu.generalProtection();
    }
  }

  private static int size(Insn insn) {
    return Math.min(insn.operandSize, LARGEST_PORT_ACCESS);
  }

  private static long read(Cpu cpu, int port, int size) {
    long value = cpu.bus.portRead(port, size);
    cpu.breakpoints.portAccess(port, size);
    return Cpu.zeroExtend(value, size);
  }

  private static void write(Cpu cpu, int port, int size, long value) {
    cpu.bus.portWrite(port, size, Cpu.zeroExtend(value, size));
    cpu.breakpoints.portAccess(port, size);
  }

  private static void in(Cpu cpu, Insn insn) {
    int size = size(insn);
    int port = (int) cpu.read(insn, 1, 2);
    checkPermission(cpu, port, size);
    cpu.setGpr(Cpu.RAX, size, read(cpu, port, size));
    cpu.rip = cpu.ripAfter(insn);
  }

  private static void out(Cpu cpu, Insn insn) {
    int size = size(insn);
    int port = (int) cpu.read(insn, 0, 2);
    checkPermission(cpu, port, size);
    cpu.rip = cpu.ripAfter(insn);
    write(cpu, port, size, cpu.rax);
  }

  /** One step of a string instruction. */
  private interface Element {
    void transfer(Cpu cpu, Insn insn, int port, int size);
  }

  private static void repeat(Cpu cpu, Insn insn, Element element) {
    int size = size(insn);
    int port = (int) cpu.rdx & 0xffff;
    checkPermission(cpu, port, size);
    if (insn.repeat == Insn.REPEAT_NONE) {
      element.transfer(cpu, insn, port, size);
    } else {
      long left = cpu.gpr(Cpu.RCX, insn.addressSize);
      while (left != 0) {
        element.transfer(cpu, insn, port, size);
        left--;
        cpu.setGpr(Cpu.RCX, insn.addressSize, left);
        if (left != 0 && eventsWait(cpu)) {
          throw cpu.restart();
        }
      }
    }
    cpu.rip = cpu.ripAfter(insn);
  }

  private static boolean eventsWait(Cpu cpu) {
    int events = cpu.events.poll();
    return (cpu.systemFlags & Flags.IF) != 0 ? events != 0 : (events & ~CpuEvents.INTERRUPT) != 0;
  }

  private static void inElement(Cpu cpu, Insn insn, int port, int size) {
    long linear = cpu.linear(Cpu.ES, cpu.gpr(Cpu.RDI, insn.addressSize), size, true);
    // The device must not be read for an element that cannot be stored.
    cpu.mmu.probeWrite(linear, size);
    cpu.mmu.store(linear, size, read(cpu, port, size));
    advance(cpu, insn, Cpu.RDI, size);
  }

  private static void outElement(Cpu cpu, Insn insn, int port, int size) {
    long linear = cpu.linear(insn.segment, cpu.gpr(Cpu.RSI, insn.addressSize), size, false);
    write(cpu, port, size, cpu.mmu.load(linear, size));
    advance(cpu, insn, Cpu.RSI, size);
  }

  private static void advance(Cpu cpu, Insn insn, int register, int size) {
    int step = cpu.directionDown() ? -size : size;
    cpu.setGpr(register, insn.addressSize, cpu.gpr(register) + step);
  }
}
