package org.maloca.block.file;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import org.maloca.block.file.HostFile.Option;
import org.maloca.core.memory.IoVector;

/**
 * A file through the JDK's channel, for hosts whose system calls {@link LinuxFile} does not know.
 * Knows no holes, and goes through the page cache always.
 */
final class ChannelFile implements ImageFile {
  /** A byte that no file has, so that the lock keeps nobody from the data. */
  private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

  private static final int PIECE_BYTES = 1 << 30;

  private final Path path;
  private final FileChannel channel;
  private final Set<Option> options;
  private final Durability durability;

  private ChannelFile(Path path, FileChannel channel, Set<Option> options) {
    this.path = path;
    this.channel = channel;
    this.options = options;
    durability = new Durability(path.toString());
  }

  static ChannelFile open(Path path, Set<Option> options) throws IOException {
    Set<OpenOption> open = new HashSet<>();
    open.add(StandardOpenOption.READ);
    boolean isReadOnly = options.contains(Option.READ_ONLY);
    if (!isReadOnly) {
      open.add(StandardOpenOption.WRITE);
    }
    if (options.contains(Option.CREATE_NEW)) {
      open.add(StandardOpenOption.CREATE_NEW);
    } else if (options.contains(Option.CREATE)) {
      open.add(StandardOpenOption.CREATE);
    }
    FileChannel channel = FileChannel.open(path, open);
    try {
      if (!options.contains(Option.UNLOCKED)
          && channel.tryLock(LOCKED_BYTE, 1, isReadOnly) == null) {
        throw new ImageInUseException(path);
      }
      if (options.contains(Option.CREATE)) {
        channel.truncate(0);
      }
      return new ChannelFile(path, channel, options);
    } catch (OverlappingFileLockException usedHere) {
      channel.close();
      throw new ImageInUseException(path);
    } catch (Throwable failure) {
      channel.close();
      throw failure;
    }
  }

  @Override
  public String name() {
    return path.toString();
  }

  @Override
  public boolean isReadOnly() {
    return options.contains(Option.READ_ONLY);
  }

  @Override
  public long size() throws IOException {
    return channel.size();
  }

  @Override
  public void setSize(long bytes) throws IOException {
    if (bytes <= channel.size()) {
      channel.truncate(bytes);
    } else {
      write(bytes - 1, ByteBuffer.allocate(1));
    }
  }

  @Override
  public void read(long position, ByteBuffer target) throws IOException {
    long at = position;
    while (target.hasRemaining()) {
      int count = channel.read(target, at);
      if (count < 0) {
        target.put(new byte[target.remaining()]);
        return;
      }
      at += count;
    }
  }

  @Override
  public void write(long position, ByteBuffer source) throws IOException {
    long at = position;
    while (source.hasRemaining()) {
      at += channel.write(source, at);
    }
  }

  @Override
  public void read(long position, IoVector target) throws IOException {
    long at = position;
    for (int i = 0; i < target.count(); i++) {
      for (long done = 0; done < target.length(i); done += PIECE_BYTES) {
        ByteBuffer piece = view(target, i, done);
        int length = piece.remaining();
        read(at, piece);
        at += length;
      }
    }
  }

  @Override
  public void write(long position, IoVector source) throws IOException {
    long at = position;
    for (int i = 0; i < source.count(); i++) {
      for (long done = 0; done < source.length(i); done += PIECE_BYTES) {
        ByteBuffer piece = view(source, i, done);
        int length = piece.remaining();
        write(at, piece);
        at += length;
      }
    }
  }

  private static ByteBuffer view(IoVector vector, int piece, long skip) {
    long length = Math.min(vector.length(piece) - skip, PIECE_BYTES);
    return MemorySegment.ofAddress(vector.address(piece) + skip).reinterpret(length).asByteBuffer();
  }

  @Override
  public void punchHole(long position, long length) throws IOException {
    long end = Math.min(position + length, size());
    ByteBuffer zeros = ByteBuffer.allocate(1 << 16);
    for (long at = position; at < end; at += zeros.limit()) {
      zeros.clear().limit((int) Math.min(zeros.capacity(), end - at));
      write(at, zeros);
    }
  }

  @Override
  public void flush() throws IOException {
    if (!options.contains(Option.NEVER_FLUSH) && !isReadOnly()) {
      // The JDK's channel is asked every time: it counts no changes.
      durability.changed();
      durability.flush(() -> channel.force(false));
    }
  }

  @Override
  public long nextData(long position) throws IOException {
    return Math.min(position, size());
  }

  @Override
  public long nextHole(long position) throws IOException {
    return size();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
