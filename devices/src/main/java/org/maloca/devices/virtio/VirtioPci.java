package org.maloca.devices.virtio;

import java.util.concurrent.atomic.AtomicInteger;
import org.maloca.core.bus.IoHandler;
import org.maloca.core.irq.MsiSink;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;
import org.maloca.devices.pci.MsixTable;
import org.maloca.devices.pci.PciBar;
import org.maloca.devices.pci.PciExpress;
import org.maloca.devices.pci.PciFunction;

/**
 * A virtio device as a PCI function (virtio 1.2, section 4.1), transitional where it has a legacy
 * number: then it also has the registers of before 1.0 in an I/O BAR.
 *
 * <pre>
 * BAR 0  legacy registers (transitional devices)
 * BAR 1  MSI-X
 * BAR 4  0x0000 common configuration, 0x1000 ISR, 0x2000 device configuration, 0x3000 notifications
 * </pre>
 */
public final class VirtioPci extends PciFunction implements VirtioTransport {
  private static final int VENDOR = 0x1af4;
  private static final int MODERN_DEVICE_BASE = 0x1040;
  private static final int SUBSYSTEM_MODERN = 0x1100;
  private static final int VENDOR_CAPABILITY = 0x09;

  private static final int CAP_COMMON = 1;
  private static final int CAP_NOTIFY = 2;
  private static final int CAP_ISR = 3;
  private static final int CAP_DEVICE = 4;
  private static final int CAP_PCI = 5;

  private static final int LEGACY_BAR = 0;
  private static final int MSIX_BAR = 1;
  private static final int REGISTER_BAR = 4;
  private static final int REGISTER_BYTES = 0x4000;
  private static final int PART_BYTES = 0x1000;
  private static final int ISR = 0x1000;
  private static final int DEVICE = 0x2000;
  private static final int NOTIFY = 0x3000;
  private static final int NOTIFY_MULTIPLIER = 4;

  private static final int ISR_QUEUE = 1;
  private static final int ISR_CONFIG = 2;
  private static final int SECTION_VERSION = 1;

  private final VirtioDevice device;
  private final MsixTable msix;
  private final VirtioCommonConfig common;
  private final AtomicInteger isr = new AtomicInteger();
  private final Registers registers = new Registers();
  private final int pciWindow;

  /**
   * What a device type is called on PCI.
   *
   * @param transitionalId PCI device id of its transitional form, 0 when there is none
   * @param classCode class, subclass and interface
   */
  public record Identity(int transitionalId, int classCode) {
    public static final Identity NET = new Identity(0x1000, 0x020000);
    public static final Identity BLOCK = new Identity(0x1001, 0x010000);
    public static final Identity BALLOON = new Identity(0x1002, 0x00ff00);
    public static final Identity CONSOLE = new Identity(0x1003, 0x078000);
    public static final Identity SCSI = new Identity(0x1004, 0x010000);
    public static final Identity ENTROPY = new Identity(0x1005, 0x00ff00);
    public static final Identity NINEP = new Identity(0x1009, 0x000200);
    public static final Identity VSOCK = new Identity(0, 0x078000);
    public static final Identity PMEM = new Identity(0, 0x00ff00);

    boolean isTransitional() {
      return transitionalId != 0;
    }
  }

  /** Makes the function; to be plugged into a bus. */
  @SuppressWarnings("this-escape")
  public VirtioPci(VirtioDevice device, Identity identity, MsiSink messages) {
    super(device.id(), pciIdentity(device, identity));
    this.device = device;
    // One for each queue and one for changes of the configuration.
    msix = new MsixTable(device.queueCount() + 1, messages);
    common = new VirtioCommonConfig(device, msix.vectors());
    if (identity.isTransitional()) {
      VirtioLegacyRegisters legacy = new VirtioLegacyRegisters(device, common, this);
      int bytes = Integer.highestOneBit(legacy.bytes() * 2 - 1);
      addBar(new PciBar(LEGACY_BAR, PciBar.Kind.PORTS, Math.clamp(bytes, 32, 256), legacy));
    }
    addMsix(msix, MSIX_BAR);
    addBar(new PciBar(REGISTER_BAR, PciBar.Kind.MEMORY_64_PREFETCHABLE, REGISTER_BYTES, registers));
    addStructure(CAP_COMMON, 0, VirtioCommonConfig.BYTES, 0);
    addStructure(CAP_ISR, ISR, 1, 0);
    addStructure(CAP_DEVICE, DEVICE, Math.max(4, device.config().size()), 0);
    addStructure(CAP_NOTIFY, NOTIFY, NOTIFY_MULTIPLIER * device.queueCount(), NOTIFY_MULTIPLIER);
    pciWindow = addPciWindow();
    addExpress(new PciExpress(9));
    setInterruptPin(1);
    device.connect(this);
  }

  private static PciFunction.Identity pciIdentity(VirtioDevice device, Identity identity) {
    return identity.isTransitional()
        ? new PciFunction.Identity(
            VENDOR, identity.transitionalId, 0, identity.classCode, VENDOR, device.type())
        : new PciFunction.Identity(
            VENDOR,
            MODERN_DEVICE_BASE + device.type(),
            1,
            identity.classCode,
            VENDOR,
            SUBSYSTEM_MODERN);
  }

  private void addStructure(int type, int offset, int length, int notifyMultiplier) {
    boolean isNotify = type == CAP_NOTIFY;
    byte[] body = new byte[isNotify ? 18 : 14];
    fillStructure(body, type, offset, length);
    if (isNotify) {
      body[14] = (byte) notifyMultiplier;
    }
    addCapability(VENDOR_CAPABILITY, body, new byte[body.length]);
  }

  private static void fillStructure(byte[] body, int type, int offset, int length) {
    body[0] = (byte) (body.length + 2);
    body[1] = (byte) type;
    body[2] = REGISTER_BAR;
    for (int i = 0; i < 4; i++) {
      body[6 + i] = (byte) (offset >>> 8 * i);
      body[10 + i] = (byte) (length >>> 8 * i);
    }
  }

  /** The way to the registers for those who cannot map BARs (section 4.1.4.9). */
  private int addPciWindow() {
    byte[] body = new byte[18];
    fillStructure(body, CAP_PCI, 0, 0);
    byte[] writable = new byte[18];
    writable[2] = (byte) 0xff;
    for (int i = 6; i < 18; i++) {
      writable[i] = (byte) 0xff;
    }
    return addCapability(VENDOR_CAPABILITY, body, writable);
  }

  @Override
  protected void configReading(int offset, int size) {
    int data = pciWindow + 16;
    if (offset < data + 4 && offset + size > data && isPciWindowGood()) {
      int length = config().read(pciWindow + 12, 4);
      long value = registers.read(config().read(pciWindow + 8, 4), length);
      config().set(data, length, (int) value);
    }
  }

  @Override
  protected void configWritten(int offset, int size) {
    int data = pciWindow + 16;
    // All of the space at once is a snapshot that comes back, not a write.
    boolean isAccess = size <= 4 && offset < data + 4 && offset + size > data;
    if (isAccess && isPciWindowGood()) {
      int length = config().read(pciWindow + 12, 4);
      long value = config().read(data, length) & 0xffff_ffffL;
      registers.write(config().read(pciWindow + 8, 4), length, value);
    }
  }

  private boolean isPciWindowGood() {
    int length = config().read(pciWindow + 12, 4);
    int offset = config().read(pciWindow + 8, 4);
    return config().read(pciWindow + 4, 1) == REGISTER_BAR
        && (length == 1 || length == 2 || length == 4)
        && offset >= 0
        && offset <= REGISTER_BYTES - length
        && offset % length == 0;
  }

  /** The modern registers. */
  private final class Registers implements IoHandler {
    @Override
    public long read(int offset, int size) {
      return switch (offset / PART_BYTES) {
        case 0 -> common.read(offset, size);
        case ISR / PART_BYTES -> offset == ISR ? takeIsr() : 0;
        case DEVICE / PART_BYTES -> device.config().get(offset - DEVICE, size);
        default -> 0;
      };
    }

    @Override
    public void write(int offset, int size, long value) {
      switch (offset / PART_BYTES) {
        case 0 -> common.write(offset, size, value);
        case DEVICE / PART_BYTES -> writeDeviceConfig(offset - DEVICE, size, value);
        case NOTIFY / PART_BYTES -> device.notifyQueue((offset - NOTIFY) / NOTIFY_MULTIPLIER);
        default -> {
          // Read-only.
        }
      }
    }
  }

  void writeDeviceConfig(int offset, int size, long value) {
    synchronized (device) {
      device.configWritten(offset, size, value);
    }
  }

  /** Reads the interrupt status, which clears it. */
  int takeIsr() {
    int value = isr.getAndSet(0);
    setIntx(false);
    // An interrupt that came between the two lines must not be lost.
    if (isr.get() != 0) {
      setIntx(true);
    }
    return value;
  }

  boolean isMsixEnabled() {
    return msix.isEnabled();
  }

  @Override
  public void interruptQueue(int vector) {
    interrupt(vector, ISR_QUEUE);
  }

  @Override
  public void interruptConfig() {
    interrupt(common.configVector(), ISR_CONFIG);
  }

  private void interrupt(int vector, int isrBit) {
    if (msix.isEnabled()) {
      if (isBusMaster()) {
        msix.send(vector);
      }
      return;
    }
    isr.getAndUpdate(bits -> bits | isrBit);
    setIntx(true);
  }

  @Override
  public void reset() {
    device.reset();
    common.reset();
    isr.set(0);
    super.reset();
  }

  @Override
  public void start() {
    device.start();
  }

  @Override
  public void pause() {
    device.pause();
  }

  @Override
  public void resume() {
    device.resume();
  }

  @Override
  public void close() {
    device.close();
  }

  @Override
  public void save(SnapshotWriter writer) {
    super.save(writer);
    SnapshotWriter.Section section = writer.section(id() + ".virtio-pci", SECTION_VERSION);
    section.put(isr.get());
    common.save(section);
    device.save(writer);
  }

  @Override
  public void restore(SnapshotReader reader) {
    SnapshotReader.Section section = reader.section(id() + ".virtio-pci", SECTION_VERSION);
    isr.set(section.getInt());
    common.restore(section);
    device.restore(reader);
    super.restore(reader);
  }
}
