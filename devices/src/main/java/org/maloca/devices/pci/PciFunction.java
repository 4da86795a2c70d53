package org.maloca.devices.pci;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.core.device.Device;
import org.maloca.core.irq.IrqLine;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * One PCI function: configuration space with a type 0 header, BARs, capabilities and an interrupt
 * pin (PCI Local Bus Specification 3.0, section 6). A device extends it or holds one; in the
 * constructor it declares registers, then it is plugged into a {@link PciBus}.
 *
 * <p>Safe for any thread: configuration accesses take the function's lock, under which BAR windows
 * are moved and {@link #configWritten} runs. So a device must not access configuration space while
 * it holds a lock that its {@code configWritten} takes. The interrupt pin has a lock of its own, so
 * that a device can drive it under its lock.
 */
public class PciFunction implements Device {
  public static final int VENDOR_ID = 0x00;
  public static final int DEVICE_ID = 0x02;
  public static final int COMMAND = 0x04;
  public static final int STATUS = 0x06;
  public static final int REVISION_ID = 0x08;
  public static final int CLASS_CODE = 0x09;
  public static final int HEADER_TYPE = 0x0e;
  public static final int BAR0 = 0x10;
  public static final int SUBSYSTEM_VENDOR_ID = 0x2c;
  public static final int CAPABILITIES_POINTER = 0x34;
  public static final int INTERRUPT_LINE = 0x3c;
  public static final int INTERRUPT_PIN = 0x3d;

  public static final int COMMAND_PORTS = 0x0001;
  public static final int COMMAND_MEMORY = 0x0002;
  public static final int COMMAND_BUS_MASTER = 0x0004;
  public static final int COMMAND_INTX_DISABLE = 0x0400;

  private static final int COMMAND_WRITABLE = 0x0547;
  private static final int STATUS_INTERRUPT = 0x0008;
  private static final int STATUS_CAPABILITIES = 0x0010;
  private static final int STATUS_CLEARABLE = 0xf900;
  private static final int HEADER_MULTIFUNCTION = 0x80;
  private static final int FIRST_CAPABILITY = 0x40;
  private static final int BARS = 6;
  private static final int SECTION_VERSION = 1;

  private final Object lock = new Object();
  private final Object pinLock = new Object();
  private final String id;
  private final List<Watch> watches = new ArrayList<>();
  private final PciConfigSpace config = new PciConfigSpace(PciConfigSpace.EXTENDED_BYTES);
  private final @Nullable PciBar[] bars = new PciBar[BARS];
  private final long[] shownAt = new long[BARS];
  private @Nullable PciWindows windows;
  private IrqLine intx = IrqLine.NOT_CONNECTED;
  private volatile int command;
  private volatile boolean intxAsserted;
  private boolean intxLevel;
  private int capabilitiesEnd = FIRST_CAPABILITY;
  private int lastCapability = CAPABILITIES_POINTER;
  private @Nullable MsixTable msix;
  private int msixControl;
  private @Nullable PciMsi msi;
  private int msiCapability;
  private @Nullable PciGate gate;

  /** Something to do, under the lock, when the guest has written certain registers. */
  private record Watch(int offset, int end, Runnable written) {}

  /**
   * What a function is.
   *
   * @param classCode base class, subclass and interface: 0x060000 for a host bridge
   */
  public record Identity(
      int vendorId,
      int deviceId,
      int revision,
      int classCode,
      int subsystemVendorId,
      int subsystemId) {}

  /**
   * Makes a function without BARs, capabilities and interrupt pin.
   *
   * @param id unique in the machine
   */
  @SuppressWarnings("this-escape")
  public PciFunction(String id, Identity identity) {
    this.id = id;
    config.define(VENDOR_ID, 2, identity.vendorId, 0);
    config.define(DEVICE_ID, 2, identity.deviceId, 0);
    config.define(COMMAND, 2, 0, COMMAND_WRITABLE);
    config.defineClearable(STATUS, 2, STATUS_CLEARABLE);
    config.define(REVISION_ID, 4, identity.revision | identity.classCode << 8, 0);
    config.define(0x0c, 1, 0, 0xff);
    config.define(SUBSYSTEM_VENDOR_ID, 2, identity.subsystemVendorId, 0);
    config.define(SUBSYSTEM_VENDOR_ID + 2, 2, identity.subsystemId, 0);
    config.define(INTERRUPT_LINE, 1, 0, 0xff);
    java.util.Arrays.fill(shownAt, -1);
  }

  /** The raw registers, for declaring more of them and for devices that set them at run time. */
  protected final PciConfigSpace config() {
    return config;
  }

  /** Declares a BAR; before plugging only. */
  public final void addBar(PciBar bar) {
    for (PciBar other : bars) {
      if (other != null && covers(other, bar.index()) | covers(bar, other.index())) {
        throw new IllegalArgumentException("BAR %d is taken".formatted(bar.index()));
      }
    }
    bars[bar.index()] = bar;
    long mask = bar.addressMask();
    config.define(bar.register(), 4, bar.kind().typeBits(), (int) mask);
    if (bar.kind().isWide()) {
      config.define(bar.register() + 4, 4, 0, (int) (mask >> 32));
    }
  }

  private static boolean covers(PciBar bar, int index) {
    return index == bar.index() || bar.kind().isWide() && index == bar.index() + 1;
  }

  /**
   * Appends a capability to the list; before plugging only.
   *
   * @param capabilityId as the PCI-SIG assigns it
   * @param body what follows the two-byte header
   * @param writable the bits of the body that the guest can write, as long as the body
   * @return offset of the capability's header in configuration space
   */
  public final int addCapability(int capabilityId, byte[] body, byte[] writable) {
    int offset = capabilitiesEnd;
    int length = 2 + body.length + 3 & ~3;
    if (body.length != writable.length || offset + length > PciConfigSpace.CONVENTIONAL_BYTES) {
      throw new IllegalArgumentException("capability of %d bytes".formatted(body.length));
    }
    config.define(offset, 2, capabilityId, 0);
    for (int i = 0; i < body.length; i++) {
      config.define(offset + 2 + i, 1, body[i], writable[i]);
    }
    int link = lastCapability == CAPABILITIES_POINTER ? CAPABILITIES_POINTER : lastCapability + 1;
    config.define(link, 1, offset, 0);
    config.define(STATUS, 2, STATUS_CAPABILITIES, 0);
    lastCapability = offset;
    capabilitiesEnd = offset + length;
    return offset;
  }

  /** Has something done, under the function's lock, when the guest has written these registers. */
  protected final void onWrite(int offset, int size, Runnable written) {
    watches.add(new Watch(offset, offset + size, written));
  }

  /** Declares MSI-X with its table in a BAR of its own; before plugging only. */
  public final void addMsix(MsixTable table, int barIndex) {
    int capability = table.addTo(this, barIndex);
    msix = table;
    msixControl = capability + 2;
    onWrite(msixControl, 2, () -> table.writeControl(config.read(msixControl, 2)));
  }

  /** Declares MSI; before plugging only. */
  public final void addMsi(PciMsi messages) {
    int capability = messages.addTo(this);
    msi = messages;
    msiCapability = capability;
    onWrite(capability + 2, PciMsi.BYTES - 2, () -> messages.written(config, capability));
  }

  /** Declares the PCI Express capability; before plugging only. Answers its offset. */
  public final int addExpress(PciExpress express) {
    int capability = express.addTo(this);
    onWrite(
        capability + PciExpress.DEVICE_CONTROL,
        2,
        () -> {
          if (express.takesFunctionLevelReset(config, capability)) {
            functionLevelReset();
          }
        });
    return capability;
  }

  /**
   * The guest asked for a reset of this function alone (PCI Express Base Specification, section
   * 6.6.2); under the function's lock. A device with more state than registers overrides it and
   * calls this one too.
   */
  protected void functionLevelReset() {
    reset();
  }

  /** Declares the interrupt pin: 1 (INTA) to 4 (INTD); before plugging only. */
  public final void setInterruptPin(int pin) {
    config.define(INTERRUPT_PIN, 1, pin, 0);
  }

  /** The declared interrupt pin, 0 for none. */
  public final int interruptPin() {
    return config.read(INTERRUPT_PIN, 1);
  }

  /** The BARs, by their registers. */
  final List<PciBar> bars() {
    List<PciBar> declared = new ArrayList<>();
    for (PciBar bar : bars) {
      if (bar != null) {
        declared.add(bar);
      }
    }
    return declared;
  }

  /** Joins the function to its slot; called by the bus. */
  final void plug(PciWindows slotWindows, @Nullable PciGate slotGate, IrqLine slotIntx) {
    synchronized (lock) {
      windows = slotWindows;
      gate = slotGate;
      synchronized (pinLock) {
        intx = slotIntx;
      }
      headerChanged();
    }
  }

  /** Takes the function from its slot; called by the bus. */
  final void unplug() {
    synchronized (lock) {
      PciWindows left = windows;
      for (PciBar bar : bars) {
        if (bar != null && left != null && shownAt[bar.index()] != -1) {
          left.hide(bar);
          shownAt[bar.index()] = -1;
        }
      }
      windows = null;
      synchronized (pinLock) {
        intx.set(false);
        intx = IrqLine.NOT_CONNECTED;
      }
    }
  }

  /** Does something under the function's lock. */
  protected final void change(Runnable body) {
    synchronized (lock) {
      body.run();
    }
  }

  /** Tells the guest that the device has further functions. */
  final void markMultifunction() {
    config.define(HEADER_TYPE, 1, HEADER_MULTIFUNCTION, 0);
  }

  /** Reads configuration registers: 1, 2 or 4 bytes at an offset 0..4095. */
  public final int readConfig(int offset, int size) {
    synchronized (lock) {
      configReading(offset, size);
      if (msi != null) {
        msi.showPending(config, msiCapability);
      }
      int value = config.read(offset, size);
      // The one register that follows the device rather than the guest's writes.
      if (offset <= STATUS && offset + size > STATUS && intxAsserted) {
        value |= STATUS_INTERRUPT << 8 * (STATUS - offset);
      }
      return value;
    }
  }

  /** Writes configuration registers: 1, 2 or 4 bytes at an offset 0..4095. */
  public final void writeConfig(int offset, int size, int value) {
    synchronized (lock) {
      config.write(offset, size, value);
      if (offset < BAR0 + 4 * BARS && offset + size > COMMAND) {
        headerChanged();
      }
      for (Watch watch : watches) {
        if (offset < watch.end && offset + size > watch.offset) {
          watch.written.run();
        }
      }
      configWritten(offset, size);
    }
  }

  /**
   * Called under the function's lock before the guest reads these configuration bytes, for
   * registers that are windows to something else. Must not throw.
   */
  protected void configReading(int offset, int size) {}

  /**
   * Called under the function's lock after the guest wrote these configuration bytes. Must not
   * throw.
   */
  protected void configWritten(int offset, int size) {}

  /** Whether the guest lets the function read and write memory. */
  public final boolean isBusMaster() {
    return (command & COMMAND_BUS_MASTER) != 0;
  }

  /** Drives the interrupt pin, as far as the guest has not disabled it. Safe for any thread. */
  public final void setIntx(boolean asserted) {
    synchronized (pinLock) {
      intxAsserted = asserted;
      drivePin();
    }
  }

  private void drivePin() {
    boolean level = intxAsserted && (command & COMMAND_INTX_DISABLE) == 0;
    if (level != intxLevel) {
      intxLevel = level;
      intx.set(level);
    }
  }

  private void headerChanged() {
    command = config.read(COMMAND, 2);
    synchronized (pinLock) {
      drivePin();
    }
    for (PciBar bar : bars) {
      if (bar != null) {
        move(bar);
      }
    }
  }

  private void move(PciBar bar) {
    int decode = bar.kind().isPorts() ? COMMAND_PORTS : COMMAND_MEMORY;
    long address = address(bar);
    // Address 0 is where BARs start: not assigned yet.
    long target = (command & decode) != 0 && address != 0 ? address : -1;
    if (windows == null || target == shownAt[bar.index()]) {
      return;
    }
    if (shownAt[bar.index()] != -1) {
      windows.hide(bar);
    }
    shownAt[bar.index()] = target;
    if (target != -1) {
      windows.show(bar, target, gate);
    }
  }

  private long address(PciBar bar) {
    long low = config.read(bar.register(), 4) & 0xffff_ffffL;
    long high = bar.kind().isWide() ? (long) config.read(bar.register() + 4, 4) << 32 : 0;
    return (high | low) & bar.addressMask();
  }

  @Override
  public final String id() {
    return id;
  }

  /** Power-on state: registers, windows and pin. A device that overrides it calls this one too. */
  @Override
  public void reset() {
    synchronized (lock) {
      config.reset();
      if (msix != null) {
        msix.reset();
      }
      if (msi != null) {
        msi.reset(config, msiCapability);
      }
      setIntx(false);
      headerChanged();
    }
  }

  /** Writes the function's own section, {@code <id>.pci}. */
  @Override
  public void save(SnapshotWriter writer) {
    synchronized (lock) {
      SnapshotWriter.Section section = writer.section(id + ".pci", SECTION_VERSION);
      if (msi != null) {
        msi.showPending(config, msiCapability);
      }
      config.save(section);
      section.put(intxAsserted);
      if (msix != null) {
        msix.save(section);
      }
    }
  }

  @Override
  public void restore(SnapshotReader reader) {
    synchronized (lock) {
      SnapshotReader.Section section = reader.section(id + ".pci", SECTION_VERSION);
      config.restore(section);
      command = config.read(COMMAND, 2);
      synchronized (pinLock) {
        intxAsserted = section.getBoolean();
        intxLevel = intxAsserted && (command & COMMAND_INTX_DISABLE) == 0;
        intx.restoreLevel(intxLevel);
      }
      if (msix != null) {
        msix.restore(section);
        msix.writeControl(config.read(msixControl, 2));
      }
      if (msi != null) {
        msi.restore(config, msiCapability);
      }
      headerChanged();
      configWritten(0, config.size());
    }
  }
}
