package org.maloca.block.qcow2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Clock;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.maloca.block.file.FaultyFile;
import org.maloca.block.image.CheckReport;
import org.maloca.block.image.DiskImage.Repair;
import org.maloca.block.raw.RawImage;

/** Changes of the disk's size, and of what it holds as a whole. */
final class Qcow2ResizeTest {
  private static final int CLUSTER_BYTES = 4096;
  private static final int DISK_BYTES = 64 * CLUSTER_BYTES;

  private final FaultyFile file = new FaultyFile("sized.qcow2");
  private final Qcow2Options options = Qcow2Options.DEFAULTS.withClusterBytes(CLUSTER_BYTES);

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static void assertClean(Qcow2Image image) throws IOException {
    CheckReport report = image.check(Repair.NOTHING);
    assertTrue(report.isClean(), () -> report.messages().toString());
  }

  @Test
  void a_snapshot_keeps_its_size_when_the_disk_shrinks() throws IOException {
    Qcow2Image image = Qcow2Image.create(file, DISK_BYTES, options, null, null);
    byte[] before = filled(DISK_BYTES, 3);
    Disk.write(image, 0, before);
    image.createSnapshot("large", Clock.systemUTC());

    image.resize(DISK_BYTES / 4);

    assertEquals(DISK_BYTES / 4, image.sizeBytes());
    assertClean(image);
    image.resize(DISK_BYTES / 2);
    assertArrayEquals(new byte[DISK_BYTES / 4], Disk.read(image, DISK_BYTES / 4, DISK_BYTES / 4));
    image.applySnapshot("large");
    assertEquals(DISK_BYTES, image.sizeBytes());
    assertArrayEquals(before, Disk.read(image, 0, DISK_BYTES));
    assertClean(image);
  }

  @Test
  void version_2_has_one_size_for_all_snapshots() throws IOException {
    Qcow2Image image = Qcow2Image.create(file, DISK_BYTES, options.withVersion(2), null, null);
    image.createSnapshot("large", Clock.systemUTC());

    assertThrows(UnsupportedOperationException.class, () -> image.resize(DISK_BYTES / 2));
  }

  @Test
  void an_emptied_image_shows_what_is_below() throws IOException {
    FaultyFile belowFile = new FaultyFile("below.raw");
    byte[] below = filled(DISK_BYTES, 9);
    RawImage base = RawImage.create(belowFile, DISK_BYTES);
    Disk.write(base, 0, below);
    Qcow2Image image =
        Qcow2Image.create(file, DISK_BYTES, options.withBacking("below.raw", "raw"), base, null);
    Disk.write(image, 0, filled(8 * CLUSTER_BYTES, 1));
    image.writeZeroes(16 * CLUSTER_BYTES, 8 * CLUSTER_BYTES, true);
    image.writeCompressed(32 * CLUSTER_BYTES, filled(CLUSTER_BYTES, 2));
    image.flush();

    assertTrue(image.empty());

    assertArrayEquals(below, Disk.read(image, 0, DISK_BYTES));
    assertEquals(0, image.check(Repair.NOTHING).allocatedClusters());
    assertClean(image);
  }
}
