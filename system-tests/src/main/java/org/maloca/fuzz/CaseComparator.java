package org.maloca.fuzz;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Compares the results that two executors gave for the same cases. */
final class CaseComparator {
  private static final String[] NAMES = {
    "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
    "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"
  };
  private static final int PAGE_PRESENT = 1;
  private static final int VECTOR_UD = 6;
  private static final int VECTOR_GP = 13;
  private static final int VECTOR_PF = 14;
  private static final int INSTRUCTION_FETCH = 0x10;
  private static final long PAGE_MASK = 0xfff;
  private static final int FX_XMM = 160;
  private static final int FX_END = 416;
  private static final int FX_ST = 32;
  private static final int PRECISION_EXCEPTION = 0x20;
  private static final int STATUS_SUMMARY = 0x8080;
  private static final long X87_TOLERANCE = 4;
  private static final double SSE_TOLERANCE = 1.5 / 2048;

  /** Linux reports a user's access from here on, to what is the kernel's, as a protection fault. */
  private static final long TASK_SIZE_MAX = 0x7fff_ffff_f000L;

  /** The image, and behind it the heap, which Linux moves by up to a GiB (before 6.9, 32 MiB). */
  private static final long RUNNER_BYTES = (1L << 30) + (16L << 20);

  private final boolean asSilicon;
  private final boolean pointers;

  /**
   * @param asSilicon whether to compare even what the manual leaves undefined
   * @param pointers whether to compare the x87 instruction and data pointers and opcode
   */
  CaseComparator(boolean asSilicon, boolean pointers) {
    this.asSilicon = asSilicon;
    this.pointers = pointers;
  }

  /**
   * Whether a case reached for the silicon runner's own image or heap, which lie below 4 GiB: there
   * the runner's process has memory and a guest has none, so that nothing can be compared.
   *
   * @param guest what an executor without a runner's memory did
   */
  static boolean meetsRunner(CaseBatch guest, int index) {
    long inRunner = guest.cr2(index) - SiliconBuild.IMAGE_ADDRESS;
    return guest.vector(index) == VECTOR_PF && inRunner >= 0 && inRunner < RUNNER_BYTES;
  }

  /**
   * Whether a case is an illegal VEX instruction, by a prefix before it, that goes on in a page
   * which cannot be fetched, so that one side told of the prefix and the other of the fetch. How
   * far the rest is fetched before the prefix is found illegal is each processor's own affair (SDM
   * volume 3, 7.9: an instruction's faults come in no fixed order within decoding), and silicon
   * goes either way, by the instruction.
   */
  static boolean endsEitherWay(CaseBatch silicon, CaseBatch other, int index) {
    return hasPrefixBeforeVex(silicon, index)
        && (toldOfPrefix(silicon, index) && toldOfFetch(other, index)
            || toldOfFetch(silicon, index) && toldOfPrefix(other, index));
  }

  /**
   * Whether an instruction with an operand in FS or GS met #GP where silicon met a page fault:
   * AMD's CPUs want the offset canonical before the base is added, Intel's the sum only.
   */
  static boolean differsByOffset(CaseBatch silicon, CaseBatch other, int index) {
    return silicon.vector(index) == VECTOR_PF
        && other.vector(index) == VECTOR_GP
        && silicon.resultRip(index) == other.resultRip(index)
        && hasSegmentBase(silicon, index);
  }

  private static boolean hasSegmentBase(CaseBatch batch, int index) {
    int from = (int) (batch.resultRip(index) - batch.codeGva(index));
    for (int i = Math.max(from, 0); i < batch.codeLength(index); i++) {
      int value = batch.codeByte(index, i) & 0xff;
      switch (value) {
        case 0x64, 0x65 -> {
          return true;
        }
        case 0x26, 0x2e, 0x36, 0x3e, 0x66, 0x67, 0x9b, 0xf0, 0xf2, 0xf3 -> {}
        default -> {
          return false;
        }
      }
    }
    return false;
  }

  private static boolean toldOfPrefix(CaseBatch batch, int index) {
    return batch.vector(index) == VECTOR_UD;
  }

  private static boolean toldOfFetch(CaseBatch batch, int index) {
    long next = (batch.resultRip(index) | PAGE_MASK) + 1;
    return batch.vector(index) == VECTOR_PF
        && (batch.errorCode(index) & INSTRUCTION_FETCH) != 0
        && batch.cr2(index) == next;
  }

  private static boolean hasPrefixBeforeVex(CaseBatch batch, int index) {
    boolean illegal = false;
    for (int i = (int) (batch.resultRip(index) - batch.codeGva(index));
        i >= 0 && i < batch.codeLength(index);
        i++) {
      int value = batch.codeByte(index, i) & 0xff;
      switch (value) {
        case 0xc4, 0xc5 -> {
          return illegal;
        }
        case 0x66, 0xf0, 0xf2, 0xf3 -> illegal = true;
        case 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x67 -> {}
        default -> {
          if (value >> 4 != 4) {
            return false;
          }
          illegal = true;
        }
      }
    }
    return false;
  }

  /** Whether the results of a case agree. */
  boolean same(CaseBatch silicon, CaseBatch other, int index) {
    int flagsMask = ~silicon.undefinedFlags(index, asSilicon);
    if (silicon.vector(index) != other.vector(index)
        || silicon.resultRip(index) != other.resultRip(index)
        || ((silicon.resultRflags(index) ^ other.resultRflags(index)) & flagsMask) != 0
        || silicon.resultFsBase(index) != other.resultFsBase(index)
        || silicon.resultGsBase(index) != other.resultGsBase(index)
        || silicon.cr2(index) != other.cr2(index)
        || !sameErrorCode(silicon, other, index)) {
      return false;
    }
    for (int i = 0; i < 16; i++) {
      if (silicon.resultGpr(index, i) != other.resultGpr(index, i)) {
        return false;
      }
    }
    return sameMemory(silicon, other, index) && sameFloating(silicon, other, index);
  }

  /** The differences, a line each: what, silicon's value, the other's value. */
  List<String> differences(CaseBatch silicon, CaseBatch other, int index) {
    var lines = new ArrayList<String>();
    add(lines, "vector", silicon.vector(index), other.vector(index));
    add(lines, "rip", silicon.resultRip(index), other.resultRip(index));
    long mask = ~silicon.undefinedFlags(index, asSilicon);
    add(lines, "rflags", silicon.resultRflags(index) & mask, other.resultRflags(index) & mask);
    add(lines, "fsbase", silicon.resultFsBase(index), other.resultFsBase(index));
    add(lines, "gsbase", silicon.resultGsBase(index), other.resultGsBase(index));
    add(lines, "cr2", silicon.cr2(index), other.cr2(index));
    if (!sameErrorCode(silicon, other, index)) {
      add(lines, "error code", silicon.errorCode(index), other.errorCode(index));
    }
    for (int i = 0; i < 16; i++) {
      add(lines, NAMES[i], silicon.resultGpr(index, i), other.resultGpr(index, i));
    }
    addMemory(lines, silicon, other, index);
    if (!sameFloating(silicon, other, index)) {
      addFloating(lines, silicon, other, index);
    }
    return lines;
  }

  private static void add(List<String> lines, String what, long silicon, long other) {
    if (silicon != other) {
      lines.add(String.format("%-10s silicon %016x  maloca %016x", what, silicon, other));
    }
  }

  private static boolean sameErrorCode(CaseBatch silicon, CaseBatch other, int index) {
    int difference = silicon.errorCode(index) ^ other.errorCode(index);
    if (silicon.vector(index) == VECTOR_PF
        && Long.compareUnsigned(silicon.cr2(index), TASK_SIZE_MAX) >= 0) {
      difference &= ~PAGE_PRESENT;
    }
    return difference == 0;
  }

  // ---- memory

  private boolean sameMemory(CaseBatch silicon, CaseBatch other, int index) {
    int options = silicon.options(index);
    int length = silicon.memoryLength(index);
    if (length == 0 && other.memoryLength(index) == 0) {
      return true;
    }
    int capacity = silicon.kind().memoryCapacity();
    if (options == 0 || length > capacity || other.memoryLength(index) > capacity) {
      return silicon.memoryLow(index) == other.memoryLow(index)
          && length == other.memoryLength(index)
          && silicon.memoryHash(index) == other.memoryHash(index)
          && silicon
                  .memoryBytes(index)
                  .asSlice(0, Math.min(length, capacity))
                  .mismatch(other.memoryBytes(index).asSlice(0, Math.min(length, capacity)))
              < 0;
    }
    var lines = new ArrayList<String>();
    addMemory(lines, silicon, other, index);
    return lines.isEmpty();
  }

  private void addMemory(List<String> lines, CaseBatch silicon, CaseBatch other, int index) {
    if (silicon.memoryHash(index) != other.memoryHash(index)) {
      add(lines, "mem hash", silicon.memoryHash(index), other.memoryHash(index));
      add(lines, "mem low", silicon.memoryLow(index), other.memoryLow(index));
      add(lines, "mem length", silicon.memoryLength(index), other.memoryLength(index));
      return;
    }
    int capacity = silicon.kind().memoryCapacity();
    for (var batch : List.of(silicon, other)) {
      int low = batch.memoryLow(index);
      int end = low + Math.min(batch.memoryLength(index), capacity);
      for (int at = low; at < end; at++) {
        int a = byteAt(silicon, index, at);
        int b = byteAt(other, index, at);
        boolean listed = batch == other && inRange(silicon, index, at);
        if (a != b && !listed && !ignored(silicon.options(index), at)) {
          lines.add(
              String.format(
                  "%-10s silicon %02x  maloca %02x",
                  Long.toHexString(CaseSpace.WINDOW_GVA + at), a, b));
        }
      }
    }
  }

  private static boolean inRange(CaseBatch batch, int index, int at) {
    int relative = at - batch.memoryLow(index);
    int length = Math.min(batch.memoryLength(index), batch.kind().memoryCapacity());
    return relative >= 0 && relative < length;
  }

  private static int byteAt(CaseBatch batch, int index, int at) {
    if (inRange(batch, index, at)) {
      return batch.memoryByte(index, at - batch.memoryLow(index)) & 0xff;
    }
    int patch = at - batch.patchOffset(index);
    if (patch >= 0 && patch < batch.patchLength(index)) {
      return batch.patchByte(index, patch) & 0xff;
    }
    return batch.windowTemplate().get(ValueLayout.JAVA_BYTE, at) & 0xff;
  }

  /** Reserved or model-specific bytes of a stored x87 state. */
  private boolean ignored(int options, int at) {
    int image = at - (options >> 16);
    if ((options & CaseBatch.OPTION_STORES_FXSAVE) != 0) {
      boolean reserved = image == 5 || image >= 28 && image < 32 || image >= FX_END;
      boolean padding = image >= FX_ST && image < FX_XMM && (image & 15) >= 10;
      return reserved || padding || !pointers && image >= 6 && image < 24;
    }
    if ((options & CaseBatch.OPTION_STORES_ENVIRONMENT) != 0) {
      boolean words = (options & CaseBatch.OPTION_ENVIRONMENT_16) != 0;
      return words ? image >= 6 && image < 14 : image >= 12 && image < 28;
    }
    return false;
  }

  // ---- floating point

  private boolean sameFloating(CaseBatch silicon, CaseBatch other, int index) {
    return switch (silicon.kind()) {
      case GPR -> true;
      case SSE ->
          silicon.resultMxcsr(index) == other.resultMxcsr(index) && sameXmm(silicon, other, index);
      case X87 -> sameImage(silicon, other, index);
    };
  }

  private boolean sameXmm(CaseBatch silicon, CaseBatch other, int index) {
    boolean approximate = (silicon.options(index) & CaseBatch.OPTION_SSE_APPROXIMATE) != 0;
    for (int at = 0; at < 256; at += 8) {
      long a = silicon.resultFpLong(index, at);
      long b = other.resultFpLong(index, at);
      if (a != b && !(approximate && close((int) a, (int) b) && close(a, b))) {
        return false;
      }
    }
    return true;
  }

  private static boolean close(long a, long b) {
    return close((int) (a >>> 32), (int) (b >>> 32));
  }

  private static boolean close(int a, int b) {
    double x = Float.intBitsToFloat(a);
    double y = Float.intBitsToFloat(b);
    return a == b || Math.abs(x - y) <= Math.abs(x) * SSE_TOLERANCE;
  }

  private boolean sameImage(CaseBatch silicon, CaseBatch other, int index) {
    for (int at = 0; at < FX_END; at += 8) {
      long difference = silicon.resultFpLong(index, at) ^ other.resultFpLong(index, at);
      if ((difference & imageMask(silicon, index, at)) != 0
          && !closeRegister(silicon, other, index, at)) {
        return false;
      }
    }
    return true;
  }

  private boolean closeRegister(CaseBatch silicon, CaseBatch other, int index, int at) {
    if ((silicon.options(index) & CaseBatch.OPTION_X87_APPROXIMATE) == 0
        || at < FX_ST
        || at >= FX_XMM) {
      return false;
    }
    int register = at & ~15;
    long a = silicon.resultFpLong(index, register);
    long b = other.resultFpLong(index, register);
    long exponents =
        scale(silicon.resultFpLong(index, register + 8))
                - scale(other.resultFpLong(index, register + 8))
            & 0xffff;
    // Neighbours across a power of two, too.
    return exponents == 0 && Math.abs(a - b) <= X87_TOLERANCE
        || exponents == 1 && a == Long.MIN_VALUE && b >= -X87_TOLERANCE && b < 0
        || exponents == 0xffff && b == Long.MIN_VALUE && a >= -X87_TOLERANCE && a < 0;
  }

  /** Sign and exponent; denormals have the scale of the smallest normal numbers. */
  private static long scale(long signExponent) {
    return (signExponent & 0x7fff) == 0 ? signExponent + 1 : signExponent;
  }

  private long imageMask(CaseBatch batch, int index, int at) {
    int options = batch.options(index);
    if (at == 0) {
      long status = ~batch.undefinedStatus(index, asSilicon) & 0xffffL;
      if ((options & CaseBatch.OPTION_X87_APPROXIMATE) != 0) {
        status &= ~(PRECISION_EXCEPTION | STATUS_SUMMARY);
      }
      return 0xffffL | status << 16 | 0xffL << 32 | (pointers ? 0xffffL << 48 : 0);
    } else if (at == 8 || at == 16) {
      return pointers ? -1 : 0;
    } else if (at == 24) {
      return 0xffff_ffffL;
    } else if (at < FX_XMM && (at & 8) != 0) {
      return 0xffff;
    }
    return -1;
  }

  private void addFloating(List<String> lines, CaseBatch silicon, CaseBatch other, int index) {
    if (silicon.kind() == CaseKind.SSE) {
      add(lines, "mxcsr", silicon.resultMxcsr(index), other.resultMxcsr(index));
      for (int at = 0; at < 256; at += 8) {
        String name = "xmm" + at / 16 + ((at & 8) == 0 ? ".low" : ".high");
        add(lines, name, silicon.resultFpLong(index, at), other.resultFpLong(index, at));
      }
      return;
    }
    for (int at = 0; at < FX_END; at += 8) {
      long mask = imageMask(silicon, index, at);
      if (!closeRegister(silicon, other, index, at)) {
        add(
            lines,
            imageName(at),
            silicon.resultFpLong(index, at) & mask,
            other.resultFpLong(index, at) & mask);
      }
    }
  }

  private static String imageName(int at) {
    if (at < FX_ST) {
      return new String[] {"fop:ftw:fsw:fcw", "fip", "fdp", "mxcsr"}[at / 8];
    }
    String half = (at & 8) == 0 ? ".low" : ".high";
    return at < FX_XMM ? "st" + (at - FX_ST) / 16 + half : "xmm" + (at - FX_XMM) / 16 + half;
  }
}
