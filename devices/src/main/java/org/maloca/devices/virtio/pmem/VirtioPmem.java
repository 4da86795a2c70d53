package org.maloca.devices.virtio.pmem;

import java.io.IOException;
import org.maloca.core.memory.GuestMemory;
import org.maloca.devices.virtio.DescriptorChain;
import org.maloca.devices.virtio.VirtioConfig;
import org.maloca.devices.virtio.VirtioDevice;
import org.maloca.devices.virtio.VirtioQueue;

/**
 * Persistent memory (virtio 1.2, section 5.19): a range of guest-physical addresses that shows a
 * file of the host, and a queue by which the driver has it made durable. What the guest reads and
 * writes there does not come by the device.
 */
public final class VirtioPmem extends VirtioDevice {
  private static final int TYPE = 27;
  private static final int QUEUE_SIZE = 64;

  private static final int CONFIG_BYTES = 16;
  private static final int START = 0;
  private static final int SIZE = 8;

  private static final int REQ_TYPE_FLUSH = 0;
  private static final int REQUEST_BYTES = 4;
  private static final int RESPONSE_BYTES = 4;
  private static final byte RESP_TYPE_OK = 0;
  private static final byte RESP_TYPE_EIO = 1;

  private final Medium medium;
  private final VirtioConfig config = new VirtioConfig(CONFIG_BYTES);

  /** What is behind the memory. */
  public interface Medium extends AutoCloseable {
    /** Makes durable what was written to the memory so far. */
    void flush() throws IOException;

    @Override
    void close() throws IOException;
  }

  /**
   * Makes a device.
   *
   * @param gpa where its memory is in the guest
   * @param bytes size of that
   * @param medium closed with the device
   * @param isPacked whether packed rings are offered
   */
  public VirtioPmem(
      String id, GuestMemory memory, long gpa, long bytes, Medium medium, boolean isPacked) {
    super(id, TYPE, 0, isPacked, memory, QUEUE_SIZE);
    this.medium = medium;
    config.set(START, 8, gpa);
    config.set(SIZE, 8, bytes);
  }

  @Override
  protected VirtioConfig config() {
    return config;
  }

  @Override
  protected long serve(VirtioQueue queue, DescriptorChain chain) {
    if (chain.readable().bytes() < REQUEST_BYTES || chain.writable().bytes() < RESPONSE_BYTES) {
      needsReset();
      return 0;
    }
    boolean isFlush = chain.readable().littleEndian(0, REQUEST_BYTES) == REQ_TYPE_FLUSH;
    chain.writable().fill(0, RESPONSE_BYTES, (byte) 0);
    chain.writable().fill(0, 1, isFlush && isFlushed() ? RESP_TYPE_OK : RESP_TYPE_EIO);
    return RESPONSE_BYTES;
  }

  private boolean isFlushed() {
    try {
      medium.flush();
      return true;
    } catch (IOException failure) {
      // The guest hears of it.
      return false;
    }
  }

  @Override
  public void close() {
    super.close();
    try {
      medium.close();
    } catch (IOException failure) {
      System.getLogger(VirtioPmem.class.getName())
          .log(System.Logger.Level.ERROR, "closing " + id(), failure);
    }
  }
}
