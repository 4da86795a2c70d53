package org.maloca.devices.pci;

/**
 * The PCI Express capability (PCI Express Base Specification 5.0, section 7.5.3) of a port, or of
 * an endpoint that can be reset alone.
 */
public final class PciExpress {
  public static final int CAPABILITY_ID = 0x10;

  /** Offset of device control in the capability. */
  static final int DEVICE_CONTROL = 8;

  private static final int ROOT_PORT = 4;
  private static final int VERSION_2 = 2;
  private static final int BODY_BYTES = 0x3c - 2;
  private static final int DEVICE_CAPABILITIES = 4;
  private static final int ROLE_BASED_ERRORS = 1 << 15;
  private static final int FUNCTION_LEVEL_RESET = 1 << 28;
  private static final int INITIATE_RESET = 1 << 15;
  private static final int DEVICE_CONTROL_WRITABLE = 0xffff;

  private final int portType;

  /**
   * Makes a capability.
   *
   * @param portType 0 for an endpoint behind a port, 4 for a root port, 9 for an endpoint in the
   *     root complex
   */
  public PciExpress(int portType) {
    this.portType = portType;
  }

  int addTo(PciFunction function) {
    byte[] body = new byte[BODY_BYTES];
    byte[] writable = new byte[BODY_BYTES];
    put(body, 2, 2, VERSION_2 | portType << 4);
    int reset = portType == ROOT_PORT ? 0 : FUNCTION_LEVEL_RESET;
    put(body, DEVICE_CAPABILITIES, 4, ROLE_BASED_ERRORS | reset);
    int initiateReset = portType == ROOT_PORT ? INITIATE_RESET : 0;
    put(writable, DEVICE_CONTROL, 2, DEVICE_CONTROL_WRITABLE & ~initiateReset);
    return function.addCapability(CAPABILITY_ID, body, writable);
  }

  private static void put(byte[] body, int offset, int size, int value) {
    for (int i = 0; i < size; i++) {
      body[offset - 2 + i] = (byte) (value >>> 8 * i);
    }
  }

  /** Whether the guest has just asked for a reset; the bit always reads as zero. */
  boolean takesFunctionLevelReset(PciConfigSpace config, int capability) {
    int control = config.read(capability + DEVICE_CONTROL, 2);
    config.set(capability + DEVICE_CONTROL, 2, control & ~INITIATE_RESET);
    return (control & INITIATE_RESET) != 0;
  }
}
