package org.maloca.block.qcow2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.block.file.FaultyFile;
import org.maloca.block.file.HostFile;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.CheckReport;
import org.maloca.block.image.CorruptImageException;
import org.maloca.block.image.DiskImage.Repair;

/** What a repair leaves is right, whatever was going on in memory before. */
final class Qcow2RepairTest {
  private static final int CLUSTER_BYTES = 4096;

  @Test
  void forgets_what_was_to_be_freed_when_the_tables_in_the_file_count_again() throws IOException {
    FaultyFile file = new FaultyFile("repaired.qcow2");
    Qcow2Options options = Qcow2Options.DEFAULTS.withClusterBytes(CLUSTER_BYTES);
    long l1Cluster;
    try (Qcow2Image image = Qcow2Image.create(file, 64 * CLUSTER_BYTES, options, null, null)) {
      Disk.write(image, 0, new byte[4 * CLUSTER_BYTES]);
      l1Cluster = image.header().l1Offset / CLUSTER_BYTES;
    }
    setRefcount(file, l1Cluster, 0);
    Qcow2Image image = Qcow2Image.open(file, null);
    image.discard(0, 2 * CLUSTER_BYTES);
    // The cluster of the L1 table counts as free, which is noticed here and breaks the image off
    // before the discard is in the file.
    assertThrows(
        CorruptImageException.class, () -> Disk.write(image, 8 * CLUSTER_BYTES, new byte[512]));

    CheckReport repaired = image.check(Repair.ALL);
    CheckReport after = image.check(Repair.NOTHING);

    assertEquals(0, repaired.corruptions(), () -> repaired.messages().toString());
    assertTrue(after.isClean(), () -> after.messages().toString());
  }

  /** As a write to a cluster of a hostile image makes it, where the file system has holes. */
  @Test
  void refuses_to_check_a_file_of_more_clusters_than_it_can_count(@TempDir Path folder)
      throws IOException {
    Qcow2Options options = Qcow2Options.DEFAULTS.withClusterBytes(512);
    try (ImageFile file = HostFile.open(folder.resolve("huge.qcow2"), HostFile.Option.CREATE);
        Qcow2Image image = Qcow2Image.create(file, 1 << 20, options, null, null)) {
      file.setSize(2L << 40);
      assertThrows(UnsupportedImageException.class, () -> image.check(Repair.NOTHING));
      file.setSize(1 << 20);
      assertEquals(0, image.check(Repair.NOTHING).corruptions());
    }
  }

  private static void setRefcount(FaultyFile file, long cluster, int count) throws IOException {
    ByteBuffer table = ByteBuffer.allocate(Long.BYTES);
    file.read(Qcow2Header.read(file).refcountTableOffset, table);
    ByteBuffer bytes = ByteBuffer.allocate(Short.BYTES).putShort((short) count).flip();
    file.write(table.getLong(0) + cluster * Short.BYTES, bytes);
  }
}
