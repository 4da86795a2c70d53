package org.maloca.block.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.ImageFile;

/**
 * Makes empty images: header, refcount table, one refcount block and the L1 table, in this order.
 * The header comes last on the disk, so that half an image is none.
 */
final class Qcow2Creator {
  private static final int FEATURE_BYTES = 48;
  private static final int FEATURE_NAME_BYTES = 46;

  private Qcow2Creator() {}

  private record Feature(int kind, int bit, String name) {}

  /** Names for those who do not know a bit (specification, "Feature name table"). */
  private static final List<Feature> FEATURES =
      List.of(
          new Feature(0, 0, "dirty bit"),
          new Feature(0, 1, "corrupt bit"),
          new Feature(0, 2, "external data file"),
          new Feature(0, 3, "compression type"),
          new Feature(0, 4, "extended L2 entries"),
          new Feature(1, 0, "lazy refcounts"),
          new Feature(2, 0, "bitmaps"),
          new Feature(2, 1, "raw external data"));

  static void create(ImageFile file, long sizeBytes, Qcow2Options options) throws IOException {
    int clusterBits = Integer.numberOfTrailingZeros(options.clusterBytes());
    boolean isZstd = options.compression() == Qcow2Options.Compression.ZSTD;
    Qcow2Header header =
        new Qcow2Header(
            options.version(),
            clusterBits,
            Integer.numberOfTrailingZeros(options.refcountBits()),
            isZstd ? Qcow2Header.COMPRESSION_ZSTD : Qcow2Header.COMPRESSION_ZLIB);
    header.sizeBytes = sizeBytes;
    Geometry geometry = new Geometry(clusterBits, header.refcountOrder, options.extendedL2());
    if (sizeBytes < 0 || sizeBytes % 512 != 0 || sizeBytes > geometry.maxSizeBytes()) {
      throw new IllegalArgumentException(
          "a qcow2 in clusters of %d bytes has at most %d bytes, in whole sectors, and not %d: larger clusters hold more"
              .formatted(options.clusterBytes(), geometry.maxSizeBytes(), sizeBytes));
    }
    setFeatures(header, options, isZstd);
    header.l1Entries = (int) geometry.l1EntriesFor(sizeBytes);
    layOut(file, header, geometry);
  }

  private static void setFeatures(Qcow2Header header, Qcow2Options options, boolean isZstd) {
    header.backingFile = options.backingFile();
    if (options.backingFile() != null) {
      header.setText(Qcow2Header.EXTENSION_BACKING_FORMAT, options.backingFormat());
    }
    header.setText(Qcow2Header.EXTENSION_DATA_FILE, options.dataFile());
    header.incompatible =
        (options.dataFile() == null ? 0 : Qcow2Header.INCOMPATIBLE_DATA_FILE)
            | (isZstd ? Qcow2Header.INCOMPATIBLE_COMPRESSION : 0)
            | (options.extendedL2() ? Qcow2Header.INCOMPATIBLE_EXTENDED_L2 : 0);
    header.compatible = options.lazyRefcounts() ? Qcow2Header.COMPATIBLE_LAZY_REFCOUNTS : 0;
    header.autoclear = options.dataFileRaw() ? Qcow2Header.AUTOCLEAR_RAW_DATA_FILE : 0;
    // In clusters of 512 bytes there is no room for names.
    if (options.version() == 3 && options.clusterBytes() >= 4096) {
      header.extensions.add(
          new Qcow2Header.Extension(Qcow2Header.EXTENSION_FEATURE_NAMES, featureNames()));
    }
  }

  private static byte[] featureNames() {
    ByteBuffer out = ByteBuffer.allocate(FEATURES.size() * FEATURE_BYTES);
    for (Feature feature : FEATURES) {
      byte[] name = feature.name.getBytes(StandardCharsets.US_ASCII);
      out.put((byte) feature.kind).put((byte) feature.bit).put(name);
      out.position(out.position() + FEATURE_NAME_BYTES - name.length);
    }
    return out.array();
  }

  private static void layOut(ImageFile file, Qcow2Header header, Geometry geometry)
      throws IOException {
    long l1Clusters = Math.max(1, geometry.clustersFor((long) header.l1Entries * Long.BYTES));
    long perBlock = 1L << geometry.refcountBlockBits;
    long blockCount = 1;
    long tableClusters = 1;
    long total;
    while (true) {
      total = 1 + tableClusters + blockCount + l1Clusters;
      long neededBlocks = (total + perBlock - 1) / perBlock;
      long neededTable = geometry.clustersFor(neededBlocks * Long.BYTES);
      if (neededBlocks <= blockCount && neededTable <= tableClusters) {
        break;
      }
      blockCount = Math.max(blockCount, neededBlocks);
      tableClusters = Math.max(tableClusters, neededTable);
    }
    header.refcountTableOffset = geometry.clusterBytes;
    header.refcountTableClusters = (int) tableClusters;
    long firstBlock = 1 + tableClusters;
    header.l1Offset = firstBlock + blockCount << geometry.clusterBits;
    if (header.l1Entries == 0) {
      total -= l1Clusters;
      header.l1Offset = 0;
    }
    ByteBuffer first = header.encode(file.name());
    file.setSize(0);
    file.setSize(total << geometry.clusterBits);
    ByteBuffer table = ByteBuffer.allocate((int) (tableClusters << geometry.clusterBits));
    for (long block = 0; block < blockCount; block++) {
      table.putLong((int) block * Long.BYTES, firstBlock + block << geometry.clusterBits);
      ByteBuffer counts = ByteBuffer.allocate(geometry.clusterBytes);
      long used = Math.clamp(total - block * perBlock, 0, perBlock);
      for (int i = 0; i < used; i++) {
        Refcounts.write(counts, geometry.refcountOrder, i, 1);
      }
      file.write(firstBlock + block << geometry.clusterBits, counts);
    }
    file.write(header.refcountTableOffset, table);
    file.flush();
    file.write(0, first);
    file.flush();
  }

  /** Gives every cluster of the disk its place, and the places their room. */
  static void preallocate(
      Qcow2Image image, ImageFile data, Qcow2Options options, @Nullable ImageFile dataFile)
      throws IOException {
    List<long[]> places = new ArrayList<>();
    image.preallocateMetadata(places);
    for (long[] place : places) {
      switch (options.preallocation()) {
        case OFF, METADATA -> data.setSize(Math.max(data.size(), place[0] + place[1]));
        case FALLOC -> data.allocate(place[0], place[1]);
        case FULL -> writeZeros(data, place[0], place[1]);
      }
    }
    image.flush();
  }

  private static void writeZeros(ImageFile file, long offset, long length) throws IOException {
    ByteBuffer zeros = ByteBuffer.allocate((int) Math.min(length, 1 << 20));
    for (long done = 0; done < length; done += zeros.limit()) {
      zeros.clear().limit((int) Math.min(zeros.capacity(), length - done));
      file.write(offset + done, zeros);
    }
  }
}
