package org.maloca.block.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.maloca.block.image.ImageInfo;

/** The list of internal snapshots (specification, "Snapshots"). */
final class SnapshotTable {
  private static final int FIXED_BYTES = 40;
  private static final int MAX_EXTRA_BYTES = 1024;
  private static final int MAX_TABLE_BYTES = 16 << 20;
  private static final int EXTRA_BYTES = 24;

  private SnapshotTable() {}

  /**
   * One snapshot.
   *
   * @param extra bytes of which 8 are the size of the machine's state, 8 the disk's size, 8 a count
   *     of instructions (-1 for none), and any others are kept
   */
  record Entry(
      long l1Offset,
      int l1Entries,
      String id,
      String name,
      int seconds,
      int nanos,
      long clockNanos,
      int shortStateBytes,
      byte[] extra) {
    boolean hasDiskBytes() {
      return extra.length >= 16;
    }

    long diskBytes(long otherwise) {
      return hasDiskBytes() ? ByteBuffer.wrap(extra).getLong(8) : otherwise;
    }

    long stateBytes() {
      return extra.length >= 8
          ? ByteBuffer.wrap(extra).getLong(0)
          : Integer.toUnsignedLong(shortStateBytes);
    }

    ImageInfo.Snapshot info() {
      return new ImageInfo.Snapshot(
          id, name, stateBytes(), Integer.toUnsignedLong(seconds), clockNanos, 0);
    }
  }

  static Entry entry(
      long l1Offset, int l1Entries, String id, String name, long epochNanos, long diskBytes) {
    byte[] extra = new byte[EXTRA_BYTES];
    ByteBuffer.wrap(extra).putLong(0).putLong(diskBytes).putLong(-1);
    return new Entry(
        l1Offset,
        l1Entries,
        id,
        name,
        (int) (epochNanos / 1_000_000_000),
        (int) (epochNanos % 1_000_000_000),
        0,
        0,
        extra);
  }

  static List<Entry> read(HeaderFile home) throws IOException {
    Qcow2Header header = home.header;
    long start = header.snapshotsOffset;
    long at = start;
    long end = Math.min(home.file.size(), start + MAX_TABLE_BYTES);
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < header.snapshotCount; i++) {
      ByteBuffer fixed = ByteBuffer.allocate(FIXED_BYTES);
      home.file.read(at, fixed);
      int idBytes = fixed.getShort(12) & 0xffff;
      int nameBytes = fixed.getShort(14) & 0xffff;
      int extraBytes = fixed.getInt(36);
      int l1Entries = fixed.getInt(8);
      long l1Offset = fixed.getLong(0);
      if (extraBytes < 0
          || extraBytes > MAX_EXTRA_BYTES
          || l1Entries < 0
          || l1Entries > Qcow2Header.MAX_L1_BYTES / Long.BYTES
          || home.geometry.inCluster(l1Offset) != 0
          || l1Offset < 0
          || l1Offset > home.file.size()) {
        throw home.corrupt(at, "a snapshot's fields are out of range");
      }
      ByteBuffer rest = ByteBuffer.allocate(extraBytes + idBytes + nameBytes);
      if (at + FIXED_BYTES + rest.capacity() > end) {
        throw home.corrupt(at, "the snapshot table passes the end");
      }
      home.file.read(at + FIXED_BYTES, rest);
      byte[] all = rest.array();
      entries.add(
          new Entry(
              l1Offset,
              l1Entries,
              new String(all, extraBytes, idBytes, StandardCharsets.UTF_8),
              new String(all, extraBytes + idBytes, nameBytes, StandardCharsets.UTF_8),
              fixed.getInt(16),
              fixed.getInt(20),
              fixed.getLong(24),
              fixed.getInt(32),
              java.util.Arrays.copyOf(all, extraBytes)));
      at += (FIXED_BYTES + rest.capacity() + 7) & ~7;
    }
    return entries;
  }

  static ByteBuffer encode(List<Entry> entries) {
    int total = 0;
    for (Entry entry : entries) {
      total += bytes(entry);
    }
    ByteBuffer out = ByteBuffer.allocate(total);
    for (Entry entry : entries) {
      byte[] id = entry.id.getBytes(StandardCharsets.UTF_8);
      byte[] name = entry.name.getBytes(StandardCharsets.UTF_8);
      out.putLong(entry.l1Offset).putInt(entry.l1Entries);
      out.putShort((short) id.length).putShort((short) name.length);
      out.putInt(entry.seconds).putInt(entry.nanos).putLong(entry.clockNanos);
      out.putInt(entry.shortStateBytes).putInt(entry.extra.length);
      out.put(entry.extra).put(id).put(name);
      out.position((out.position() + 7) & ~7);
    }
    return out.clear();
  }

  static int bytes(List<Entry> entries) {
    int total = 0;
    for (Entry entry : entries) {
      total += bytes(entry);
    }
    return total;
  }

  private static int bytes(Entry entry) {
    return (FIXED_BYTES
            + entry.extra.length
            + entry.id.getBytes(StandardCharsets.UTF_8).length
            + entry.name.getBytes(StandardCharsets.UTF_8).length
            + 7)
        & ~7;
  }
}
