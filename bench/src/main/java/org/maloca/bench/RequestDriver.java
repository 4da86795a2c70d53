package org.maloca.bench;

import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.function.Function;
import org.maloca.core.irq.IrqLine;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.HostMemory;
import org.maloca.core.memory.MemoryMap;
import org.maloca.core.memory.MemoryRegion;
import org.maloca.core.memory.RamBlock;
import org.maloca.devices.virtio.VirtioDevice;
import org.maloca.devices.virtio.VirtioMmio;

/**
 * A driver of a virtio device without a guest: it sends one request after the other over a split
 * ring and waits for each. Nothing of its own allocates.
 */
final class RequestDriver implements AutoCloseable {
  private static final long RAM_BYTES = 4 << 20;
  private static final long READABLE = 0x10_0000;
  private static final long WRITABLE = 0x20_0000;
  private static final int QUEUE_SIZE = 16;
  private static final int RING_BYTES = 0x1000;

  // Of virtio 1.2, section 4.2.2.
  private static final int DRIVER_FEATURES = 0x020;
  private static final int DRIVER_FEATURES_SEL = 0x024;
  private static final int QUEUE_SEL = 0x030;
  private static final int QUEUE_NUM = 0x038;
  private static final int QUEUE_READY = 0x044;
  private static final int QUEUE_NOTIFY = 0x050;
  private static final int STATUS = 0x070;
  private static final int QUEUE_DESC = 0x080;
  private static final int QUEUE_DRIVER = 0x090;
  private static final int QUEUE_DEVICE = 0x0a0;

  private static final int DESC_F_NEXT = 1;
  private static final int DESC_F_WRITE = 2;

  private final RamBlock ram;
  private final long host;
  private final VirtioMmio device;
  private final int queue;
  private int sent;

  /**
   * Starts a device.
   *
   * @param features those below bit 32 that the driver accepts
   */
  RequestDriver(int queue, int features, Function<GuestMemory, VirtioDevice> maker)
      throws IOException {
    this.queue = queue;
    ram = RamBlock.allocate(RAM_BYTES);
    host = ram.hostAddress();
    MemoryMap map = MemoryMap.of(List.of(new MemoryRegion.Ram(0, RAM_BYTES, host, 0)));
    device =
        new VirtioMmio(
            maker.apply(new GuestMemory(map, (int) (RAM_BYTES >> 12))), IrqLine.NOT_CONNECTED);
    device.start();
    write(STATUS, 3);
    write(DRIVER_FEATURES_SEL, 0);
    write(DRIVER_FEATURES, features);
    write(DRIVER_FEATURES_SEL, 1);
    write(DRIVER_FEATURES, 1);
    write(STATUS, 11);
    for (int i = 0; i <= queue; i++) {
      write(QUEUE_SEL, i);
      write(QUEUE_NUM, QUEUE_SIZE);
      write(QUEUE_DESC, descriptors(i));
      write(QUEUE_DRIVER, available(i));
      write(QUEUE_DEVICE, used(i));
      write(QUEUE_READY, 1);
    }
    write(STATUS, 15);
  }

  private static int descriptors(int ring) {
    return (3 * ring + 1) * RING_BYTES;
  }

  private static int available(int ring) {
    return descriptors(ring) + RING_BYTES;
  }

  private static int used(int ring) {
    return available(ring) + RING_BYTES;
  }

  private void write(int register, int value) {
    device.write(register, 4, value);
  }

  /** Says what a request consists of; {@code room} is behind it. */
  void prepare(byte[] readable, int room) {
    HostMemory.write(host + READABLE, readable, 0, readable.length);
    describe(0, READABLE, readable.length, room > 0 ? DESC_F_NEXT : 0);
    describe(1, WRITABLE, room, DESC_F_WRITE);
  }

  private void describe(int index, long gpa, int length, int flags) {
    long at = host + descriptors(queue) + 16L * index;
    HostMemory.putLong(at, gpa);
    HostMemory.putInt(at + 8, length);
    HostMemory.putShort(at + 12, (short) flags);
    HostMemory.putShort(at + 14, (short) (index + 1));
  }

  /** Sends the request, and waits until it comes back. */
  void send() {
    long ring = host + available(queue);
    HostMemory.putShort(ring + 4 + 2L * (sent % QUEUE_SIZE), (short) 0);
    sent++;
    VarHandle.fullFence();
    HostMemory.putShort(ring + 2, (short) sent);
    VarHandle.fullFence();
    write(QUEUE_NOTIFY, queue);
    while ((HostMemory.getShort(host + used(queue) + 2) & 0xffff) != (sent & 0xffff)) {
      VarHandle.fullFence();
      Thread.yield();
    }
  }

  /** A byte of the answer. */
  int answer(int offset) {
    return HostMemory.getByte(host + WRITABLE + offset) & 0xff;
  }

  @Override
  public void close() {
    device.close();
    ram.close();
  }
}
