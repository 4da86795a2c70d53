package org.maloca.block.vhdx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.CorruptImageException;
import org.maloca.block.table.MixedUuid;

/**
 * Finds what the log has to be replayed and does so ([MS-VHDX] 2.3.3): of the sequences of whole
 * entries from a head back to its tail, the one with the newest head. The search reads no more than
 * twice the log's size, whatever entries claim.
 */
final class VhdxReplay {
  private static final int MAX_HEADS = 64;

  private final ImageFile file;
  private final long logOffset;
  private final int logLength;
  private final UUID guid;

  private record Entry(int offset, int length, int tail, long sequence, long flushed, long last) {}

  VhdxReplay(ImageFile file, VhdxHeaders headers) {
    this.file = file;
    logOffset = headers.logOffset();
    logLength = (int) headers.logLength();
    guid = headers.logGuid();
  }

  /** The entries to replay, oldest first; none when the log is empty. */
  private List<Entry> sequence() throws IOException {
    Entry[] entries = new Entry[logLength / VhdxLog.SECTOR];
    List<Entry> heads = new ArrayList<>();
    long budget = 2L * logLength;
    for (int i = 0; i < entries.length; i++) {
      Entry entry = header(i * VhdxLog.SECTOR);
      if (entry != null && budget >= entry.length) {
        budget -= entry.length;
        if (isWhole(entry)) {
          entries[i] = entry;
          heads.add(entry);
        }
      }
    }
    heads.sort(Comparator.comparingLong(Entry::sequence).reversed());
    for (Entry head : heads.subList(0, Math.min(MAX_HEADS, heads.size()))) {
      List<Entry> sequence = new ArrayList<>();
      Entry entry = entries[head.tail / VhdxLog.SECTOR];
      while (entry != null && sequence.size() <= entries.length) {
        sequence.add(entry);
        if (entry.offset == head.offset) {
          return sequence;
        }
        Entry following = entries[(entry.offset + entry.length) % logLength / VhdxLog.SECTOR];
        entry = following != null && following.sequence == entry.sequence + 1 ? following : null;
      }
    }
    return List.of();
  }

  private @org.jspecify.annotations.Nullable Entry header(int offset) throws IOException {
    ByteBuffer b = read(offset, VhdxLog.HEADER_BYTES);
    int length = b.getInt(8);
    int tail = b.getInt(12);
    boolean isEntry =
        b.getInt(0) == VhdxLog.SIGNATURE
            && length > 0
            && length <= logLength
            && length % VhdxLog.SECTOR == 0
            && tail >= 0
            && tail < logLength
            && tail % VhdxLog.SECTOR == 0
            && MixedUuid.get(b, 32).equals(guid);
    return isEntry
        ? new Entry(offset, length, tail, b.getLong(16), b.getLong(48), b.getLong(56))
        : null;
  }

  private boolean isWhole(Entry entry) throws IOException {
    ByteBuffer b = read(entry.offset, entry.length);
    int count = b.getInt(24);
    return VhdxHeaders.checksum(b, entry.length) == b.getInt(4)
        && count >= 0
        && VhdxLog.HEADER_BYTES + (long) count * VhdxLog.DESCRIPTOR_BYTES <= entry.length;
  }

  /** Reads from the log, which goes on at its start when its end is reached. */
  private ByteBuffer read(int offset, int length) throws IOException {
    ByteBuffer b = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    int first = Math.min(length, logLength - offset);
    file.read(logOffset + offset, b.limit(first));
    file.read(logOffset, b.limit(length));
    return b.clear();
  }

  /** Whether there is anything to replay. */
  boolean isNeeded() throws IOException {
    return !guid.equals(Guid.NONE) && !sequence().isEmpty();
  }

  /** Brings all entries to where they belong, durably. */
  void replay() throws IOException {
    List<Entry> sequence = sequence();
    if (sequence.isEmpty()) {
      return;
    }
    Entry head = sequence.getLast();
    if (head.flushed > file.size()
        || head.last > Math.max(file.size(), 2 * VhdxMetadata.MAX_DISK_BYTES)
        || head.last < 0) {
      throw new CorruptImageException(
          file.name(),
          logOffset + head.offset + 48,
          "the file was cut off: the log knew of %d and %d bytes"
              .formatted(head.flushed, head.last));
    }
    if (head.last > file.size()) {
      file.setSize(head.last);
    }
    for (Entry entry : sequence) {
      replay(entry);
    }
    file.flush();
  }

  private void replay(Entry entry) throws IOException {
    ByteBuffer b = read(entry.offset, entry.length);
    int count = b.getInt(24);
    int headerBytes = VhdxLog.HEADER_BYTES + count * VhdxLog.DESCRIPTOR_BYTES;
    int data = (headerBytes + VhdxLog.SECTOR - 1) / VhdxLog.SECTOR * VhdxLog.SECTOR;
    long size = file.size();
    for (int i = 0; i < count; i++) {
      int at = VhdxLog.HEADER_BYTES + i * VhdxLog.DESCRIPTOR_BYTES;
      int kind = b.getInt(at);
      long position = b.getLong(at + 16);
      long length = kind == VhdxLog.ZERO_DESCRIPTOR ? b.getLong(at + 8) : VhdxLog.SECTOR;
      if (kind != VhdxLog.ZERO_DESCRIPTOR && kind != VhdxLog.DATA_DESCRIPTOR
          || b.getLong(at + 24) != entry.sequence
          || position < VhdxRegions.FIRST_OFFSET
          || position % VhdxLog.SECTOR != 0
          || length < 0
          || length % VhdxLog.SECTOR != 0
          || length > size - position) {
        throw corrupt(entry, at, "a descriptor that makes no sense");
      }
      if (kind == VhdxLog.ZERO_DESCRIPTOR) {
        file.punchHole(position, length);
        continue;
      }
      if (data + VhdxLog.SECTOR > entry.length
          || b.getInt(data) != VhdxLog.DATA_SECTOR
          || b.getInt(data + 4) != (int) (entry.sequence >>> 32)
          || b.getInt(data + VhdxLog.SECTOR - VhdxLog.TRAILING_BYTES) != (int) entry.sequence) {
        throw corrupt(entry, data, "a data sector of another entry");
      }
      b.putLong(data, b.getLong(at + 8));
      b.putInt(data + VhdxLog.SECTOR - VhdxLog.TRAILING_BYTES, b.getInt(at + 4));
      file.write(position, b.slice(data, VhdxLog.SECTOR));
      data += VhdxLog.SECTOR;
    }
  }

  private CorruptImageException corrupt(Entry entry, int at, String rule) {
    return new CorruptImageException(
        file.name(), logOffset + (entry.offset + at) % logLength, rule);
  }
}
