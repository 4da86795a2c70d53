package org.maloca.block.vmdk;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.CorruptImageException;
import org.maloca.core.backend.BlockBackend;

/** Opens the extents that a descriptor file names. */
final class ExtentOpening {
  private static final long MAX_SECTORS = 1L << 46;

  private ExtentOpening() {}

  static List<BlockBackend> open(
      ImageFile file, Descriptor descriptor, ExtentFiles files, @Nullable BlockBackend parent)
      throws IOException {
    List<BlockBackend> extents = new ArrayList<>();
    if (descriptor.extents().isEmpty()) {
      throw new CorruptImageException(file.name(), 0, "the descriptor names no extent");
    }
    long start = 0;
    try {
      for (Descriptor.ExtentLine line : descriptor.extents()) {
        start += line.sectors();
        if (line.sectors() > MAX_SECTORS || start > MAX_SECTORS) {
          throw new CorruptImageException(file.name(), 0, "the disk has over 2^46 sectors");
        }
        BlockBackend below = extents.isEmpty() ? parent : offset(parent, extents);
        extents.add(open(file, line, files, below, descriptor.extents().size()));
      }
    } catch (IOException | RuntimeException e) {
      for (BlockBackend extent : extents) {
        extent.close();
      }
      throw e;
    }
    return extents;
  }

  private static @Nullable BlockBackend offset(
      @Nullable BlockBackend parent, List<BlockBackend> before) {
    long start = before.stream().mapToLong(BlockBackend::sizeBytes).sum();
    return parent == null ? null : new ParentPiece(parent, start);
  }

  private static BlockBackend open(
      ImageFile file,
      Descriptor.ExtentLine line,
      ExtentFiles files,
      @Nullable BlockBackend parent,
      int extentCount)
      throws IOException {
    long bytes = line.sectors() * SparseHeader.SECTOR;
    if (line.type().equals("ZERO")) {
      return new ZeroExtent(bytes);
    }
    boolean isSparse = line.type().equals("SPARSE");
    // What is flat on a file system of VMware's own is so on any other.
    if (!isSparse && !line.type().equals("FLAT") && !line.type().equals("VMFS")) {
      throw new IOException(
          "%s: extents of type %s are not supported".formatted(file.name(), line.type()));
    }
    if (line.access().equals("NOACCESS")) {
      throw new IOException(
          "%s: the extent %s may not be accessed".formatted(file.name(), line.file()));
    }
    boolean isReadOnly = file.isReadOnly() || line.access().equals("RDONLY");
    ImageFile extentFile = files.open(line.file(), isReadOnly);
    try {
      if (!isSparse) {
        return flat(extentFile, line.offsetSectors() * SparseHeader.SECTOR, bytes);
      }
      SparseExtent sparse = SparseExtent.open(extentFile, parent, extentCount);
      if (sparse.sizeBytes() != bytes) {
        throw new CorruptImageException(
            extentFile.name(),
            12,
            "the extent has %d bytes, and %d after its descriptor"
                .formatted(sparse.sizeBytes(), bytes));
      }
      return sparse;
    } catch (IOException | RuntimeException e) {
      extentFile.close();
      throw e;
    }
  }

  private static BlockBackend flat(ImageFile file, long offset, long bytes) throws IOException {
    if (offset < 0 || bytes > file.size() - offset) {
      throw new CorruptImageException(
          file.name(), file.size(), "the file is too short for its extent");
    }
    return new FlatExtent(file, offset, bytes);
  }
}
