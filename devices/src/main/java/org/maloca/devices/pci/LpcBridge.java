package org.maloca.devices.pci;

import org.maloca.core.irq.IrqLine;

/**
 * The ISA bridge at 00:1f.0: the identity of an Intel ICH9's LPC interface, and its interrupt
 * router (Intel I/O Controller Hub 9 datasheet, section 13). Each of PIRQA..PIRQD drives an I/O
 * APIC input of its own and, by its routing register, a PIC input.
 *
 * <p>Where PM registers lie is fixed by the board, so PMBASE is read-only. The routing registers
 * start out as firmware leaves them, for guests that boot without any: PIRQA and C to interrupt 10,
 * PIRQB and D to 11.
 */
public final class LpcBridge extends PciFunction {
  public static final int SLOT = 31;
  public static final int PIRQ_A_AND_C_IRQ = 10;
  public static final int PIRQ_B_AND_D_IRQ = 11;

  private static final Identity IDENTITY = new Identity(0x8086, 0x2918, 0x02, 0x060100, 0, 0);
  private static final int PMBASE = 0x40;
  private static final int PMBASE_PORTS = 1;
  private static final int ACPI_CNTL = 0x44;
  private static final int ACPI_CNTL_ENABLE = 0x80;
  private static final int PIRQ_ROUT = 0x60;
  private static final int PIRQ_ROUT_WRITABLE = 0x8f;
  private static final int PIRQ_ROUT_DISABLED = 0x80;

  /** The interrupts that a PIRQ can be routed to; the others of 0..15 are reserved. */
  private static final int ROUTABLE = 0xdef8;

  private final Object routeLock = new Object();
  private final IrqLine[] picInputs;
  private final IrqLine[] ioApicInputs;
  private final int[] routes = new int[PciInterruptRouter.LINES];
  private int asserted;
  private int picLevels;

  /**
   * Makes an ISA bridge.
   *
   * @param pmBasePort first of the 128 power management ports, a multiple of 128
   * @param picInputs the 16 ISA interrupts
   * @param ioApicInputs the I/O APIC inputs of PIRQA..PIRQD
   */
  public LpcBridge(int pmBasePort, IrqLine[] picInputs, IrqLine[] ioApicInputs) {
    super("lpc", IDENTITY);
    if (picInputs.length != 16 || ioApicInputs.length != PciInterruptRouter.LINES) {
      throw new IllegalArgumentException("16 PIC inputs and 4 I/O APIC inputs");
    }
    this.picInputs = picInputs.clone();
    this.ioApicInputs = ioApicInputs.clone();
    config().define(PMBASE, 4, pmBasePort | PMBASE_PORTS, 0);
    config().define(ACPI_CNTL, 1, ACPI_CNTL_ENABLE, 0);
    for (int line = 0; line < PciInterruptRouter.LINES; line++) {
      int irq = (line & 1) == 0 ? PIRQ_A_AND_C_IRQ : PIRQ_B_AND_D_IRQ;
      config().define(PIRQ_ROUT + line, 1, irq, PIRQ_ROUT_WRITABLE);
      // PIRQE to PIRQH are not wired.
      config().define(PIRQ_ROUT + 8 + line, 1, PIRQ_ROUT_DISABLED, PIRQ_ROUT_WRITABLE);
    }
    readRoutes();
  }

  /** The inputs PIRQA to PIRQD, for {@link PciInterruptRouter}. */
  public IrqLine[] pirqs() {
    IrqLine[] inputs = new IrqLine[PciInterruptRouter.LINES];
    for (int line = 0; line < inputs.length; line++) {
      inputs[line] = pirq(line);
    }
    return inputs;
  }

  private IrqLine pirq(int line) {
    return new IrqLine() {
      @Override
      public void set(boolean level) {
        synchronized (routeLock) {
          note(line, level);
          ioApicInputs[line].set(level);
          drivePic(false);
        }
      }

      @Override
      public void restoreLevel(boolean level) {
        synchronized (routeLock) {
          note(line, level);
          ioApicInputs[line].restoreLevel(level);
          drivePic(true);
        }
      }
    };
  }

  private void note(int line, boolean level) {
    asserted = level ? asserted | 1 << line : asserted & ~(1 << line);
  }

  private void drivePic(boolean isRestoring) {
    int levels = 0;
    for (int line = 0; line < routes.length; line++) {
      levels |= (asserted >> line & 1) * routes[line];
    }
    int changed = levels ^ picLevels;
    picLevels = levels;
    for (int irq = 0; changed >>> irq != 0; irq++) {
      if ((changed >>> irq & 1) != 0) {
        boolean level = (levels >>> irq & 1) != 0;
        if (isRestoring) {
          picInputs[irq].restoreLevel(level);
        } else {
          picInputs[irq].set(level);
        }
      }
    }
  }

  /** Turns the routing registers into masks of PIC inputs. */
  private void readRoutes() {
    for (int line = 0; line < routes.length; line++) {
      int route = config().read(PIRQ_ROUT + line, 1);
      routes[line] = (route & PIRQ_ROUT_DISABLED) != 0 ? 0 : 1 << (route & 0xf) & ROUTABLE;
    }
  }

  @Override
  protected void configWritten(int offset, int size) {
    if (offset < PIRQ_ROUT + PciInterruptRouter.LINES && offset + size > PIRQ_ROUT) {
      synchronized (routeLock) {
        readRoutes();
        // No access of the guest is that wide: the whole space was restored, without edges.
        drivePic(size > 4);
      }
    }
  }

  @Override
  public void reset() {
    super.reset();
    synchronized (routeLock) {
      readRoutes();
      drivePic(false);
    }
  }
}
