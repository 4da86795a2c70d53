package org.maloca.block.vhdx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.block.file.HostFile;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.DiskImage.Repair;
import org.maloca.block.table.Disks;

class VhdxGrowthTest {
  private static final int BLOCK_BYTES = 1 << 20;
  private static final int DISK_BYTES = 8 * BLOCK_BYTES;
  private static final int TABLE_OFFSET = 3 << 20;

  @TempDir Path folder;

  /** What a writer of other habits, or of bad will, left in the table's rest is nothing. */
  @Test
  void newBlocksHoldZerosWhateverLiesWhereTheirEntriesWillBe() throws IOException {
    Path path = folder.resolve("disk.vhdx");
    byte[] shadow = new byte[DISK_BYTES + 4 * BLOCK_BYTES];
    Arrays.fill(shadow, 0, BLOCK_BYTES, (byte) 7);
    ImageFile file = HostFile.open(path, HostFile.Option.CREATE);
    VhdxCreation.create(file, new VhdxOptions(DISK_BYTES, BLOCK_BYTES, 1 << 20, false, null));
    try (VhdxImage image = VhdxImage.open(file, null)) {
      Disks.write(image, 0, Arrays.copyOf(shadow, BLOCK_BYTES));
    }
    try (ImageFile again = HostFile.open(path)) {
      ByteBuffer table = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
      again.read(TABLE_OFFSET, table);
      assertEquals(Bat.FULLY_PRESENT, Bat.state(table.getLong(0)));
      // Two more claim the first block's place, and one a place past the file's end.
      table.putLong(8 * 8, table.getLong(0)).putLong(10 * 8, table.getLong(0));
      table.putLong(11 * 8, (1L << 40) | Bat.FULLY_PRESENT);
      again.write(TABLE_OFFSET, table.clear());
    }

    try (VhdxImage image = VhdxImage.open(HostFile.open(path), null)) {
      assertTrue(image.check(Repair.NOTHING).isClean());
      image.resize(shadow.length);
    }

    try (VhdxImage image = VhdxImage.open(HostFile.open(path), null)) {
      assertTrue(image.check(Repair.NOTHING).isClean());
      assertArrayEquals(shadow, Disks.read(image, 0, shadow.length));
    }
  }
}
