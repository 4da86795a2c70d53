package org.maloca.devices.virtio.ninep;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.snapshot.SnapshotException;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;
import org.maloca.devices.virtio.DescriptorChain;
import org.maloca.devices.virtio.VirtioConfig;
import org.maloca.devices.virtio.VirtioDevice;
import org.maloca.devices.virtio.VirtioQueue;

/**
 * A shared folder that the guest mounts by its tag: 9P over virtio, device 9. OASIS only keeps the
 * number; the device is what Linux's {@code net/9p/trans_virtio.c} drives. One queue, a request a
 * chain: the message in the readable buffers, room for the answer in the writable ones.
 */
public final class VirtioNinep extends VirtioDevice {
  /** Longest tag, in bytes, that all of Linux's tools can show. */
  public static final int MAX_TAG_BYTES = 255;

  private static final int TYPE = 9;
  private static final long F_MOUNT_TAG = 1;
  private static final int TAG_LENGTH = 0;
  private static final int TAG = 2;

  /** Linux sends messages in up to as many pieces. */
  private static final int QUEUE_SIZE = 128;

  private final DetachableServer server;
  private final VirtioConfig config;

  /**
   * Makes a device.
   *
   * @param server of the folder; closed with the device
   * @param tag by which the guest mounts it, 1 to {@link #MAX_TAG_BYTES} bytes
   */
  public VirtioNinep(String id, GuestMemory memory, NinepServer server, String tag) {
    super(id, TYPE, F_MOUNT_TAG, false, memory, QUEUE_SIZE);
    this.server = new DetachableServer(id + "-folder", server);
    byte[] name = tag.getBytes(StandardCharsets.UTF_8);
    if (name.length == 0 || name.length > MAX_TAG_BYTES) {
      throw new IllegalArgumentException("a tag of %d bytes".formatted(name.length));
    }
    config = new VirtioConfig(TAG + name.length);
    config.set(TAG_LENGTH, 2, name.length);
    config.set(TAG, name);
  }

  /**
   * Makes a device with a folder.
   *
   * @throws IOException when the folder cannot be opened
   */
  public static VirtioNinep open(String id, GuestMemory memory, NinepConfig folder, String tag)
      throws IOException {
    return new VirtioNinep(id, memory, NinepServer.open(folder), tag);
  }

  @Override
  protected VirtioConfig config() {
    return config;
  }

  @Override
  protected long serve(VirtioQueue queue, DescriptorChain chain) {
    long atOnce = server.serveAtOnce(chain.readable(), chain.writable());
    return atOnce != NinepServer.NOT_AT_ONCE
        ? atOnce
        : later(server.serve(chain.readable(), chain.writable(), queue::isWantedElsewhere));
  }

  @Override
  protected boolean isServedAtOnce(int queue) {
    return true;
  }

  @Override
  protected long serveAtOnce(VirtioQueue queue, DescriptorChain chain) {
    long atOnce = server.serveAtOnce(chain.readable(), chain.writable());
    return atOnce == NinepServer.NOT_AT_ONCE ? LATER : atOnce;
  }

  private static long later(long bytes) {
    return bytes == DetachableServer.LATER ? LATER : bytes;
  }

  @Override
  protected void deactivated() {
    server.reset();
  }

  @Override
  public synchronized void save(SnapshotWriter writer) {
    super.save(writer);
    if (!server.run(open -> open.save(writer, id() + ".9p"))) {
      throw new SnapshotException(id() + ": the shared folder does not answer");
    }
  }

  @Override
  public synchronized void restore(SnapshotReader reader) {
    super.restore(reader);
    if (!server.run(open -> open.restore(reader, id() + ".9p"))) {
      throw new SnapshotException(id() + ": the shared folder does not answer");
    }
  }

  @Override
  public void close() {
    super.close();
    server.close();
  }
}
