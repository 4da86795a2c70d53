package org.maloca.block.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.block.image.CorruptImageException;

/**
 * Keeps an image's dirty bitmaps right (specification, "Bitmaps"), by which backups know what was
 * written: those that are to follow the disk are marked as in use before the first change, get
 * their bits when the image is closed, and are marked as usable again. A bitmap that a loss of
 * power left in use stays so, which tells whoever wants it that it is worth nothing.
 *
 * <p>Safe for any thread.
 */
final class DirtyBitmaps {
  /** Of all bitmaps together: 32 MiB of memory, 16 TiB of disk with the usual granularity. */
  private static final long MAX_BITS = 1L << 28;

  private static final int MAX_GRANULARITY_BITS = 31;
  private static final int MIN_GRANULARITY_BITS = 9;
  private static final long ALL_ONES = 1;

  private final HeaderFile home;
  private final Refcounts refcounts;
  private final boolean hasAny;

  /** What to mark as in use. */
  private final List<BitmapDirectory.Entry> following = new ArrayList<>();

  private final List<Tracked> tracked = new ArrayList<>();
  private boolean isInUse;

  /** A bitmap with the bits that it gets. */
  private record Tracked(BitmapDirectory.Entry entry, BitSet dirty) {}

  private DirtyBitmaps(HeaderFile home, Refcounts refcounts, BitmapDirectory directory) {
    this.home = home;
    this.refcounts = refcounts;
    hasAny = !directory.entries.isEmpty();
    long left = MAX_BITS;
    for (BitmapDirectory.Entry entry : directory.entries) {
      if (!entry.has(BitmapDirectory.FLAG_AUTO) || entry.has(BitmapDirectory.FLAG_IN_USE)) {
        continue;
      }
      following.add(entry);
      long bits = bits(entry, home.header.sizeBytes);
      if (entry.type() == BitmapDirectory.TYPE_DIRTY_TRACKING
          && entry.granularityBits() >= MIN_GRANULARITY_BITS
          && entry.granularityBits() <= MAX_GRANULARITY_BITS
          && bits <= left
          && entry.tableEntries() == tableEntries(entry, home.header.sizeBytes)) {
        left -= bits;
        tracked.add(new Tracked(entry, new BitSet()));
      }
    }
  }

  /** Those of an image, or null when it has none or they make no sense. */
  static @Nullable DirtyBitmaps of(HeaderFile home, Refcounts refcounts) throws IOException {
    try {
      DirtyBitmaps bitmaps = new DirtyBitmaps(home, refcounts, BitmapDirectory.read(home));
      return bitmaps.hasAny ? bitmaps : null;
    } catch (CorruptImageException nonsense) {
      return null;
    }
  }

  private static long bits(BitmapDirectory.Entry entry, long diskBytes) {
    int shift = entry.granularityBits() & 63;
    return (diskBytes >>> shift) + ((diskBytes & (1L << shift) - 1) == 0 ? 0 : 1);
  }

  private long bitsPerCluster() {
    return home.geometry.clusterBytes * 8L;
  }

  private long tableEntries(BitmapDirectory.Entry entry, long diskBytes) {
    return (bits(entry, diskBytes) + bitsPerCluster() - 1) / bitsPerCluster();
  }

  /**
   * Notes that bytes of the disk are about to change.
   *
   * @throws IOException when the bitmaps cannot be marked as in use, so that nothing may change
   */
  synchronized void changing(long offset, long length) throws IOException {
    if (length == 0) {
      return;
    }
    if (!isInUse) {
      writeFlags(following, true);
      isInUse = true;
    }
    set(offset, length);
  }

  /** The same, unless that has to wait for the file; false then. */
  synchronized boolean changingAtOnce(long offset, long length) {
    if (!isInUse) {
      return false;
    }
    if (length != 0) {
      set(offset, length);
    }
    return true;
  }

  private void set(long offset, long length) {
    for (Tracked bitmap : tracked) {
      int shift = bitmap.entry.granularityBits();
      bitmap.dirty.set((int) (offset >>> shift), (int) (offset + length - 1 >>> shift) + 1);
    }
  }

  /**
   * Asks whether the disk may get another size.
   *
   * @throws UnsupportedOperationException when bitmaps would not fit it
   */
  void checkResize(long bytes) throws IOException {
    boolean fits = bytes >= home.header.sizeBytes;
    for (BitmapDirectory.Entry entry : BitmapDirectory.read(home).entries) {
      fits &= entry.tableEntries() == tableEntries(entry, bytes);
    }
    if (!fits) {
      throw new UnsupportedOperationException(
          home.file.name()
              + ": has bitmaps that do not fit this size: remove them first (qemu-img bitmap"
              + " --remove)");
    }
  }

  /** Writes the bits, and says that the bitmaps can be used; for when nothing more will change. */
  synchronized void store() throws IOException {
    if (!isInUse) {
      return;
    }
    List<ByteBuffer> tables = new ArrayList<>();
    for (Tracked bitmap : tracked) {
      tables.add(storeBits(bitmap));
    }
    refcounts.commit();
    for (int i = 0; i < tables.size(); i++) {
      home.file.write(tracked.get(i).entry.tableOffset(), tables.get(i).clear());
    }
    home.file.flush();
    writeFlags(tracked.stream().map(Tracked::entry).toList(), false);
    isInUse = false;
  }

  /** Writes the clusters with new bits, and gives the table as it has to be. */
  private ByteBuffer storeBits(Tracked bitmap) throws IOException {
    ByteBuffer table = ByteBuffer.allocate((int) bitmap.entry.tableEntries() * Long.BYTES);
    home.file.read(bitmap.entry.tableOffset(), table);
    ByteBuffer cluster = ByteBuffer.allocate(home.geometry.clusterBytes);
    int bit = bitmap.dirty.nextSetBit(0);
    while (bit >= 0) {
      int index = (int) (bit / bitsPerCluster());
      long end = (index + 1) * bitsPerCluster();
      long entry = table.getLong(index * Long.BYTES);
      long place = entry & ClusterTables.OFFSET_MASK;
      if (place != 0 || (entry & ALL_ONES) == 0) {
        cluster.put(0, new byte[cluster.capacity()]);
        if (place == 0) {
          place = refcounts.allocate(1) << home.geometry.clusterBits;
        } else {
          checkPlace(place, bitmap.entry);
          home.file.read(place, cluster.clear());
        }
        for (int i = bit; i >= 0 && i < end; i = bitmap.dirty.nextSetBit(i + 1)) {
          int inCluster = (int) (i - index * bitsPerCluster());
          int at = inCluster >> 3;
          cluster.put(at, (byte) (cluster.get(at) | 1 << (inCluster & 7)));
        }
        home.file.write(place, cluster.clear());
        table.putLong(index * Long.BYTES, place);
      }
      bit = end > Integer.MAX_VALUE ? -1 : bitmap.dirty.nextSetBit((int) end);
    }
    return table;
  }

  private void checkPlace(long place, BitmapDirectory.Entry entry) throws IOException {
    if (home.geometry.inCluster(place) != 0
        || place >= home.file.size()
        || home.isMetadata(place)) {
      throw home.corrupt(
          entry.tableOffset(),
          "the bitmap '%s' has a cluster that is none".formatted(entry.name()));
    }
  }

  private void writeFlags(List<BitmapDirectory.Entry> entries, boolean isInUse) throws IOException {
    for (BitmapDirectory.Entry entry : entries) {
      int flags =
          isInUse
              ? entry.flags() | BitmapDirectory.FLAG_IN_USE
              : entry.flags() & ~BitmapDirectory.FLAG_IN_USE;
      home.file.write(
          entry.position() + BitmapDirectory.FLAGS_FIELD, ByteBuffer.allocate(4).putInt(0, flags));
    }
    home.file.flush();
  }
}
