package org.maloca.block.qcow2;

import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.zstd.ZstdJavaCompressor;
import io.airlift.compress.v3.zstd.ZstdJavaDecompressor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.maloca.core.memory.IoVector;

/**
 * Compressed clusters (specification, "Compressed Clusters Descriptor"): raw deflate with a window
 * of 4 KiB, or a zstd frame, in sectors that several share. Output is bounded by the cluster. For
 * one thread at a time.
 */
final class CompressedClusters {
  /**
   * Readers may know no more than the last so many bytes (a window of 12 bits), so that matches are
   * kept within pieces of as many.
   */
  private static final int DEFLATE_WINDOW_BYTES = 4096;

  private final HeaderFile home;
  private final ClusterTables tables;
  private final int clusterBytes;
  private final byte[] plain;
  private byte[] packed;
  private final Inflater inflater = new Inflater(true);
  private final ZstdJavaDecompressor unzstd = new ZstdJavaDecompressor();

  /** The entry whose bytes are in {@link #plain}, or 0. */
  private long cachedEntry;

  CompressedClusters(HeaderFile home, ClusterTables tables) {
    this.home = home;
    this.tables = tables;
    this.clusterBytes = home.geometry.clusterBytes;
    // Only images that have such clusters need the room.
    this.plain = new byte[clusterBytes];
    this.packed = new byte[0];
  }

  /** Forgets what was unpacked, since clusters may have another content now. */
  void forget() {
    cachedEntry = 0;
  }

  /** Reads part of a cluster. */
  void read(long entry, int inCluster, IoVector target, long done, int length) throws IOException {
    if (entry != cachedEntry) {
      cachedEntry = 0;
      unpack(entry);
      cachedEntry = entry;
    }
    target.copyFrom(done, plain, inCluster, length);
  }

  private void unpack(long entry) throws IOException {
    long offset = tables.compressedOffset(entry);
    int length = tables.compressedBytes(entry);
    if (packed.length < length) {
      packed = new byte[length];
    }
    if (offset >= home.file.size()) {
      throw home.corrupt(offset, "a compressed cluster past the end");
    }
    home.file.read(offset, ByteBuffer.wrap(packed, 0, length));
    int count;
    if (home.header.compressionType == Qcow2Header.COMPRESSION_ZSTD) {
      count = unzstd(offset, length);
    } else {
      count = inflate(offset, length);
    }
    if (count != clusterBytes) {
      throw home.corrupt(offset, "a compressed cluster of %d bytes".formatted(count));
    }
  }

  private int inflate(long offset, int length) throws IOException {
    inflater.reset();
    inflater.setInput(packed, 0, length);
    int count = 0;
    try {
      while (count < clusterBytes && !inflater.finished()) {
        int more = inflater.inflate(plain, count, clusterBytes - count);
        if (more == 0) {
          break;
        }
        count += more;
      }
    } catch (DataFormatException e) {
      throw home.corrupt(offset, "a compressed cluster is damaged: " + e.getMessage());
    }
    return count;
  }

  private int unzstd(long offset, int length) throws IOException {
    int frameBytes = ZstdFrame.length(packed, length);
    if (frameBytes < 0) {
      throw home.corrupt(offset, "a compressed cluster is no zstd frame");
    }
    try {
      return unzstd.decompress(packed, 0, frameBytes, plain, 0, clusterBytes);
    } catch (MalformedInputException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw home.corrupt(offset, "a compressed cluster is damaged: " + e.getMessage());
    }
  }

  /** Packs a cluster; null when it would not be smaller. */
  byte @org.jspecify.annotations.Nullable [] pack(byte[] cluster) {
    if (home.header.compressionType == Qcow2Header.COMPRESSION_ZSTD) {
      ZstdJavaCompressor zstd = new ZstdJavaCompressor();
      byte[] out = new byte[zstd.maxCompressedLength(clusterBytes)];
      int count = zstd.compress(cluster, 0, clusterBytes, out, 0, out.length);
      return count < clusterBytes ? java.util.Arrays.copyOf(out, count) : null;
    }
    byte[] out = new byte[clusterBytes];
    Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    try {
      int count = 0;
      for (int at = 0; at < clusterBytes; at += DEFLATE_WINDOW_BYTES) {
        int piece = Math.min(DEFLATE_WINDOW_BYTES, clusterBytes - at);
        deflater.setInput(cluster, at, piece);
        boolean isLast = at + piece == clusterBytes;
        if (isLast) {
          deflater.finish();
        }
        count +=
            deflater.deflate(
                out, count, out.length - count, isLast ? Deflater.NO_FLUSH : Deflater.FULL_FLUSH);
        if (count == out.length) {
          return null;
        }
      }
      return deflater.finished() ? java.util.Arrays.copyOf(out, count) : null;
    } finally {
      deflater.end();
    }
  }

  void close() {
    inflater.end();
  }
}
