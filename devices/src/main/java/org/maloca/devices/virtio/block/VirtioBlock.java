package org.maloca.devices.virtio.block;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.Admission;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.backend.DiskThrottle;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.IoVector;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;
import org.maloca.devices.disk.DiskBounds;
import org.maloca.devices.disk.DiskErrorAction;
import org.maloca.devices.disk.DiskErrors;
import org.maloca.devices.virtio.DescriptorChain;
import org.maloca.devices.virtio.VirtioConfig;
import org.maloca.devices.virtio.VirtioDevice;
import org.maloca.devices.virtio.VirtioQueue;

/** A disk (virtio 1.2, section 5.2). */
public final class VirtioBlock extends VirtioDevice {
  private static final int TYPE = 2;

  private static final long F_SEG_MAX = 1L << 2;
  private static final long F_GEOMETRY = 1L << 4;
  private static final long F_RO = 1L << 5;
  private static final long F_BLK_SIZE = 1L << 6;
  private static final long F_FLUSH = 1L << 9;
  private static final long F_TOPOLOGY = 1L << 10;
  private static final long F_CONFIG_WCE = 1L << 11;
  private static final long F_MQ = 1L << 12;
  private static final long F_DISCARD = 1L << 13;
  private static final long F_WRITE_ZEROES = 1L << 14;

  private static final int CONFIG_BYTES = 60;
  private static final int CAPACITY = 0;
  private static final int SEG_MAX = 12;
  private static final int GEOMETRY = 16;
  private static final int BLK_SIZE = 20;
  private static final int TOPOLOGY = 24;
  private static final int WRITEBACK = 32;
  private static final int NUM_QUEUES = 34;
  private static final int MAX_DISCARD_SECTORS = 36;
  private static final int MAX_DISCARD_SEG = 40;
  private static final int DISCARD_SECTOR_ALIGNMENT = 44;
  private static final int MAX_WRITE_ZEROES_SECTORS = 48;
  private static final int MAX_WRITE_ZEROES_SEG = 52;
  private static final int WRITE_ZEROES_MAY_UNMAP = 56;

  private static final int T_IN = 0;
  private static final int T_OUT = 1;
  private static final int T_FLUSH = 4;
  private static final int T_GET_ID = 8;
  private static final int T_DISCARD = 11;
  private static final int T_WRITE_ZEROES = 13;

  private static final byte S_OK = 0;
  private static final byte S_IOERR = 1;
  private static final byte S_UNSUPP = 2;

  /** No status for the driver: the request has to wait for a limit. */
  private static final byte NOT_GRANTED = -1;

  private static final int SECTION_VERSION = 1;
  private static final int HEADER_BYTES = 16;
  private static final int SERIAL_BYTES = 20;
  private static final int RANGE_BYTES = 16;
  private static final int RANGE_UNMAP = 1;
  private static final int QUEUE_SIZE = 512;

  private static final int SECTOR = BlockBackend.SECTOR_BYTES;

  private final BlockBackend backend;
  private final Options options;
  private final DiskErrors errors;
  private final VirtioConfig config = new VirtioConfig(CONFIG_BYTES);
  private final byte[] serial = new byte[SERIAL_BYTES];
  private final Request[] requests;

  /** What the driver chose, or has to do with because it cannot flush. */
  private volatile boolean isWriteThrough;

  private volatile @Nullable DiskThrottle throttle;

  /**
   * How the guest sees the disk and its errors.
   *
   * @param serial what the guest reads as serial number; at most 20 bytes of it
   * @param queues number of request queues
   * @param isPacked whether packed rings are offered
   */
  public record Options(
      String serial,
      int queues,
      boolean isPacked,
      DiskErrorAction writeError,
      DiskErrorAction readError) {
    public Options {
      if (queues < 1 || queues > 64) {
        throw new IllegalArgumentException(queues + " queues");
      }
    }

    /** One queue, and the machine is paused when the host's disk is full. */
    public static Options of(String serial) {
      return new Options(serial, 1, false, DiskErrorAction.ENOSPC, DiskErrorAction.REPORT);
    }
  }

  /**
   * Makes a disk.
   *
   * @param backend closed with the device
   * @param stop asked, on a worker's thread, to pause the machine because of an error; given this
   *     disk's id. Must not wait for the pause
   */
  public VirtioBlock(
      String id,
      GuestMemory memory,
      BlockBackend backend,
      Options options,
      BiConsumer<String, IOException> stop) {
    super(id, TYPE, features(backend, options), options.isPacked, memory, queueSizes(options));
    this.backend = backend;
    this.options = options;
    errors = new DiskErrors(options.writeError, options.readError, stop);
    byte[] text = options.serial.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(text, 0, serial, 0, Math.min(text.length, SERIAL_BYTES));
    requests = new Request[options.queues];
    Arrays.setAll(requests, i -> new Request());
    fillConfig();
    backend.onSizeChange(this::sizeChanged);
    backend.onThrottleChange(this::throttleChanged);
    throttle = backend.throttle();
  }

  private static long features(BlockBackend backend, Options options) {
    long features = F_SEG_MAX | F_GEOMETRY | F_BLK_SIZE | F_FLUSH | F_TOPOLOGY | F_CONFIG_WCE;
    if (options.queues > 1) {
      features |= F_MQ;
    }
    return features | (backend.isReadOnly() ? F_RO : F_DISCARD | F_WRITE_ZEROES);
  }

  private static int[] queueSizes(Options options) {
    int[] sizes = new int[options.queues];
    Arrays.fill(sizes, QUEUE_SIZE);
    return sizes;
  }

  private void fillConfig() {
    long sectors = backend.sizeBytes() / SECTOR;
    config.set(CAPACITY, 8, sectors);
    // Two descriptors are the header's and the status's.
    config.set(SEG_MAX, 4, QUEUE_SIZE - 2);
    config.set(GEOMETRY, 2, Math.min(sectors / (16 * 63), 16383));
    config.set(GEOMETRY + 2, 1, 16);
    config.set(GEOMETRY + 3, 1, 63);
    config.set(BLK_SIZE, 4, SECTOR);
    int preferred = backend.preferredBytes() / SECTOR;
    config.set(TOPOLOGY, 1, 0);
    config.set(TOPOLOGY + 2, 2, Math.min(preferred, 0xffff));
    config.set(WRITEBACK, 1, usualWriteback());
    config.set(NUM_QUEUES, 2, options.queues);
    config.set(MAX_DISCARD_SECTORS, 4, DiskBounds.MAX_RANGE_SECTORS);
    config.set(MAX_DISCARD_SEG, 4, DiskBounds.MAX_RANGES);
    config.set(DISCARD_SECTOR_ALIGNMENT, 4, Math.max(1, preferred));
    config.set(MAX_WRITE_ZEROES_SECTORS, 4, DiskBounds.MAX_RANGE_SECTORS);
    config.set(MAX_WRITE_ZEROES_SEG, 4, DiskBounds.MAX_RANGES);
    config.set(WRITE_ZEROES_MAY_UNMAP, 1, 1);
  }

  private void sizeChanged() {
    config.set(CAPACITY, 8, backend.sizeBytes() / SECTOR);
    configChanged();
  }

  private void throttleChanged() {
    throttle = backend.throttle();
    reconsider();
  }

  @Override
  protected VirtioConfig config() {
    return config;
  }

  @Override
  protected void configWritten(int offset, int size, long value) {
    if (offset == WRITEBACK && hasFeature(F_CONFIG_WCE)) {
      isWriteThrough = (value & 1) == 0 || !hasFeature(F_FLUSH);
      config.set(WRITEBACK, 1, isWriteThrough ? 0 : 1);
    }
  }

  @Override
  protected void activated() {
    // A driver that cannot flush counts on writes being durable when they are done.
    isWriteThrough = !hasFeature(F_FLUSH) || config.get(WRITEBACK, 1) == 0;
    config.set(WRITEBACK, 1, isWriteThrough ? 0 : 1);
  }

  @Override
  protected void deactivated() {
    config.set(WRITEBACK, 1, usualWriteback());
    isWriteThrough = false;
  }

  /**
   * The cache mode until the driver chooses (section 5.2.5): the host's, if that needs no flush.
   */
  private int usualWriteback() {
    return backend.isWriteThrough() ? 0 : 1;
  }

  @Override
  protected long serve(VirtioQueue queue, DescriptorChain chain) {
    return requests[queue.index()].serve(chain);
  }

  @Override
  protected boolean isServedAtOnce(int queue) {
    return throttle == null;
  }

  @Override
  protected long serveAtOnce(VirtioQueue queue, DescriptorChain chain) {
    return requests[queue.index()].serveAtOnce(chain);
  }

  @Override
  public void save(SnapshotWriter writer) {
    super.save(writer);
    writer.section(id() + ".virtio-blk", SECTION_VERSION).put(isWriteThrough);
  }

  @Override
  public void restore(SnapshotReader reader) {
    super.restore(reader);
    boolean was = reader.section(id() + ".virtio-blk", SECTION_VERSION).getBoolean();
    config.set(WRITEBACK, 1, was ? 0 : 1);
    isWriteThrough = was;
  }

  @Override
  public void close() {
    super.close();
    try {
      backend.close();
    } catch (IOException failure) {
      System.getLogger(VirtioBlock.class.getName())
          .log(
              System.Logger.Level.ERROR,
              "closing disk {0}: {1}",
              id(),
              String.valueOf(failure.getMessage()));
    }
  }

  /** The state of serving one queue's requests, one at a time. */
  private final class Request {
    private final IoVector data = new IoVector();
    private long dataWritten;

    long serve(DescriptorChain chain) {
      IoVector out = chain.readable();
      IoVector in = chain.writable();
      if (out.bytes() < HEADER_BYTES || in.bytes() < 1) {
        needsReset();
        return 0;
      }
      int type = (int) out.littleEndian(0, 4);
      long sector = out.littleEndian(8, 8);
      dataWritten = 0;
      byte result;
      try {
        result = execute(type, sector, chain);
      } catch (IOException failure) {
        DiskErrors.Verdict verdict = errors.judge(id(), failure, type == T_IN);
        if (verdict == DiskErrors.Verdict.RETRY) {
          return LATER;
        }
        result = verdict == DiskErrors.Verdict.IGNORE ? S_OK : S_IOERR;
      }
      if (result == NOT_GRANTED) {
        return LIMITED;
      }
      in.fill(in.bytes() - 1, 1, result);
      return result == S_OK ? in.bytes() : dataWritten + 1;
    }

    /** Serves what the host has at hand; everything else, and every error, is the worker's. */
    long serveAtOnce(DescriptorChain chain) {
      IoVector out = chain.readable();
      IoVector in = chain.writable();
      if (out.bytes() < HEADER_BYTES || in.bytes() < 1) {
        return LATER;
      }
      int type = (int) out.littleEndian(0, 4);
      long sector = out.littleEndian(8, 8);
      boolean isDone =
          switch (type) {
            case T_IN -> readAtOnce(sector, in);
            case T_OUT -> writeAtOnce(sector, out);
            default -> false;
          };
      if (!isDone) {
        return LATER;
      }
      in.fill(in.bytes() - 1, 1, S_OK);
      return in.bytes();
    }

    private boolean readAtOnce(long sector, IoVector in) {
      long bytes = in.bytes() - 1;
      if (!isOnDisk(sector, bytes)) {
        return false;
      }
      data.setSlice(in, 0, bytes);
      try {
        return backend.readAtOnce(sector * SECTOR, data);
      } catch (IOException failure) {
        return false;
      }
    }

    private boolean writeAtOnce(long sector, IoVector out) {
      long bytes = out.bytes() - HEADER_BYTES;
      if (isWriteThrough || backend.isReadOnly() || !isOnDisk(sector, bytes)) {
        return false;
      }
      data.setSlice(out, HEADER_BYTES, bytes);
      try {
        return backend.writeAtOnce(sector * SECTOR, data);
      } catch (IOException failure) {
        return false;
      }
    }

    private byte execute(int type, long sector, DescriptorChain chain) throws IOException {
      IoVector in = chain.writable();
      return switch (type) {
        case T_IN -> read(sector, in, chain.admission());
        case T_OUT -> write(sector, chain.readable(), chain.admission());
        case T_FLUSH -> {
          backend.flush();
          yield S_OK;
        }
        case T_GET_ID -> {
          if (in.bytes() - 1 < SERIAL_BYTES) {
            yield S_IOERR;
          }
          in.copyFrom(0, serial, 0, SERIAL_BYTES);
          yield S_OK;
        }
        case T_DISCARD, T_WRITE_ZEROES -> clear(type, chain.readable(), chain.admission());
        default -> S_UNSUPP;
      };
    }

    private byte read(long sector, IoVector in, Admission admission) throws IOException {
      long bytes = in.bytes() - 1;
      if (bytes > DiskBounds.MAX_TRANSFER_BYTES || !isOnDisk(sector, bytes)) {
        return S_IOERR;
      }
      DiskThrottle limits = throttle;
      if (limits != null && !admission.isGranted(limits, false, 1, bytes)) {
        return NOT_GRANTED;
      }
      data.setSlice(in, 0, bytes);
      backend.read(sector * SECTOR, data, admission.waitedNanos());
      dataWritten = bytes;
      return S_OK;
    }

    private byte write(long sector, IoVector out, Admission admission) throws IOException {
      long bytes = out.bytes() - HEADER_BYTES;
      if (bytes > DiskBounds.MAX_TRANSFER_BYTES
          || backend.isReadOnly()
          || !isOnDisk(sector, bytes)) {
        return S_IOERR;
      }
      DiskThrottle limits = throttle;
      if (limits != null && !admission.isGranted(limits, true, 1, bytes)) {
        return NOT_GRANTED;
      }
      data.setSlice(out, HEADER_BYTES, bytes);
      backend.write(sector * SECTOR, data, admission.waitedNanos());
      makeDurable();
      return S_OK;
    }

    private byte clear(int type, IoVector out, Admission admission) throws IOException {
      long ranges = (out.bytes() - HEADER_BYTES) / RANGE_BYTES;
      boolean isWhole = (out.bytes() - HEADER_BYTES) % RANGE_BYTES == 0;
      if (backend.isReadOnly() || !isWhole || ranges < 1 || ranges > DiskBounds.MAX_RANGES) {
        return S_IOERR;
      }
      DiskThrottle limits = throttle;
      if (limits != null && !admission.isGranted(limits, true, ranges, 0)) {
        return NOT_GRANTED;
      }
      for (int i = 0; i < ranges; i++) {
        long waitedNanos = i == 0 ? admission.waitedNanos() : 0;
        long range = HEADER_BYTES + (long) RANGE_BYTES * i;
        long sector = out.littleEndian(range, 8);
        long count = out.littleEndian(range + 8, 4);
        int flags = (int) out.littleEndian(range + 12, 4);
        if ((flags & ~RANGE_UNMAP) != 0 || type == T_DISCARD && flags != 0) {
          return S_UNSUPP;
        }
        if (count > DiskBounds.MAX_RANGE_SECTORS || !isOnDisk(sector, count * SECTOR)) {
          return S_IOERR;
        }
        if (type == T_DISCARD) {
          backend.discard(sector * SECTOR, count * SECTOR, waitedNanos);
        } else {
          boolean mayUnmap = (flags & RANGE_UNMAP) != 0;
          backend.writeZeroes(sector * SECTOR, count * SECTOR, mayUnmap, waitedNanos);
        }
      }
      makeDurable();
      return S_OK;
    }

    /** After a change, where neither the driver nor the host sees to that. */
    private void makeDurable() throws IOException {
      if (isWriteThrough && !backend.isWriteThrough()) {
        backend.flush();
      }
    }

    private boolean isOnDisk(long sector, long bytes) {
      return DiskBounds.isOnDisk(backend, sector, bytes);
    }
  }
}
