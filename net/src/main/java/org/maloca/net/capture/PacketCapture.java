package org.maloca.net.capture;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.NetFrame;
import org.maloca.net.frame.FrameQueue;

/**
 * Writes frames to pcapng files on a thread of its own. Traffic never waits for the disk: what
 * finds no room in the queue is missing from the capture, which says how much. Large frames are
 * kept as the guest gave them. Safe for any thread.
 */
public final class PacketCapture implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(PacketCapture.class.getName());

  private static final int QUEUE_BYTES = 4 << 20;

  private final CaptureConfig config;
  private final String name;
  private final FrameQueue queue = new FrameQueue(QUEUE_BYTES);
  private final ByteBuffer block;
  private final Thread writer;
  private FileChannel file;
  private long written;
  private long lost;
  private volatile @Nullable IOException failure;
  private volatile boolean isFull;

  /**
   * Opens the file, replacing what was there.
   *
   * @param name of the interface, and for threads
   * @throws IOException if it cannot be written
   */
  public PacketCapture(CaptureConfig config, String name) throws IOException {
    this.config = config;
    this.name = name;
    block = ByteBuffer.allocateDirect(config.snapBytes() + 4 + Pcapng.PACKET_OVERHEAD);
    block.order(ByteOrder.LITTLE_ENDIAN);
    file = open();
    writer = Thread.ofPlatform().daemon().name(name + "-capture").start(this::write);
  }

  /** Adds a frame as it is now. */
  public void add(NetFrame frame, boolean isFromGuest) {
    if (isFull || failure != null) {
      return;
    }
    Instant now = Instant.now();
    long nanos = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    ByteBuffer bytes = frame.bytes();
    int captured = Math.min(bytes.remaining(), config.snapBytes());
    synchronized (block) {
      block.clear();
      int flags = isFromGuest ? Pcapng.OUTBOUND : Pcapng.INBOUND;
      Pcapng.packet(block, bytes, captured, nanos, flags, lost);
      block.flip();
      lost = queue.offer(block) ? 0 : lost + 1;
    }
  }

  /** How many frames are missing from the capture. */
  public long dropped() {
    return queue.dropped();
  }

  /** Why nothing is written any more; null while all is well. */
  public @Nullable IOException failure() {
    return failure;
  }

  private void write() {
    try {
      while (queue.await()) {
        ByteBuffer packet = queue.peek();
        if (packet != null) {
          write(packet);
          queue.remove();
        }
      }
    } catch (IOException problem) {
      failure = problem;
      LOG.log(System.Logger.Level.WARNING, "the capture to {0} ends: {1}", config.file(), problem);
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    } finally {
      close(file);
    }
  }

  private void write(ByteBuffer packet) throws IOException {
    if (written + packet.remaining() > config.fileBytes()) {
      isFull = config.files() == 1;
      if (isFull) {
        return;
      }
      close(file);
      rotate();
      file = open();
    }
    written += packet.remaining();
    while (packet.hasRemaining()) {
      file.write(packet);
    }
  }

  private FileChannel open() throws IOException {
    FileChannel opened =
        FileChannel.open(
            config.file(),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING);
    try {
      ByteBuffer header = Pcapng.header(name, config.snapBytes());
      written = header.remaining();
      while (header.hasRemaining()) {
        opened.write(header);
      }
      return opened;
    } catch (IOException problem) {
      close(opened);
      throw problem;
    }
  }

  private void rotate() throws IOException {
    for (int number = config.files() - 1; number >= 1; number--) {
      Path from = number == 1 ? config.file() : numbered(number - 1);
      try {
        Files.move(from, numbered(number), StandardCopyOption.REPLACE_EXISTING);
      } catch (NoSuchFileException notYet) {
        continue;
      }
    }
  }

  private Path numbered(int number) {
    return config.file().resolveSibling(config.file().getFileName() + "." + number);
  }

  private static void close(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException lost) {
      LOG.log(System.Logger.Level.WARNING, "a capture may not be whole", lost);
    }
  }

  /** Writes what is queued and closes the file. */
  @Override
  public void close() {
    queue.close();
    try {
      writer.join();
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
  }
}
