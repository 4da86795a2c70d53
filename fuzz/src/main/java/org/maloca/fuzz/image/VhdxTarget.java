package org.maloca.fuzz.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.maloca.block.image.DiskImage;
import org.maloca.block.vhdx.VhdxCreation;
import org.maloca.block.vhdx.VhdxImage;
import org.maloca.block.vhdx.VhdxOptions;

/** VHDX, also with a log that is still to be replayed. */
public final class VhdxTarget extends ImageTarget {
  private static final int KIB = 1024;
  private static final int SECTOR_BYTES = 4096;
  private static final int CHECKSUM = 4;
  private static final int LOG_LENGTH = 68;
  private static final int LOG_OFFSET = 72;
  private static final int MAX_LOG_BYTES = 1 << 20;
  private static final int MAX_ENTRY_BYTES = 1 << 18;
  private static final int LOG_SIGNATURE = 0x6567_6f6c;

  @Override
  DiskImage open(ImageInput input) throws IOException {
    return VhdxImage.open(input.first(), input.has(ImageInput.HAS_PARENT) ? parent() : null);
  }

  @Override
  void seal(MemoryFile file) throws IOException {
    long size = file.size();
    if (size < 320 * KIB) {
      return;
    }
    for (int header : new int[] {64 * KIB, 128 * KIB}) {
      seal(file, header, SECTOR_BYTES);
      sealLog(file, header);
    }
    seal(file, 192 * KIB, 64 * KIB);
    seal(file, 256 * KIB, 64 * KIB);
    file.setSize(size);
  }

  private static void sealLog(MemoryFile file, long header) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(SECTOR_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    file.read(header, bytes);
    long log = bytes.getLong(LOG_OFFSET);
    int logBytes = Math.clamp(bytes.getInt(LOG_LENGTH), 0, MAX_LOG_BYTES);
    if (log < 0 || log > MemoryFile.MAX_BYTES / 2) {
      return;
    }
    for (long page : file.pages().keySet()) {
      long at = page * SECTOR_BYTES;
      if (at < log || at >= log + logBytes) {
        continue;
      }
      file.read(at, bytes.clear());
      int length = bytes.getInt(8);
      if (bytes.getInt(0) == LOG_SIGNATURE && length >= 64 && length <= MAX_ENTRY_BYTES) {
        seal(file, at, length);
      }
    }
  }

  private static void seal(MemoryFile file, long position, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    file.read(position, bytes);
    bytes.clear().putInt(CHECKSUM, 0);
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    bytes.putInt(CHECKSUM, (int) crc.getValue());
    file.write(position + CHECKSUM, bytes.slice(CHECKSUM, 4));
  }

  @Override
  public List<byte[]> seeds() throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    add(seeds, false, null);
    add(seeds, true, null);
    add(seeds, false, new VhdxOptions.Parent("p.vhdx", "/p.vhdx", new UUID(1, 2)));
    return seeds;
  }

  private void add(List<byte[]> seeds, boolean isFixed, VhdxOptions.@Nullable Parent parent)
      throws IOException {
    MemoryFile first = new MemoryFile("image", false);
    MemoryFile second = new MemoryFile("second", false);
    int flags = ImageInput.SEALED | (parent == null ? 0 : ImageInput.HAS_PARENT);
    VhdxCreation.create(first, new VhdxOptions(DISK_BYTES, 1 << 20, 1 << 20, isFixed, parent));
    try (DiskImage image = VhdxImage.open(first, parent == null ? null : parent())) {
      fill(image);
      // As a loss of power would leave it.
      addBoth(seeds, flags, first, second);
    }
    addBoth(seeds, flags, first, second);
  }
}
