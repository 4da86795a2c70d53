package org.maloca.fuzz.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.maloca.block.image.DiskImage;
import org.maloca.block.vhd.VhdImage;
import org.maloca.block.vhd.VhdOptions;

/** VHD. */
public final class VhdTarget extends ImageTarget {
  private static final int FOOTER_BYTES = 512;
  private static final int FOOTER_CHECKSUM = 64;
  private static final int DATA_OFFSET = 16;
  private static final int HEADER_BYTES = 1024;
  private static final int HEADER_CHECKSUM = 36;

  @Override
  DiskImage open(ImageInput input) throws IOException {
    return VhdImage.open(input.first(), input.has(ImageInput.HAS_PARENT) ? parent() : null);
  }

  @Override
  void seal(MemoryFile file) throws IOException {
    ByteBuffer first = ByteBuffer.allocate(FOOTER_BYTES);
    file.read(0, first);
    long header = first.getLong(DATA_OFFSET);
    long size = file.size();
    seal(file, 0, FOOTER_BYTES, FOOTER_CHECKSUM);
    if (size >= FOOTER_BYTES) {
      seal(file, size - FOOTER_BYTES, FOOTER_BYTES, FOOTER_CHECKSUM);
    }
    if (header >= 0 && header <= size - HEADER_BYTES) {
      seal(file, header, HEADER_BYTES, HEADER_CHECKSUM);
    }
    file.setSize(size);
  }

  private static void seal(MemoryFile file, long position, int length, int field)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    file.read(position, bytes);
    int sum = 0;
    for (int i = 0; i < length; i++) {
      sum += i >= field && i < field + 4 ? 0 : bytes.get(i) & 0xff;
    }
    file.write(position + field, ByteBuffer.allocate(4).putInt(0, ~sum));
  }

  @Override
  public List<byte[]> seeds() throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    add(seeds, false, null);
    add(seeds, true, null);
    add(seeds, false, new VhdOptions.Parent("p.vhd", "/p.vhd", new UUID(1, 2), 1_700_000_000));
    return seeds;
  }

  private void add(List<byte[]> seeds, boolean isFixed, VhdOptions.@Nullable Parent parent)
      throws IOException {
    MemoryFile first = new MemoryFile("image", false);
    VhdImage.create(first, new VhdOptions(DISK_BYTES, isFixed, parent));
    try (DiskImage image = VhdImage.open(first, parent == null ? null : parent())) {
      fill(image);
    }
    int flags = ImageInput.SEALED | (parent == null ? 0 : ImageInput.HAS_PARENT);
    addBoth(seeds, flags, first, new MemoryFile("second", false));
  }
}
