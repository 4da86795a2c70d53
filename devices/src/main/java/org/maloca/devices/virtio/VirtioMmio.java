package org.maloca.devices.virtio;

import org.maloca.core.bus.IoHandler;
import org.maloca.core.device.Device;
import org.maloca.core.irq.IrqLine;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * A virtio device as memory-mapped registers (virtio 1.2, section 4.2.2, version 2). The guest
 * finds it by ACPI, or by its command line. Safe for any thread.
 */
public final class VirtioMmio implements IoHandler, Device, VirtioTransport {
  public static final int BYTES = 0x1000;

  private static final int MAGIC_VALUE = 0x000;
  private static final int VERSION = 0x004;
  private static final int DEVICE_ID = 0x008;
  private static final int VENDOR_ID = 0x00c;
  private static final int DEVICE_FEATURES = 0x010;
  private static final int DEVICE_FEATURES_SEL = 0x014;
  private static final int DRIVER_FEATURES = 0x020;
  private static final int DRIVER_FEATURES_SEL = 0x024;
  private static final int QUEUE_SEL = 0x030;
  private static final int QUEUE_NUM_MAX = 0x034;
  private static final int QUEUE_NUM = 0x038;
  private static final int QUEUE_READY = 0x044;
  private static final int QUEUE_NOTIFY = 0x050;
  private static final int INTERRUPT_STATUS = 0x060;
  private static final int INTERRUPT_ACK = 0x064;
  private static final int STATUS = 0x070;
  private static final int QUEUE_DESC = 0x080;
  private static final int QUEUE_DRIVER = 0x090;
  private static final int QUEUE_DEVICE = 0x0a0;
  private static final int SHM_LEN = 0x0b0;
  private static final int SHM_BASE = 0x0b8;
  private static final int QUEUE_RESET = 0x0c0;
  private static final int CONFIG_GENERATION = 0x0fc;
  private static final int CONFIG = 0x100;

  private static final int MAGIC = 0x74726976;
  private static final int VENDOR = 0x614c616d;
  private static final int ISR_QUEUE = 1;
  private static final int ISR_CONFIG = 2;
  private static final int SECTION_VERSION = 1;

  private final VirtioDevice device;
  private final IrqLine irq;
  private final Object isrLock = new Object();
  private int isr;
  private int deviceFeaturesSel;
  private int driverFeaturesSel;
  private int queueSel;

  public VirtioMmio(VirtioDevice device, IrqLine irq) {
    this.device = device;
    this.irq = irq;
    device.connect(this);
  }

  @Override
  public long read(int offset, int size) {
    synchronized (device) {
      if (offset >= CONFIG) {
        return device.config().get(offset - CONFIG, size);
      }
      return size == 4 ? register(offset) & 0xffff_ffffL : 0;
    }
  }

  private int register(int offset) {
    return switch (offset) {
      case MAGIC_VALUE -> MAGIC;
      case VERSION -> 2;
      case DEVICE_ID -> device.type();
      case VENDOR_ID -> VENDOR;
      case DEVICE_FEATURES -> device.offeredHalf(deviceFeaturesSel);
      case QUEUE_NUM_MAX -> {
        QueueRegisters queue = device.queueRegisters(queueSel);
        yield queue == null ? 0 : queue.maxSize;
      }
      case QUEUE_READY -> {
        QueueRegisters queue = device.queueRegisters(queueSel);
        yield queue != null && queue.isEnabled ? 1 : 0;
      }
      case INTERRUPT_STATUS -> interruptStatus();
      case STATUS -> device.status();
      // There is no shared memory: all-ones say so.
      case SHM_LEN, SHM_LEN + 4, SHM_BASE, SHM_BASE + 4 -> -1;
      case CONFIG_GENERATION -> device.config().generation();
      default -> 0;
    };
  }

  private int interruptStatus() {
    synchronized (isrLock) {
      return isr;
    }
  }

  @Override
  public void write(int offset, int size, long value) {
    if (offset == QUEUE_NOTIFY) {
      device.notifyQueue((int) value & 0xffff);
      return;
    }
    synchronized (device) {
      if (offset >= CONFIG) {
        device.configWritten(offset - CONFIG, size, value);
      } else if (size == 4) {
        writeRegister(offset, (int) value);
      }
    }
  }

  private void writeRegister(int offset, int value) {
    switch (offset) {
      case DEVICE_FEATURES_SEL -> deviceFeaturesSel = value;
      case DRIVER_FEATURES_SEL -> driverFeaturesSel = value;
      case DRIVER_FEATURES -> device.setDriverHalf(driverFeaturesSel, value);
      case QUEUE_SEL -> queueSel = value;
      case INTERRUPT_ACK -> acknowledge(value);
      case STATUS -> {
        device.writeStatus(value & 0xff);
        if ((value & 0xff) == 0) {
          acknowledge(-1);
        }
      }
      default -> {
        QueueRegisters queue = device.queueRegisters(queueSel);
        if (queue != null) {
          writeQueue(queue, offset, value);
        }
      }
    }
  }

  private void writeQueue(QueueRegisters queue, int offset, int value) {
    if (offset == QUEUE_RESET && value == 1) {
      device.resetQueue(queueSel);
      return;
    }
    if (queue.isEnabled) {
      if (offset == QUEUE_READY && value == 0) {
        device.disableQueue(queueSel);
      }
      return;
    }
    switch (offset) {
      case QUEUE_NUM -> queue.size = Math.clamp(value & 0xffff_ffffL, 0, queue.maxSize);
      case QUEUE_READY -> {
        if (value == 1) {
          device.enableQueue(queueSel);
        }
      }
      case QUEUE_DESC -> queue.descriptorsGpa = QueueRegisters.low(queue.descriptorsGpa, value);
      case QUEUE_DESC + 4 ->
          queue.descriptorsGpa = QueueRegisters.high(queue.descriptorsGpa, value);
      case QUEUE_DRIVER -> queue.driverGpa = QueueRegisters.low(queue.driverGpa, value);
      case QUEUE_DRIVER + 4 -> queue.driverGpa = QueueRegisters.high(queue.driverGpa, value);
      case QUEUE_DEVICE -> queue.deviceGpa = QueueRegisters.low(queue.deviceGpa, value);
      case QUEUE_DEVICE + 4 -> queue.deviceGpa = QueueRegisters.high(queue.deviceGpa, value);
      default -> {
        // Read-only, or nothing there.
      }
    }
  }

  private void acknowledge(int bits) {
    synchronized (isrLock) {
      isr &= ~bits;
      irq.set(isr != 0);
    }
  }

  private void raise(int bit) {
    synchronized (isrLock) {
      isr |= bit;
      irq.set(true);
    }
  }

  @Override
  public void interruptQueue(int vector) {
    raise(ISR_QUEUE);
  }

  @Override
  public void interruptConfig() {
    raise(ISR_CONFIG);
  }

  @Override
  public String id() {
    return device.id();
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
  public void reset() {
    device.reset();
    synchronized (device) {
      deviceFeaturesSel = 0;
      driverFeaturesSel = 0;
      queueSel = 0;
      acknowledge(-1);
    }
  }

  @Override
  public void close() {
    device.close();
  }

  @Override
  public void save(SnapshotWriter writer) {
    SnapshotWriter.Section section = writer.section(id() + ".virtio-mmio", SECTION_VERSION);
    section.put(interruptStatus());
    section.put(deviceFeaturesSel);
    section.put(driverFeaturesSel);
    section.put(queueSel);
    device.save(writer);
  }

  @Override
  public void restore(SnapshotReader reader) {
    SnapshotReader.Section section = reader.section(id() + ".virtio-mmio", SECTION_VERSION);
    synchronized (isrLock) {
      isr = section.getInt();
      irq.restoreLevel(isr != 0);
    }
    deviceFeaturesSel = section.getInt();
    driverFeaturesSel = section.getInt();
    queueSel = section.getInt();
    device.restore(reader);
  }
}
