package org.maloca.fuzz.image;

import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.block.image.DiskImage;
import org.maloca.block.qcow2.Qcow2Image;
import org.maloca.block.qcow2.Qcow2Options;
import org.maloca.core.backend.BlockBackend;

/** qcow2, with the second file as external data file. */
public final class Qcow2Target extends ImageTarget {
  @Override
  DiskImage open(ImageInput input) throws IOException {
    boolean hasData = Qcow2Image.readHeader(input.first()).hasDataFile();
    @Nullable BlockBackend backing = input.has(ImageInput.HAS_PARENT) ? parent() : null;
    return Qcow2Image.open(input.first(), backing, hasData ? input.second() : null);
  }

  @Override
  public List<byte[]> seeds() throws IOException {
    Qcow2Options small = Qcow2Options.DEFAULTS.withClusterBytes(4096);
    List<byte[]> seeds = new ArrayList<>();
    for (Qcow2Options options :
        List.of(
            small,
            small.withVersion(2),
            small.withClusterBytes(512),
            small.withRefcountBits(1),
            small.withRefcountBits(64).withLazyRefcounts(true),
            small.withCompression(Qcow2Options.Compression.ZSTD),
            small.withClusterBytes(16384).withExtendedL2(true),
            small.withBacking("parent", "raw"),
            small.withDataFile("second", false))) {
      MemoryFile first = new MemoryFile("image", false);
      MemoryFile second = new MemoryFile("second", false);
      boolean hasData = options.dataFile() != null;
      boolean hasParent = options.backingFile() != null;
      try (Qcow2Image image =
          Qcow2Image.create(
              first, DISK_BYTES, options, hasParent ? parent() : null, hasData ? second : null)) {
        fill(image);
        if (!hasData && options.refcountBits() > 1) {
          image.writeCompressed(1 << 20, new byte[options.clusterBytes()]);
          image.createSnapshot("before", Clock.systemUTC());
        }
      }
      addBoth(seeds, hasParent ? ImageInput.HAS_PARENT : 0, first, second);
    }
    return seeds;
  }
}
