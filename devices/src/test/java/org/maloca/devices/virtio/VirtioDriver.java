package org.maloca.devices.virtio;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Function;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.MemoryMap;
import org.maloca.core.memory.MemoryRegion;
import org.maloca.core.memory.RamBlock;
import org.maloca.core.snapshot.SectionBuffer;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.devices.RecordingLine;

/**
 * A driver for tests, which reaches a device by memory-mapped registers and has a small memory: RAM
 * at 0 to {@link #LOW_END} and at {@link #HIGH} to {@link #HIGH_END}, nothing between.
 */
public final class VirtioDriver implements AutoCloseable {
  public static final long LOW_END = 0x40_0000;
  public static final long HIGH = 0x80_0000;
  public static final long HIGH_END = 0x90_0000;

  public static final long VERSION_1 = 1L << 32;

  public static final int STATUS_DRIVER_OK = 4;
  public static final int STATUS_FEATURES_OK = 8;
  public static final int STATUS_NEEDS_RESET = 64;

  private static final int DEVICE_FEATURES = 0x010;
  private static final int DEVICE_FEATURES_SEL = 0x014;
  private static final int DRIVER_FEATURES = 0x020;
  private static final int DRIVER_FEATURES_SEL = 0x024;
  private static final int QUEUE_SEL = 0x030;
  private static final int QUEUE_NUM = 0x038;
  private static final int QUEUE_READY = 0x044;
  private static final int QUEUE_NOTIFY = 0x050;
  private static final int INTERRUPT_ACK = 0x64;
  private static final int INTERRUPT_STATUS = 0x060;
  private static final int STATUS = 0x070;
  private static final int QUEUE_DESC = 0x080;
  private static final int QUEUE_DRIVER = 0x090;
  private static final int QUEUE_DEVICE = 0x0a0;
  private static final int CONFIG = 0x100;

  private static final long FIRST_FREE = 0x1000;
  private static final long PATIENCE_NANOS = 30_000_000_000L;

  private final RamBlock ram;
  private final GuestMemory memory;
  private final VirtioDevice device;
  private final VirtioMmio registers;
  private long nextFree = FIRST_FREE;
  private RingKind kind = RingKind.SPLIT;

  /** Makes a memory, and the device over it. */
  public VirtioDriver(Function<GuestMemory, VirtioDevice> maker) {
    long highBytes = HIGH_END - HIGH;
    try {
      ram = RamBlock.allocate(LOW_END + highBytes);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    long host = ram.hostAddress();
    memory =
        new GuestMemory(
            MemoryMap.of(
                List.of(
                    new MemoryRegion.Ram(0, LOW_END, host, 0),
                    new MemoryRegion.Ram(HIGH, highBytes, host + LOW_END, LOW_END))),
            (int) (ram.size() >> 12));
    device = maker.apply(memory);
    registers = new VirtioMmio(device, new RecordingLine());
    registers.start();
  }

  public GuestMemory memory() {
    return memory;
  }

  public VirtioMmio registers() {
    return registers;
  }

  /** The features that the device offers. */
  public long offered() {
    write(DEVICE_FEATURES_SEL, 0);
    long low = read(DEVICE_FEATURES);
    write(DEVICE_FEATURES_SEL, 1);
    return low | read(DEVICE_FEATURES) << 32;
  }

  /** Resets the device and agrees on features, up to the point where queues are set up. */
  public void negotiate(RingKind ringKind, long features) {
    kind = ringKind;
    reset();
    nextFree = FIRST_FREE;
    long wanted = features | ringKind.features | VERSION_1;
    assertEquals(wanted, wanted & offered(), "the device does not offer all of that");
    write(STATUS, 1);
    write(STATUS, 3);
    write(DRIVER_FEATURES_SEL, 0);
    write(DRIVER_FEATURES, (int) wanted);
    write(DRIVER_FEATURES_SEL, 1);
    write(DRIVER_FEATURES, (int) (wanted >>> 32));
    write(STATUS, 3 | STATUS_FEATURES_OK);
    assertEquals(3 | STATUS_FEATURES_OK, status());
  }

  /** Resets the device and waits until that is done. */
  public void reset() {
    write(STATUS, 0);
    awaitStatus(0);
  }

  /** Sets a queue up. */
  public DriverRing ring(int index, int size) {
    DriverRing ring = new DriverRing(this, kind, index, size);
    enable(index, size, ring.descriptorsGpa, ring.driverGpa, ring.deviceGpa);
    return ring;
  }

  /** Sets a queue up at addresses of the caller's. */
  public void enable(int index, int size, long descriptors, long driver, long device) {
    write(QUEUE_SEL, index);
    write(QUEUE_NUM, size);
    writeLong(QUEUE_DESC, descriptors);
    writeLong(QUEUE_DRIVER, driver);
    writeLong(QUEUE_DEVICE, device);
    write(QUEUE_READY, 1);
  }

  /** Stops a queue; answers whether it is stopped. */
  public boolean disable(int index) {
    write(QUEUE_SEL, index);
    write(QUEUE_READY, 0);
    return read(QUEUE_READY) == 0;
  }

  /** Says that the driver is up. */
  public void start() {
    write(STATUS, 3 | STATUS_FEATURES_OK | STATUS_DRIVER_OK);
  }

  public void kick(int queue) {
    write(QUEUE_NOTIFY, queue);
  }

  public int status() {
    return (int) read(STATUS);
  }

  /** Waits until the status has a value. */
  public void awaitStatus(int wanted) {
    awaitRegister(STATUS, -1, wanted);
  }

  /** Waits until the device says that it needs a reset. */
  public void awaitNeedsReset() {
    awaitRegister(STATUS, STATUS_NEEDS_RESET, STATUS_NEEDS_RESET);
  }

  /** Waits until an interrupt of a kind is pending: 1 for queues, 2 for the configuration. */
  public void awaitInterrupt(int bit) {
    awaitRegister(INTERRUPT_STATUS, bit, bit);
  }

  /** Takes the kinds of interrupt that are pending. */
  public int takeInterrupts() {
    int kinds = (int) read(INTERRUPT_STATUS);
    write(INTERRUPT_ACK, kinds);
    return kinds;
  }

  /** Waits until a queue's worker has been started and has nothing to do. */
  public void awaitAsleep(String thread) {
    long start = System.nanoTime();
    while (Thread.getAllStackTraces().keySet().stream()
        .noneMatch(
            other -> other.getName().equals(thread) && other.getState() == Thread.State.WAITING)) {
      if (System.nanoTime() - start > PATIENCE_NANOS) {
        throw new AssertionError(thread + " does not come to rest");
      }
      Thread.yield();
    }
  }

  private void awaitRegister(int register, int mask, int wanted) {
    long start = System.nanoTime();
    while ((read(register) & mask) != wanted) {
      if (System.nanoTime() - start > PATIENCE_NANOS) {
        throw new AssertionError("register %#x stays %#x".formatted(register, read(register)));
      }
      Thread.yield();
    }
  }

  public long config(int offset, int size) {
    return registers.read(CONFIG + offset, size);
  }

  public void setConfig(int offset, int size, long value) {
    registers.write(CONFIG + offset, size, value);
  }

  private long read(int register) {
    return registers.read(register, 4);
  }

  private void write(int register, int value) {
    registers.write(register, 4, value);
  }

  private void writeLong(int register, long value) {
    write(register, (int) value);
    write(register + 4, (int) (value >>> 32));
  }

  /** Finds room in low RAM, on a 16-byte boundary. */
  public long allocate(long bytes) {
    long gpa = nextFree;
    nextFree = nextFree + bytes + 15 & -16;
    if (nextFree > LOW_END) {
      throw new AssertionError("the test has used up its memory");
    }
    return gpa;
  }

  /** Bytes for the device to read. */
  public DriverRing.Piece out(byte... bytes) {
    long gpa = allocate(bytes.length);
    memory.write(gpa, bytes, 0, bytes.length);
    return new DriverRing.Piece(gpa, bytes.length, false);
  }

  /** Room for the device to write to, filled with 0xee. */
  public DriverRing.Piece in(int length) {
    long gpa = allocate(length);
    byte[] junk = new byte[length];
    java.util.Arrays.fill(junk, (byte) 0xee);
    memory.write(gpa, junk, 0, length);
    return new DriverRing.Piece(gpa, length, true);
  }

  /** What a piece holds. */
  public byte[] bytes(DriverRing.Piece piece) {
    byte[] bytes = new byte[piece.length()];
    memory.read(piece.gpa(), bytes, 0, bytes.length);
    return bytes;
  }

  /** Saves the paused device's state. */
  public SnapshotReader save() {
    SectionBuffer snapshot = new SectionBuffer();
    registers.save(snapshot);
    return snapshot.reader();
  }

  @Override
  public void close() {
    registers.close();
    ram.close();
  }
}
