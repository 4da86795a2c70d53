package org.maloca.devices.serial;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.maloca.core.backend.CharBackend;
import org.maloca.core.bus.IoHandler;
import org.maloca.core.bus.PortBus;
import org.maloca.core.device.Device;
import org.maloca.core.irq.IrqLine;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * A PC serial port: a {@link Uart16550} at eight I/O ports with one interrupt line and a host's
 * character backend.
 *
 * <p>Output goes to the backend on the vCPU's thread after the lock is released. Input waits at the
 * host while the receiver has no room. Safe for any thread.
 */
public final class IsaSerialPort implements Device, IoHandler, CharBackend.Receiver {
  public static final int COM1_PORT = 0x3f8;
  public static final int COM1_IRQ = 4;
  public static final int COM2_PORT = 0x2f8;
  public static final int COM2_IRQ = 3;
  public static final int COM3_PORT = 0x3e8;
  public static final int COM3_IRQ = 4;
  public static final int COM4_PORT = 0x2e8;
  public static final int COM4_IRQ = 3;

  private static final int SECTION_VERSION = 1;

  private final String id;
  private final IrqLine irq;
  private final CharBackend backend;
  private final Uart16550 uart = new Uart16550();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition hasRoom = lock.newCondition();
  private boolean irqLevel;

  /**
   * Makes a port and connects it to its backend.
   *
   * @param id for example {@code com1}
   */
  public IsaSerialPort(String id, IrqLine irq, CharBackend backend) {
    this.id = id;
    this.irq = irq;
    this.backend = backend;
    backend.connect(this);
  }

  /** Registers the eight ports from {@code basePort}. */
  public void register(PortBus ports, int basePort) {
    ports.register(basePort, Uart16550.REGISTERS, this);
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public long read(int offset, int size) {
    lock.lock();
    try {
      // Wider accesses run as single bytes on the ISA bus, low first.
      long value = 0;
      for (int i = 0; i < size; i++) {
        int register = offset + i;
        int lane = register < Uart16550.REGISTERS ? uart.read(register) : 0xff;
        value |= (long) lane << 8 * i;
      }
      settle();
      return value;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void write(int offset, int size, long value) {
    for (int i = 0; i < size && offset + i < Uart16550.REGISTERS; i++) {
      writeRegister(offset + i, (int) (value >>> 8 * i) & 0xff);
    }
  }

  private void writeRegister(int register, int value) {
    int sent;
    lock.lock();
    try {
      sent = uart.write(register, value);
      settle();
    } finally {
      lock.unlock();
    }
    if (sent != Uart16550.NOTHING_SENT) {
      backend.transmit((byte) sent);
    }
  }

  /** Brings the pin and the waiting host in line with the registers. */
  private void settle() {
    boolean level = uart.interrupt();
    if (level != irqLevel) {
      irqLevel = level;
      irq.set(level);
    }
    if (uart.room() > 0) {
      hasRoom.signalAll();
    }
  }

  @Override
  public int receive(byte[] bytes, int offset, int length) {
    lock.lock();
    try {
      int taken = Math.min(length, uart.room());
      for (int i = 0; i < taken; i++) {
        uart.receive(bytes[offset + i] & 0xff);
      }
      settle();
      return taken;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void awaitRoom() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (uart.room() == 0) {
        hasRoom.await();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void reset() {
    lock.lock();
    try {
      uart.reset();
      settle();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void save(SnapshotWriter writer) {
    lock.lock();
    try {
      uart.save(writer.section(id, SECTION_VERSION));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void restore(SnapshotReader reader) {
    lock.lock();
    try {
      uart.restore(reader.section(id, SECTION_VERSION));
      irqLevel = uart.interrupt();
      irq.restoreLevel(irqLevel);
      hasRoom.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    backend.close();
  }
}
