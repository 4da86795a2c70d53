package org.maloca.block.qcow2;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How to make an image; what is not said is as {@code qemu-img create} does it.
 *
 * @param version 2 or 3 ({@code compat=0.10} or {@code 1.1})
 * @param clusterBytes a power of two from 512 to 2 MiB
 * @param refcountBits a power of two from 1 to 64; 16 in version 2
 * @param lazyRefcounts whether refcounts may stay behind in the file while the image is open
 * @param extendedL2 whether clusters have subclusters, each 1/32
 * @param compression of compressed clusters
 * @param preallocation what there is from the beginning
 * @param backingFile what the image is a difference to, as it shall stand in the header
 * @param backingFormat the format of that file, in QEMU's words
 * @param dataFile name of a file that has the guest's data, as it shall stand in the header
 * @param dataFileRaw whether that file shall be a raw image of the disk
 */
public record Qcow2Options(
    int version,
    int clusterBytes,
    int refcountBits,
    boolean lazyRefcounts,
    boolean extendedL2,
    Compression compression,
    Preallocation preallocation,
    @Nullable String backingFile,
    @Nullable String backingFormat,
    @Nullable String dataFile,
    boolean dataFileRaw) {
  /** Method of compressed clusters. */
  public enum Compression {
    ZLIB,
    ZSTD
  }

  /** What an image has from the beginning. */
  public enum Preallocation {
    OFF,
    /** All tables; the data's places are known but take no room. */
    METADATA,
    /** The data's room too, set aside by the host. */
    FALLOC,
    /** The data's room too, written with zeros. */
    FULL
  }

  /** Version 3, clusters of 64 KiB, refcounts of 16 bits. */
  public static final Qcow2Options DEFAULTS =
      new Qcow2Options(
          3, 65536, 16, false, false, Compression.ZLIB, Preallocation.OFF, null, null, null, false);

  public Qcow2Options {
    require(version == 2 || version == 3, "versions are 2 and 3");
    require(
        Integer.bitCount(clusterBytes) == 1 && clusterBytes >= 512 && clusterBytes <= 2 << 20,
        "a cluster is a power of two from 512 bytes to 2 MiB");
    require(
        Integer.bitCount(refcountBits) == 1 && refcountBits >= 1 && refcountBits <= 64,
        "refcounts are of 1, 2, 4, 8, 16, 32 or 64 bits");
    require(
        version == 3
            || refcountBits == 16
                && !lazyRefcounts
                && !extendedL2
                && compression == Compression.ZLIB
                && dataFile == null,
        "version 2 has refcounts of 16 bits, zlib, and no features");
    require(!extendedL2 || clusterBytes >= 16384, "subclusters need clusters of 16 KiB or more");
    require(!dataFileRaw || dataFile != null, "a raw data file needs a data file");
    require(
        !dataFileRaw || backingFile == null,
        "a raw data file and a backing file exclude each" + " other");
    require(
        preallocation == Preallocation.OFF || backingFile == null || extendedL2,
        "preallocation over a backing file needs extended L2 entries");
  }

  private static void require(boolean isRight, String rule) {
    if (!isRight) {
      throw new IllegalArgumentException(rule);
    }
  }

  public Qcow2Options withVersion(int value) {
    return with(copy -> copy.version = value);
  }

  public Qcow2Options withClusterBytes(int value) {
    return with(copy -> copy.clusterBytes = value);
  }

  public Qcow2Options withRefcountBits(int value) {
    return with(copy -> copy.refcountBits = value);
  }

  public Qcow2Options withLazyRefcounts(boolean value) {
    return with(copy -> copy.lazyRefcounts = value);
  }

  public Qcow2Options withExtendedL2(boolean value) {
    return with(copy -> copy.extendedL2 = value);
  }

  public Qcow2Options withCompression(Compression value) {
    return with(copy -> copy.compression = value);
  }

  public Qcow2Options withPreallocation(Preallocation value) {
    return with(copy -> copy.preallocation = value);
  }

  public Qcow2Options withBacking(@Nullable String file, @Nullable String format) {
    return with(copy -> {
      copy.backingFile = file;
      copy.backingFormat = format;
    });
  }

  public Qcow2Options withDataFile(@Nullable String file, boolean isRaw) {
    return with(copy -> {
      copy.dataFile = file;
      copy.dataFileRaw = isRaw;
    });
  }

  private Qcow2Options with(Consumer<Copy> change) {
    Copy copy = new Copy(this);
    change.accept(copy);
    return copy.options();
  }

  /** What a copy is made from, one field at a time. */
  private static final class Copy {
    private int version;
    private int clusterBytes;
    private int refcountBits;
    private boolean lazyRefcounts;
    private boolean extendedL2;
    private Compression compression;
    private Preallocation preallocation;
    private @Nullable String backingFile;
    private @Nullable String backingFormat;
    private @Nullable String dataFile;
    private boolean dataFileRaw;

    Copy(Qcow2Options from) {
      version = from.version;
      clusterBytes = from.clusterBytes;
      refcountBits = from.refcountBits;
      lazyRefcounts = from.lazyRefcounts;
      extendedL2 = from.extendedL2;
      compression = from.compression;
      preallocation = from.preallocation;
      backingFile = from.backingFile;
      backingFormat = from.backingFormat;
      dataFile = from.dataFile;
      dataFileRaw = from.dataFileRaw;
    }

    Qcow2Options options() {
      return new Qcow2Options(
          version,
          clusterBytes,
          refcountBits,
          lazyRefcounts,
          extendedL2,
          compression,
          preallocation,
          backingFile,
          backingFormat,
          dataFile,
          dataFileRaw);
    }
  }
}
