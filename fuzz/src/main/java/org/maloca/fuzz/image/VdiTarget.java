package org.maloca.fuzz.image;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.maloca.block.image.DiskImage;
import org.maloca.block.vdi.VdiImage;
import org.maloca.block.vdi.VdiOptions;

/** VDI. */
public final class VdiTarget extends ImageTarget {
  private static final UUID ID = new UUID(1, 2);

  @Override
  DiskImage open(ImageInput input) throws IOException {
    return VdiImage.open(input.first(), input.has(ImageInput.HAS_PARENT) ? parent() : null);
  }

  @Override
  public List<byte[]> seeds() throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    add(seeds, false, null);
    add(seeds, true, null);
    add(seeds, false, new VdiOptions.Parent(ID, ID));
    return seeds;
  }

  private void add(List<byte[]> seeds, boolean isFixed, VdiOptions.@Nullable Parent parent)
      throws IOException {
    MemoryFile first = new MemoryFile("image", false);
    VdiImage.create(first, new VdiOptions(DISK_BYTES, isFixed, parent));
    try (DiskImage image = VdiImage.open(first, parent == null ? null : parent())) {
      fill(image);
    }
    addBoth(
        seeds, parent == null ? 0 : ImageInput.HAS_PARENT, first, new MemoryFile("second", false));
  }
}
