package org.maloca.devices.virtio;

import org.maloca.core.bus.IoHandler;

/**
 * The registers of before virtio 1.0, in an I/O BAR of transitional devices (virtio 1.2, section
 * 4.1.4.10). The device configuration lies behind them, four bytes further on while MSI-X is
 * enabled.
 */
final class VirtioLegacyRegisters implements IoHandler {
  private static final int DEVICE_FEATURES = 0x00;
  private static final int DRIVER_FEATURES = 0x04;
  private static final int QUEUE_ADDRESS = 0x08;
  private static final int QUEUE_SIZE = 0x0c;
  private static final int QUEUE_SELECT = 0x0e;
  private static final int QUEUE_NOTIFY = 0x10;
  private static final int DEVICE_STATUS = 0x12;
  private static final int ISR_STATUS = 0x13;
  private static final int CONFIG_VECTOR = 0x14;
  private static final int QUEUE_VECTOR = 0x16;
  private static final int CONFIG = 0x14;
  private static final int CONFIG_BEHIND_VECTORS = 0x18;

  /** Rings lie in pages, and their used part starts a new one. */
  private static final int PAGE_SHIFT = 12;

  private static final long PAGE = 1L << PAGE_SHIFT;

  private final VirtioDevice device;
  private final VirtioCommonConfig common;
  private final VirtioPci function;
  private int queueSelect;

  VirtioLegacyRegisters(VirtioDevice device, VirtioCommonConfig common, VirtioPci function) {
    this.device = device;
    this.common = common;
    this.function = function;
  }

  /** Room that they take in the BAR. */
  int bytes() {
    return CONFIG_BEHIND_VECTORS + device.config().size();
  }

  @Override
  public long read(int offset, int size) {
    synchronized (device) {
      boolean hasVectors = function.isMsixEnabled();
      int config = hasVectors ? CONFIG_BEHIND_VECTORS : CONFIG;
      if (offset >= config) {
        return device.config().get(offset - config, size);
      }
      return register(offset);
    }
  }

  private long register(int offset) {
    QueueRegisters queue = device.queueRegisters(queueSelect);
    return switch (offset) {
      case DEVICE_FEATURES -> device.offeredFeatures() & 0xffff_ffffL | VirtioFeatures.ANY_LAYOUT;
      case DRIVER_FEATURES -> device.driverFeatures() & 0xffff_ffffL;
      case QUEUE_ADDRESS -> queue == null ? 0 : queue.descriptorsGpa >>> PAGE_SHIFT;
      case QUEUE_SIZE -> queue == null ? 0 : queue.maxSize;
      case QUEUE_SELECT -> queueSelect;
      case DEVICE_STATUS -> device.status();
      case ISR_STATUS -> function.takeIsr();
      case CONFIG_VECTOR -> common.configVector();
      case QUEUE_VECTOR -> queue == null ? VirtioTransport.NO_VECTOR : queue.vector;
      default -> 0;
    };
  }

  @Override
  public void write(int offset, int size, long value) {
    if (offset == QUEUE_NOTIFY) {
      device.notifyQueue((int) value & 0xffff);
      return;
    }
    synchronized (device) {
      int config = function.isMsixEnabled() ? CONFIG_BEHIND_VECTORS : CONFIG;
      if (offset >= config) {
        device.configWritten(offset - config, size, value);
      } else {
        writeRegister(offset, (int) value);
      }
    }
  }

  private void writeRegister(int offset, int value) {
    QueueRegisters queue = device.queueRegisters(queueSelect);
    switch (offset) {
      case DRIVER_FEATURES -> device.setDriverFeatures(value & 0xffff_ffffL);
      case QUEUE_SELECT -> queueSelect = value & 0xffff;
      case DEVICE_STATUS -> {
        device.writeStatus(value & 0xff);
        if ((value & 0xff) == 0) {
          queueSelect = 0;
          common.reset();
        }
      }
      case CONFIG_VECTOR -> common.setConfigVector(value & 0xffff);
      case QUEUE_VECTOR -> {
        if (queue != null) {
          queue.vector = common.queueVector(value & 0xffff);
        }
      }
      case QUEUE_ADDRESS -> {
        if (queue != null) {
          setAddress(queue, (value & 0xffff_ffffL) << PAGE_SHIFT);
        }
      }
      default -> {
        // Read-only, or nothing there.
      }
    }
  }

  private void setAddress(QueueRegisters queue, long gpa) {
    if (gpa == 0) {
      // Goes for the whole device in practice: drivers do it after they have reset the device.
      queue.isEnabled = false;
      queue.descriptorsGpa = 0;
      return;
    }
    queue.size = queue.maxSize;
    queue.descriptorsGpa = gpa;
    queue.driverGpa = gpa + (long) Descriptors.BYTES * queue.size;
    long availableEnd = queue.driverGpa + 6 + 2L * queue.size;
    queue.deviceGpa = availableEnd + PAGE - 1 & -PAGE;
    device.enableQueue(queueSelect);
  }
}
