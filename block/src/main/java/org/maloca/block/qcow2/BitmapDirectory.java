package org.maloca.block.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The directory of an image's dirty bitmaps (specification, "Bitmaps extension"). */
final class BitmapDirectory {
  static final int ENTRY_BYTES = 24;
  static final int FLAGS_FIELD = 12;

  /** Somebody uses the bitmap, or did so when power failed: nothing can be said of its bits. */
  static final int FLAG_IN_USE = 1;

  /** Whoever writes the disk sets bits. */
  static final int FLAG_AUTO = 1 << 1;

  static final int TYPE_DIRTY_TRACKING = 1;

  private static final int EXTENSION_BITMAPS = 0x23852875;
  private static final int EXTENSION_BYTES = 24;
  private static final int MAX_BITMAPS = 65535;
  private static final int MAX_DIRECTORY_BYTES = 16 << 20;
  private static final long MAX_TABLES_BYTES = 128L << 20;

  final long offset;
  final long bytes;
  final List<Entry> entries = new ArrayList<>();

  private BitmapDirectory(long offset, long bytes) {
    this.offset = offset;
    this.bytes = bytes;
  }

  /**
   * A bitmap.
   *
   * @param position of the entry in the file
   * @param tableEntries 64-bit numbers in the bitmap's table
   * @param granularityBits a bit stands for {@code 1 << granularityBits} bytes of the disk
   */
  record Entry(
      long position,
      long tableOffset,
      long tableEntries,
      int flags,
      int type,
      int granularityBits,
      String name) {
    /** For people. */
    String text() {
      return "%s (granularity %d%s%s)"
          .formatted(
              name,
              1L << granularityBits,
              has(FLAG_AUTO) ? ", auto" : "",
              has(FLAG_IN_USE) ? ", in use" : "");
    }

    boolean has(int flag) {
      return (flags & flag) != 0;
    }
  }

  /** An empty one where the image has none that is kept right. */
  static BitmapDirectory read(HeaderFile home) throws IOException {
    if ((home.header.autoclear & Qcow2Header.AUTOCLEAR_BITMAPS) != 0) {
      for (Qcow2Header.Extension extension : home.header.extensions) {
        if (extension.type() == EXTENSION_BITMAPS && extension.data().length >= EXTENSION_BYTES) {
          ByteBuffer fields = ByteBuffer.wrap(extension.data());
          return read(home, fields.getInt(0), fields.getLong(8), fields.getLong(16));
        }
      }
    }
    return new BitmapDirectory(0, 0);
  }

  private static BitmapDirectory read(HeaderFile home, int count, long bytes, long offset)
      throws IOException {
    if (count <= 0
        || count > MAX_BITMAPS
        || bytes < 0
        || bytes > MAX_DIRECTORY_BYTES
        || offset < 0
        || offset > home.file.size() - bytes) {
      throw home.corrupt(offset, "a bitmap directory of %d bytes".formatted(bytes));
    }
    BitmapDirectory directory = new BitmapDirectory(offset, bytes);
    ByteBuffer content = ByteBuffer.allocate((int) bytes);
    home.file.read(offset, content);
    int at = 0;
    long left = MAX_TABLES_BYTES;
    for (int i = 0; i < count && at + ENTRY_BYTES <= bytes; i++) {
      long tableOffset = content.getLong(at);
      long tableBytes = Integer.toUnsignedLong(content.getInt(at + 8)) * Long.BYTES;
      left -= tableBytes;
      if (left < 0 || tableOffset < 0 || tableOffset > home.file.size() - tableBytes) {
        throw home.corrupt(offset + at, "a bitmap table of %d bytes".formatted(tableBytes));
      }
      int nameBytes = content.getShort(at + 18) & 0xffff;
      long extra = Integer.toUnsignedLong(content.getInt(at + 20));
      long end = at + ENTRY_BYTES + extra + nameBytes;
      if (end > bytes) {
        throw home.corrupt(offset + at, "a bitmap's name is outside of the directory");
      }
      directory.entries.add(
          new Entry(
              offset + at,
              tableOffset,
              tableBytes / Long.BYTES,
              content.getInt(at + FLAGS_FIELD),
              content.get(at + 16) & 0xff,
              content.get(at + 17) & 0xff,
              new String(
                  content.array(), (int) end - nameBytes, nameBytes, StandardCharsets.UTF_8)));
      at = (int) Math.min(bytes, (end + 7) & ~7L);
    }
    return directory;
  }
}
