package org.maloca.block.table;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.maloca.block.file.ImageFile;
import org.maloca.core.memory.IoVector;

/** A file on the host, in the plainest way. */
public final class TestFile implements ImageFile {
  private final Path path;
  private final FileChannel channel;
  private final boolean isReadOnly;

  private TestFile(Path path, boolean isReadOnly) throws IOException {
    this.path = path;
    this.isReadOnly = isReadOnly;
    channel =
        isReadOnly
            ? FileChannel.open(path, StandardOpenOption.READ)
            : FileChannel.open(
                path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
  }

  public static TestFile open(Path path) throws IOException {
    return new TestFile(path, false);
  }

  public static TestFile openReadOnly(Path path) throws IOException {
    return new TestFile(path, true);
  }

  @Override
  public String name() {
    return path.toString();
  }

  @Override
  public boolean isReadOnly() {
    return isReadOnly;
  }

  @Override
  public long size() throws IOException {
    return channel.size();
  }

  @Override
  public void setSize(long bytes) throws IOException {
    if (bytes < channel.size()) {
      channel.truncate(bytes);
    } else if (bytes > channel.size()) {
      channel.write(ByteBuffer.allocate(1), bytes - 1);
    }
  }

  @Override
  public void read(long position, ByteBuffer target) throws IOException {
    long at = position;
    while (target.hasRemaining()) {
      int length = channel.read(target, at);
      if (length < 0) {
        target.put((byte) 0);
        length = 1;
      }
      at += length;
    }
  }

  @Override
  public void write(long position, ByteBuffer source) throws IOException {
    for (long at = position; source.hasRemaining(); ) {
      at += channel.write(source, at);
    }
  }

  @Override
  public void read(long position, IoVector target) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) target.bytes());
    read(position, bytes);
    target.copyFrom(0, bytes.array(), 0, bytes.capacity());
  }

  @Override
  public void write(long position, IoVector source) throws IOException {
    byte[] bytes = new byte[(int) source.bytes()];
    source.copyTo(0, bytes, 0, bytes.length);
    write(position, ByteBuffer.wrap(bytes));
  }

  @Override
  public void punchHole(long position, long length) throws IOException {
    long inside = Math.clamp(size() - position, 0, length);
    for (long done = 0; done < inside; ) {
      int part = (int) Math.min(1 << 20, inside - done);
      write(position + done, ByteBuffer.allocate(part));
      done += part;
    }
  }

  @Override
  public void flush() {}

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
