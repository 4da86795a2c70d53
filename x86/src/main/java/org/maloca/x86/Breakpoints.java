package org.maloca.x86;

/**
 * The debug registers' address breakpoints (Intel SDM vol. 3, 19.2). While any is enabled the
 * engine runs instruction by instruction and lets every data access be looked at.
 */
public final class Breakpoints {
  /** DR6: single step. */
  public static final long DR6_BS = 1 << 14;

  /** DR6: access to a debug register while DR7.GD was set. */
  public static final long DR6_BD = 1 << 13;

  /** DR6: task switch with the T bit. */
  public static final long DR6_BT = 1 << 15;

  /** DR7: general detect. */
  public static final long DR7_GD = 1 << 13;

  private static final int TYPE_EXECUTE = 0;
  private static final int TYPE_WRITE = 1;
  private static final int TYPE_IO = 2;

  private final Cpu cpu;

  /** DR6 bits of data breakpoints that the current instruction met. */
  private long met;

  Breakpoints(Cpu cpu) {
    this.cpu = cpu;
  }

  /** Whether DR7 enables any breakpoint. */
  public boolean anyEnabled() {
    return (cpu.dr[7] & 0xff) != 0;
  }

  /** DR6 bits of enabled execution breakpoints at a linear address. */
  public long atInstruction(long linear) {
    long bits = 0;
    for (int i = 0; i < 4; i++) {
      if (isEnabled(i) && type(i) == TYPE_EXECUTE && cpu.dr[i] == linear) {
        bits |= 1L << i;
      }
    }
    return bits;
  }

  /** Notes an access to memory. */
  public void dataAccess(long va, int size, boolean write) {
    for (int i = 0; i < 4; i++) {
      if (isEnabled(i) && matchesData(type(i), write)) {
        note(i, va, size);
      }
    }
  }

  /** Notes an access to ports; only while CR4.DE is set. */
  public void portAccess(int port, int size) {
    if ((cpu.cr4 & ControlRegisters.CR4_DE) == 0) {
      return;
    }
    for (int i = 0; i < 4; i++) {
      if (isEnabled(i) && type(i) == TYPE_IO) {
        note(i, port, size);
      }
    }
  }

  /** Takes the bits noted since the last call. */
  public long takeMet() {
    long bits = met;
    met = 0;
    return bits;
  }

  private void note(int i, long va, int size) {
    int length = length(i);
    long start = cpu.dr[i] & -length;
    if (va < start + length && va + size > start) {
      met |= 1L << i;
    }
  }

  private boolean isEnabled(int i) {
    return (cpu.dr[7] >>> 2 * i & 3) != 0;
  }

  private int type(int i) {
    return (int) (cpu.dr[7] >>> 16 + 4 * i) & 3;
  }

  private static boolean matchesData(int type, boolean write) {
    return type == TYPE_WRITE ? write : type == 3;
  }

  /** Bytes: the encoding 2 means 8. */
  private int length(int i) {
    return switch ((int) (cpu.dr[7] >>> 18 + 4 * i) & 3) {
      case 0 -> 1;
      case 1 -> 2;
      case 2 -> 8;
      default -> 4;
    };
  }
}
