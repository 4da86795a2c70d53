package org.maloca.devices.pci;

/**
 * The host bridge at 00:00.0: the identity of an Intel Q35's memory controller hub, with its ECAM
 * base in PCIEXBAR (Intel 3 Series Express Chipset Family datasheet, section 5.1). The base is
 * fixed by the board, so the register is read-only.
 */
public final class PciHostBridge extends PciFunction {
  public static final int SLOT = 0;

  private static final Identity IDENTITY = new Identity(0x8086, 0x29c0, 0x02, 0x060000, 0, 0);
  private static final int PCIEXBAR = 0x60;
  private static final int PCIEXBAR_ENABLE = 1;

  /**
   * Makes a host bridge.
   *
   * @param ecamGpa base of the 256 MiB window, a multiple of its size
   */
  public PciHostBridge(long ecamGpa) {
    super("pci-host", IDENTITY);
    config().define(PCIEXBAR, 4, (int) ecamGpa | PCIEXBAR_ENABLE, 0);
    config().define(PCIEXBAR + 4, 4, (int) (ecamGpa >>> 32), 0);
  }
}
