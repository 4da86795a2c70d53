package org.maloca.core.snapshot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** A snapshot in memory: sections as little-endian bytes, in order of writing. Not thread-safe. */
public final class SectionBuffer implements SnapshotWriter {
  private final Map<String, Written> sections = new LinkedHashMap<>();

  @Override
  public SnapshotWriter.Section section(String name, int version) {
    Written section = new Written(version);
    if (sections.putIfAbsent(name, section) != null) {
      throw new IllegalStateException("section written twice: " + name);
    }
    return section;
  }

  /** A view that reads what has been written. */
  public SnapshotReader reader() {
    return this::read;
  }

  private SnapshotReader.Section read(String name, int newestVersion) {
    Written found = sections.get(name);
    if (found == null) {
      throw new SnapshotException("snapshot has no section " + name);
    }
    if (found.version > newestVersion) {
      throw new SnapshotException(
          "section %s has version %d, newer than %d".formatted(name, found.version, newestVersion));
    }
    return new Read(name, found.version, found.bytes());
  }

  private static final class Written implements SnapshotWriter.Section {
    private final int version;
    private ByteBuffer buffer = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);

    Written(int version) {
      this.version = version;
    }

    private ByteBuffer room(int bytes) {
      if (buffer.remaining() < bytes) {
        int capacity = Math.max(buffer.capacity() * 2, buffer.position() + bytes);
        buffer =
            ByteBuffer.wrap(Arrays.copyOf(buffer.array(), capacity))
                .order(ByteOrder.LITTLE_ENDIAN)
                .position(buffer.position());
      }
      return buffer;
    }

    byte[] bytes() {
      return Arrays.copyOf(buffer.array(), buffer.position());
    }

    @Override
    public Written put(boolean value) {
      room(1).put((byte) (value ? 1 : 0));
      return this;
    }

    @Override
    public Written put(int value) {
      room(4).putInt(value);
      return this;
    }

    @Override
    public Written put(long value) {
      room(8).putLong(value);
      return this;
    }

    @Override
    public Written put(byte[] value) {
      put(value.length);
      room(value.length).put(value);
      return this;
    }

    @Override
    public Written put(long[] value) {
      put(value.length);
      for (long element : value) {
        put(element);
      }
      return this;
    }
  }

  private static final class Read implements SnapshotReader.Section {
    private final String name;
    private final int version;
    private final ByteBuffer buffer;

    Read(String name, int version, byte[] bytes) {
      this.name = name;
      this.version = version;
      this.buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private ByteBuffer need(int bytes) {
      if (buffer.remaining() < bytes) {
        throw new SnapshotException("section %s ends early".formatted(name));
      }
      return buffer;
    }

    private int length(int limit) {
      int length = getInt();
      if (length < 0 || length > limit) {
        throw new SnapshotException(
            "section %s: length %d is not within %d".formatted(name, length, limit));
      }
      return length;
    }

    @Override
    public int version() {
      return version;
    }

    @Override
    public boolean getBoolean() {
      return need(1).get() != 0;
    }

    @Override
    public int getInt() {
      return need(4).getInt();
    }

    @Override
    public long getLong() {
      return need(8).getLong();
    }

    @Override
    public byte[] getBytes(int limit) {
      byte[] bytes = new byte[length(limit)];
      need(bytes.length).get(bytes);
      return bytes;
    }

    @Override
    public long[] getLongs(int limit) {
      long[] values = new long[length(limit)];
      for (int i = 0; i < values.length; i++) {
        values[i] = getLong();
      }
      return values;
    }
  }
}
