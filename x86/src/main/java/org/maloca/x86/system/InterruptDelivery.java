package org.maloca.x86.system;

import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.GuestFault;

/**
 * Delivers interrupts and exceptions (AMD APM vol. 2, chapter 8; Intel SDM vol. 3, chapter 6).
 * Nothing of the CPU's state changes before the whole frame has been pushed.
 */
public final class InterruptDelivery {
  private static final int ERROR_EXTERNAL = 1;

  private InterruptDelivery() {}

  /**
   * Delivers an exception. {@link Cpu#rip} is the RIP to be pushed; for a page fault the address is
   * in {@link Cpu#fault}.
   *
   * @return false when delivery failed three times: the CPU shuts down
   */
  public static boolean raise(Cpu cpu, int vector, int errorCode) {
    int current = vector;
    int code = errorCode;
    boolean resumes = isFault(vector);
    cpu.counters.exception(vector);
    while (true) {
      if (current == GuestFault.PF) {
        cpu.cr2 = cpu.fault.address;
      }
      boolean hasCode = cpu.isProtected() && GuestFault.hasErrorCode(current);
      int flags = resumes ? cpu.rflags() | Flags.RF : cpu.rflags();
      try {
        deliver(
            cpu,
            new InterruptEvent(
                current, hasCode ? code : InterruptEvent.NO_ERROR_CODE, cpu.rip, flags, false));
        return true;
      } catch (GuestFault fault) {
        int second = fault.vector;
        code = withExternal(second, fault.errorCode);
        if (current == GuestFault.DF && !isBenign(second)) {
          return false;
        }
        if (isDouble(current, second)) {
          // A page fault that turns into a double fault still leaves its address.
          if (second == GuestFault.PF) {
            cpu.cr2 = fault.address;
          }
          current = GuestFault.DF;
          code = 0;
        } else {
          current = second;
        }
      }
    }
  }

  /**
   * Delivers an external interrupt or an NMI before the instruction at {@link Cpu#rip}.
   *
   * @return false when the CPU shuts down
   */
  public static boolean interrupt(Cpu cpu, int vector) {
    try {
      deliver(
          cpu,
          new InterruptEvent(vector, InterruptEvent.NO_ERROR_CODE, cpu.rip, cpu.rflags(), false));
      return true;
    } catch (GuestFault fault) {
      return raise(cpu, fault.vector, withExternal(fault.vector, fault.errorCode));
    }
  }

  /**
   * Delivers what INT n, INT3 and INTO raise.
   *
   * @throws GuestFault when it cannot be, at the instruction itself
   */
  static void software(Cpu cpu, int vector, long returnRip) {
    deliver(
        cpu,
        new InterruptEvent(vector, InterruptEvent.NO_ERROR_CODE, returnRip, cpu.rflags(), true));
  }

  private static void deliver(Cpu cpu, InterruptEvent event) {
    if (!cpu.isProtected()) {
      RealModeInterrupt.deliver(cpu, event, cpu.idtrBase, cpu.idtrLimit & 0xffff);
    } else if (cpu.isLongMode()) {
      LongModeInterrupt.deliver(cpu, event);
    } else {
      ProtectedModeInterrupt.deliver(cpu, event);
    }
    cpu.interruptShadow = false;
  }

  /** Clears the flags that every gate clears, and IF if the gate does. */
  static void clearFlags(Cpu cpu, boolean alsoInterrupts) {
    int cleared = Flags.TF | Flags.NT | Flags.RF | Flags.VM | (alsoInterrupts ? Flags.IF : 0);
    cpu.systemFlags &= ~cleared;
  }

  /** Faults, as opposed to traps and aborts, push RF so that breakpoints do not hit twice. */
  private static boolean isFault(int vector) {
    return vector != GuestFault.DB
        && vector != GuestFault.BP
        && vector != GuestFault.OF
        && vector != GuestFault.DF
        && vector != GuestFault.MC;
  }

  private static boolean isContributory(int vector) {
    return vector == GuestFault.DE || vector >= GuestFault.TS && vector <= GuestFault.GP;
  }

  private static boolean isBenign(int vector) {
    return vector != GuestFault.PF && !isContributory(vector);
  }

  private static boolean isDouble(int first, int second) {
    return isContributory(first) && isContributory(second)
        || first == GuestFault.PF && !isBenign(second);
  }

  /** Segment faults during delivery tell that the event was not the program's own. */
  private static int withExternal(int vector, int errorCode) {
    return vector >= GuestFault.TS && vector <= GuestFault.GP
        ? errorCode | ERROR_EXTERNAL
        : errorCode;
  }
}
