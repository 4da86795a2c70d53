package org.maloca.devices.pci;

import org.maloca.core.irq.IrqLine;

/**
 * The wires from the slots' interrupt pins to the four PIRQ lines: pin INTA..INTD of slot n goes to
 * line (n + pin) mod 4, and every line is the wired-OR of its pins (PCI-to-PCI Bridge Architecture
 * Specification 1.2, section 9.1). Safe for any thread.
 */
public final class PciInterruptRouter {
  public static final int LINES = 4;

  private final Object lock = new Object();
  private final IrqLine[] lines;
  private final int[] asserted = new int[LINES];

  /**
   * Makes a router.
   *
   * @param lines PIRQA to PIRQD
   */
  public PciInterruptRouter(IrqLine[] lines) {
    if (lines.length != LINES) {
      throw new IllegalArgumentException(lines.length + " PIRQ lines");
    }
    this.lines = lines.clone();
  }

  /** The line that a pin 1 (INTA) to 4 (INTD) of a slot leads to, 0 (PIRQA) to 3. */
  public static int line(int slot, int pin) {
    return slot + pin - 1 & LINES - 1;
  }

  /** A new wire from a pin, 1 to 4, of a slot. */
  IrqLine pin(int slot, int pin) {
    int line = line(slot, pin);
    return new IrqLine() {
      private boolean current;

      @Override
      public void set(boolean level) {
        synchronized (lock) {
          if (changes(level)) {
            lines[line].set(asserted[line] > 0);
          }
        }
      }

      @Override
      public void restoreLevel(boolean level) {
        synchronized (lock) {
          if (changes(level)) {
            lines[line].restoreLevel(asserted[line] > 0);
          }
        }
      }

      private boolean changes(boolean level) {
        if (level == current) {
          return false;
        }
        current = level;
        asserted[line] += level ? 1 : -1;
        return asserted[line] == (level ? 1 : 0);
      }
    };
  }
}
