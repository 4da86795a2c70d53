package org.maloca.x86.code;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.maloca.core.memory.HostMemory;
import org.maloca.core.memory.MemoryRegion;
import org.maloca.x86.Cpu;
import org.maloca.x86.GuestFault;
import org.maloca.x86.decode.CodeBytes;
import org.maloca.x86.decode.Decoder;
import org.maloca.x86.interpret.FallThrough;
import org.maloca.x86.interpret.Op;
import org.maloca.x86.interpret.OpSelector;
import org.maloca.x86.interpret.RaiseFault;
import org.maloca.x86.interpret.SharedOps;
import org.maloca.x86.ir.InsnBuilder;
import org.maloca.x86.ir.Operation;

/**
 * Decodes blocks at a linear address of one vCPU. A block ends at a control transfer, at an
 * instruction that changes how code runs, at the end of its page, or when it is long enough. Only a
 * block's first instruction may cross into the next page; it then is alone.
 */
public final class BlockDecoder implements CodeBytes {
  /** Added to the mode: one instruction only. */
  public static final int SINGLE = 1 << 16;

  private static final int MAX_INSNS = 48;
  private static final int MAX_INSN_BYTES = 15;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final Cpu cpu;
  private final Decoder decoder;
  private final OpSelector selector;
  private final SharedOps sharedOps = new SharedOps();
  private final InsnBuilder builder = new InsnBuilder();
  private final Op[] ops = new Op[MAX_INSNS + 1];

  /** The bytes that the decoder asked for, from the block's first. */
  private final byte[] code = new byte[(MAX_INSNS + 1) * MAX_INSN_BYTES];

  // Where the bytes come from while one instruction is decoded.
  private long linear;
  private int length;
  private int start;
  private long pageHost;
  private long pageGpa;
  private long nextGpa;

  /** Makes a decoder for a vCPU. */
  public BlockDecoder(Cpu cpu, OpSelector selector) {
    this.cpu = cpu;
    this.decoder = new Decoder(cpu.features);
    this.selector = selector;
  }

  @Override
  public int byteAt(int index) {
    int value = fetched(start + index);
    code[length + index] = (byte) value;
    return value;
  }

  private int fetched(int at) {
    if (at < 0x1000) {
      return pageHost != 0
          ? HostMemory.getByte(pageHost + at) & 0xff
          : (int) cpu.memory.read(pageGpa + at, 1);
    }
    if (nextGpa < 0) {
      long next = (linear | 0xfff) + 1;
      nextGpa = cpu.mmu.translateFetch(cpu.wrapLinear(next));
    }
    return (int) cpu.memory.read(nextGpa + (at - 0x1000), 1) & 0xff;
  }

  /** Decodes a block whose page has no RAM or ROM behind it; it is not to be kept. */
  Block decodeUncached(long linear, int mode) {
    return decode(linear, mode | SINGLE, cpu.mmu.translateFetch(linear) & ~0xfffL, -1);
  }

  /**
   * Decodes a block.
   *
   * @param mode {@link org.maloca.x86.ir.CodeMode}, perhaps with {@link #SINGLE}
   * @param gpa of the page that the first byte lies in
   * @param ramPage that page of RAM, -1 when it is none
   * @throws GuestFault when the fetch of the first instruction faults
   */
  Block decode(long linear, int mode, long gpa, long ramPage) {
    this.linear = linear;
    pageGpa = gpa;
    pageHost = hostPage(pageGpa);
    nextGpa = -1;
    int first = (int) linear & 0xfff;
    int count = 0;
    length = 0;
    int limit = (mode & SINGLE) != 0 ? 1 : MAX_INSNS;
    int codeMode = mode & 0xffff;
    boolean ends = false;
    boolean isComputedJump = false;
    while (count < limit && !ends) {
      start = first + length;
      if (start >= 0x1000) {
        break;
      }
      int outcome;
      try {
        outcome = decoder.decode(this, codeMode, length, builder);
      } catch (GuestFault fetchFault) {
        if (count == 0) {
          throw fetchFault;
        }
        break;
      }
      boolean tooLong = outcome == Decoder.TOO_LONG;
      if (count > 0 && start + builder.length > 0x1000) {
        break;
      }
      ends = tooLong || builder.operation.endsBlock();
      ops[count] = tooLong ? new RaiseFault(GuestFault.GP) : op(codeMode);
      isComputedJump = isComputedJump(builder.operation);
      length += builder.length;
      count++;
    }
    int opCount = count;
    if (!ends) {
      ops[opCount++] = (mode & 3) == 2 ? FallThrough.IN_64_BIT_CODE : FallThrough.ELSEWHERE;
    }
    long second = first + length > 0x1000 ? cpu.memory.ramPageOf(nextGpa) : -1;
    return new Block(
        Arrays.copyOf(code, length),
        cpu.features,
        count,
        ops,
        opCount,
        isComputedJump,
        mode,
        first,
        ramPage,
        second);
  }

  /** The op of the instruction that was decoded, which others of the same bytes have, too. */
  private Op op(int mode) {
    int bytes = builder.length;
    if (bytes > SharedOps.MOST_BYTES || builder.ripRelative) {
      return selector.select(builder.build(), mode);
    }
    long key = (long) LONGS.get(code, length) & -1L >>> Long.SIZE - Byte.SIZE * bytes;
    Op known = sharedOps.find(key, bytes, mode);
    if (known != null) {
      return known;
    }
    Op op = selector.select(builder.build(), mode);
    sharedOps.keep(key, bytes, mode, op);
    return op;
  }

  private static boolean isComputedJump(Operation operation) {
    return switch (operation) {
      case RET, JMP_INDIRECT, CALL_INDIRECT -> true;
      default -> false;
    };
  }

  /** Guest-physical address of the second page of the block that was decoded last and has one. */
  long secondGpa() {
    return nextGpa;
  }

  private long hostPage(long gpa) {
    return switch (cpu.memory.map().find(gpa)) {
      case MemoryRegion.Ram ram when gpa + 0x1000 <= ram.end() ->
          ram.hostAddress() + (gpa - ram.gpa());
      case MemoryRegion.Rom rom when gpa + 0x1000 <= rom.end() ->
          rom.hostAddress() + (gpa - rom.gpa());
      case null, default -> 0;
    };
  }
}
