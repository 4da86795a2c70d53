package org.maloca.block.vdi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.maloca.block.file.FaultyFile;
import org.maloca.block.image.DiskImage;
import org.maloca.block.table.Disks;

class VdiDynamicTest extends VdiContract {
  private static final int DISK_BYTES_FIELD = 0x170;
  private static final int BLOCK_BYTES = 1 << 20;

  @Override
  boolean isFixed() {
    return false;
  }

  /** As others may leave it whose disk became smaller. */
  @Test
  void growingKeepsTheEntriesOfAMapThatIsLongerThanTheDisk() throws IOException {
    FaultyFile file = new FaultyFile("disk");
    VdiImage.create(file, new VdiOptions(4 * BLOCK_BYTES, false, null));
    try (DiskImage image = VdiImage.open(file, null)) {
      Disks.write(image, 2 * BLOCK_BYTES, new byte[512]);
      Disks.write(image, 3 * BLOCK_BYTES, new byte[512]);
    }
    ByteBuffer size = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 512);
    file.write(DISK_BYTES_FIELD, size);

    try (DiskImage image = VdiImage.open(file, null)) {
      image.resize(1024);
      Disks.write(image, 0, new byte[512]);
      image.flush();
      assertEquals(List.of(), image.check(DiskImage.Repair.NOTHING).messages());
    }
    try (DiskImage image = VdiImage.open(file, null)) {
      assertEquals(1024, image.sizeBytes());
    }
  }
}
