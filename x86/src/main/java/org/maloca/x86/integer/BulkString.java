package org.maloca.x86.integer;

import java.lang.invoke.VarHandle;
import org.maloca.core.cpu.SegmentState;
import org.maloca.core.memory.HostMemory;
import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.ir.CodeMode;
import org.maloca.x86.ir.Insn;

/**
 * Steps of REP MOVS and REP STOS taken many at once: upwards, within one page of plain RAM. What
 * does not fit these terms is left to single steps, which also raise the faults.
 */
final class BulkString {
  private static final int PAGE = 4096;
  private static final int TYPE_CODE = 8;
  private static final int TYPE_EXPAND_DOWN = 4;

  private BulkString() {}

  /**
   * Moves up to {@code count} elements and advances rSI and rDI.
   *
   * @return elements moved; 0 if a single step must be taken
   */
  static int move(Cpu cpu, Insn insn, long count) {
    if (count == 1 || !usable(cpu)) {
      return 0;
    }
    int size = insn.operandSize;
    long source = StringHandlers.source(cpu, insn);
    long destination = StringHandlers.destination(cpu, insn, true);
    int length = length(cpu, insn, insn.segment, Cpu.RSI, source, Integer.MAX_VALUE, count);
    length = length(cpu, insn, Cpu.ES, Cpu.RDI, destination, length, count);
    if (length <= size) {
      return 0;
    }
    long from = cpu.mmu.hostAddressForRead(source, length);
    long to = from == 0 ? 0 : cpu.mmu.hostAddressForWrite(destination, length);
    long distance = to - from;
    if (to == 0 || distance > 0 && distance < size) {
      return 0;
    }
    copyUpwards(from, to, length);
    VarHandle.acquireFence();
    advance(cpu, insn, Cpu.RSI, length);
    advance(cpu, insn, Cpu.RDI, length);
    return length / size;
  }

  /** Copies as byte by byte from the lowest: a destination just above the source repeats it. */
  private static void copyUpwards(long from, long to, int length) {
    long distance = to - from;
    if (distance <= 0 || distance >= length) {
      HostMemory.copy(from, to, length);
      return;
    }
    // What was copied continues the pattern, so that each copy can be longer than the last.
    long copied = 0;
    while (copied < length) {
      long chunk = Math.min(distance + copied, length - copied);
      HostMemory.copy(from, to + copied, chunk);
      copied += chunk;
    }
  }

  /**
   * Stores up to {@code count} elements and advances rDI.
   *
   * @return elements stored; 0 if a single step must be taken
   */
  static int fill(Cpu cpu, Insn insn, long count) {
    if (count == 1 || !usable(cpu)) {
      return 0;
    }
    int size = insn.operandSize;
    long destination = StringHandlers.destination(cpu, insn, true);
    int length = length(cpu, insn, Cpu.ES, Cpu.RDI, destination, Integer.MAX_VALUE, count);
    if (length <= size) {
      return 0;
    }
    long to = cpu.mmu.hostAddressForWrite(destination, length);
    if (to == 0) {
      return 0;
    }
    fill(to, length, cpu.rax, size);
    advance(cpu, insn, Cpu.RDI, length);
    return length / size;
  }

  private static void fill(long to, int length, long value, int size) {
    long pattern =
        switch (size) {
          case 1 -> (value & 0xff) * 0x0101_0101_0101_0101L;
          case 2 -> (value & 0xffff) * 0x0001_0001_0001_0001L;
          case 4 -> (value & 0xffff_ffffL) * 0x0000_0001_0000_0001L;
          default -> value;
        };
    if (pattern == (pattern & 0xff) * 0x0101_0101_0101_0101L) {
      HostMemory.fill(to, length, (byte) pattern);
      return;
    }
    long end = to + (length & ~7);
    long at = to;
    for (; at < end; at += 8) {
      HostMemory.putLong(at, pattern);
    }
    for (end = to + length; at < end; at += 2) {
      HostMemory.putShort(at, (short) (pattern >>> 8 * (at - to & 7)));
    }
  }

  /** Neither downwards, nor with checks and traps that each element needs for itself. */
  private static boolean usable(Cpu cpu) {
    return (cpu.systemFlags & (Flags.DF | Flags.TF)) == 0
        && ((cpu.systemFlags & Flags.AC) == 0 || cpu.cpl != 3);
  }

  /** How many bytes, at most {@code most}, can be accessed from a first element on. */
  private static int length(
      Cpu cpu, Insn insn, int segment, int register, long linear, int most, long count) {
    int size = insn.operandSize;
    int length = Math.min(PAGE - (int) (linear & PAGE - 1), most);
    if (Long.compareUnsigned(count, length / size) < 0) {
      length = (int) count * size;
    }
    long offset = cpu.gpr(register, insn.addressSize);
    long last = offset + length - 1;
    if (last != Cpu.zeroExtend(last, insn.addressSize) || beyondLimit(cpu, segment, last)) {
      return 0;
    }
    return length / size * size;
  }

  private static boolean beyondLimit(Cpu cpu, int segment, long last) {
    if ((cpu.mode & CodeMode.FLAT) != 0 && (cpu.is64() || segment < Cpu.FS)) {
      return false;
    }
    SegmentState state = cpu.segments[segment];
    return (state.attributes & (TYPE_CODE | TYPE_EXPAND_DOWN)) == TYPE_EXPAND_DOWN
        || last > (state.limit & 0xffff_ffffL);
  }

  private static void advance(Cpu cpu, Insn insn, int register, int length) {
    cpu.setGpr(register, insn.addressSize, cpu.gpr(register) + length);
  }
}
