package org.maloca.fuzz.image;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.DiskImage;
import org.maloca.block.vmdk.ExtentFiles;
import org.maloca.block.vmdk.VmdkCreation;
import org.maloca.block.vmdk.VmdkImage;
import org.maloca.block.vmdk.VmdkKind;
import org.maloca.block.vmdk.VmdkOptions;
import org.maloca.core.backend.BlockBackend;

/** VMDK; whatever extent a descriptor names, it is the second file. */
public final class VmdkTarget extends ImageTarget {
  private static final VmdkOptions.Parent PARENT = new VmdkOptions.Parent("parent.vmdk", 17);

  /** One file for every name. */
  private record OneFile(MemoryFile file) implements ExtentFiles {
    @Override
    public ImageFile open(String name, boolean isReadOnly) {
      return file;
    }

    @Override
    public ImageFile create(String name) {
      return file;
    }
  }

  @Override
  DiskImage open(ImageInput input) throws IOException {
    @Nullable BlockBackend parent = input.has(ImageInput.HAS_PARENT) ? parent() : null;
    return VmdkImage.open(input.first(), new OneFile(input.second()), parent);
  }

  @Override
  public List<byte[]> seeds() throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    for (VmdkKind kind : VmdkKind.values()) {
      add(seeds, VmdkOptions.of(DISK_BYTES, kind));
    }
    add(
        seeds,
        new VmdkOptions(
            DISK_BYTES, VmdkKind.MONOLITHIC_SPARSE, true, VmdkOptions.Hardware.USUAL, PARENT));
    return seeds;
  }

  private void add(List<byte[]> seeds, VmdkOptions options) throws IOException {
    MemoryFile first = new MemoryFile("image", false);
    MemoryFile second = new MemoryFile("second", false);
    VmdkCreation.create(first, new OneFile(second), options);
    boolean isChild = options.parent() != null;
    try (DiskImage image = VmdkImage.open(first, new OneFile(second), isChild ? parent() : null)) {
      fill(image);
    }
    addBoth(seeds, isChild ? ImageInput.HAS_PARENT : 0, first, second);
  }
}
