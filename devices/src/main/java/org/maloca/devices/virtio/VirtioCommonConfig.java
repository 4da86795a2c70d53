package org.maloca.devices.virtio;

import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * The common configuration structure of virtio over PCI (virtio 1.2, section 4.1.4.3). Safe for any
 * thread: it is read and written under the device's lock.
 */
final class VirtioCommonConfig {
  static final int BYTES = 0x40;

  private static final int DEVICE_FEATURE_SELECT = 0x00;
  private static final int DEVICE_FEATURE = 0x04;
  private static final int DRIVER_FEATURE_SELECT = 0x08;
  private static final int DRIVER_FEATURE = 0x0c;
  private static final int CONFIG_MSIX_VECTOR = 0x10;
  private static final int DEVICE_STATUS = 0x14;
  private static final int QUEUE_SELECT = 0x16;
  private static final int QUEUE_SIZE = 0x18;
  private static final int QUEUE_MSIX_VECTOR = 0x1a;
  private static final int QUEUE_ENABLE = 0x1c;
  private static final int QUEUE_DESC = 0x20;
  private static final int QUEUE_DRIVER = 0x28;
  private static final int QUEUE_DEVICE = 0x30;
  private static final int QUEUE_NOTIFY_DATA = 0x38;
  private static final int QUEUE_RESET = 0x3a;

  private final VirtioDevice device;
  private final int vectors;
  private int deviceFeatureSelect;
  private int driverFeatureSelect;
  private int queueSelect;
  private volatile int configVector = VirtioTransport.NO_VECTOR;

  VirtioCommonConfig(VirtioDevice device, int vectors) {
    this.device = device;
    this.vectors = vectors;
  }

  int configVector() {
    return configVector;
  }

  /** Chooses the vector of configuration changes; one that does not exist counts as none. */
  void setConfigVector(int vector) {
    configVector = vector < vectors ? vector : VirtioTransport.NO_VECTOR;
  }

  /** The vector that a queue gets when the driver asks for one. */
  int queueVector(int vector) {
    return vector < vectors ? vector : VirtioTransport.NO_VECTOR;
  }

  long read(int offset, int size) {
    synchronized (device) {
      // Fields are read whole or in their halves; a wider read takes the lower one first.
      return size == 8
          ? word(offset) & 0xffff_ffffL | (long) word(offset + 4) << 32
          : word(offset & ~3) >>> 8 * (offset & 3) & 0xffff_ffffL;
    }
  }

  private int word(int offset) {
    QueueRegisters queue = device.queueRegisters(queueSelect);
    return switch (offset) {
      case DEVICE_FEATURE_SELECT -> deviceFeatureSelect;
      case DEVICE_FEATURE -> device.offeredHalf(deviceFeatureSelect);
      case DRIVER_FEATURE_SELECT -> driverFeatureSelect;
      case DRIVER_FEATURE -> device.driverHalf(driverFeatureSelect);
      case CONFIG_MSIX_VECTOR -> configVector | device.queueCount() << 16;
      case DEVICE_STATUS -> device.status() | device.config().generation() << 8 | queueSelect << 16;
      default -> queue == null ? 0 : queueWord(queue, offset);
    };
  }

  private int queueWord(QueueRegisters queue, int offset) {
    return switch (offset) {
      case QUEUE_SIZE -> queue.size | queue.vector << 16;
      case QUEUE_ENABLE -> (queue.isEnabled ? 1 : 0) | queueSelect << 16;
      case QUEUE_DESC -> (int) queue.descriptorsGpa;
      case QUEUE_DESC + 4 -> (int) (queue.descriptorsGpa >>> 32);
      case QUEUE_DRIVER -> (int) queue.driverGpa;
      case QUEUE_DRIVER + 4 -> (int) (queue.driverGpa >>> 32);
      case QUEUE_DEVICE -> (int) queue.deviceGpa;
      case QUEUE_DEVICE + 4 -> (int) (queue.deviceGpa >>> 32);
      // Notification data is the queue's number; a reset is over when the write returns.
      case QUEUE_NOTIFY_DATA -> queueSelect;
      default -> 0;
    };
  }

  void write(int offset, int size, long value) {
    synchronized (device) {
      if (size == 8) {
        writeField(offset, 4, (int) value);
        writeField(offset + 4, 4, (int) (value >>> 32));
      } else {
        writeField(offset, size, (int) value);
      }
    }
  }

  private void writeField(int offset, int size, int value) {
    int narrow = size == 1 ? value & 0xff : value & 0xffff;
    switch (offset) {
      case DEVICE_FEATURE_SELECT -> deviceFeatureSelect = value;
      case DRIVER_FEATURE_SELECT -> driverFeatureSelect = value;
      case DRIVER_FEATURE -> device.setDriverHalf(driverFeatureSelect, value);
      case CONFIG_MSIX_VECTOR -> setConfigVector(narrow);
      case DEVICE_STATUS -> writeStatus(value & 0xff);
      case QUEUE_SELECT -> queueSelect = narrow;
      default -> {
        QueueRegisters queue = device.queueRegisters(queueSelect);
        if (queue != null) {
          writeQueue(queue, offset, value, narrow);
        }
      }
    }
  }

  private void writeStatus(int value) {
    device.writeStatus(value);
    if (value == 0) {
      reset();
    }
  }

  private void writeQueue(QueueRegisters queue, int offset, int value, int narrow) {
    if (offset == QUEUE_MSIX_VECTOR) {
      queue.vector = queueVector(narrow);
    } else if (offset == QUEUE_RESET) {
      if ((narrow & 1) != 0) {
        device.resetQueue(queueSelect);
      }
    } else if (!queue.isEnabled) {
      writeIdleQueue(queue, offset, value, narrow);
    }
  }

  private void writeIdleQueue(QueueRegisters queue, int offset, int value, int narrow) {
    switch (offset) {
      case QUEUE_SIZE -> queue.size = Math.min(narrow, queue.maxSize);
      case QUEUE_ENABLE -> {
        if (narrow == 1) {
          device.enableQueue(queueSelect);
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

  void reset() {
    deviceFeatureSelect = 0;
    driverFeatureSelect = 0;
    queueSelect = 0;
    configVector = VirtioTransport.NO_VECTOR;
  }

  void save(SnapshotWriter.Section section) {
    section.put(deviceFeatureSelect);
    section.put(driverFeatureSelect);
    section.put(queueSelect);
    section.put(configVector);
  }

  void restore(SnapshotReader.Section section) {
    deviceFeatureSelect = section.getInt();
    driverFeatureSelect = section.getInt();
    queueSelect = section.getInt();
    configVector = section.getInt();
  }
}
