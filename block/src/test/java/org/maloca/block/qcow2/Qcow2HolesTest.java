package org.maloca.block.qcow2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.maloca.block.file.FaultyFile;
import org.maloca.block.image.CheckReport;
import org.maloca.block.image.DiskImage.Repair;

/** Tables of the largest clusters, which lie in holes of the file and say nothing. */
final class Qcow2HolesTest {
  private static final int CLUSTER_BYTES = 2 << 20;
  private static final int TABLES = 100;
  private static final long DISK_BYTES = TABLES * (CLUSTER_BYTES / 8L) * CLUSTER_BYTES;
  private static final int FIRST_L2 = 1000;
  private static final int FIRST_BLOCK = 2000;
  private static final int FILE_CLUSTERS = 3000;

  /** For each count and entry in them it would take minutes. */
  @Test
  void are_not_read_by_a_check() throws IOException {
    FaultyFile file = new FaultyFile("holes.qcow2");
    Qcow2Options options =
        Qcow2Options.DEFAULTS.withClusterBytes(CLUSTER_BYTES).withRefcountBits(1);
    Qcow2Image.create(file, DISK_BYTES, options, null, null).close();
    Qcow2Header header = Qcow2Header.read(file);
    for (int i = 0; i < TABLES; i++) {
      put(file, header.l1Offset + i * 8L, FIRST_L2 + i);
      put(file, header.refcountTableOffset + 8 + i * 8L, FIRST_BLOCK + i);
    }
    file.setSize((long) FILE_CLUSTERS * CLUSTER_BYTES);

    try (Qcow2Image image = Qcow2Image.open(file, null)) {
      long before = file.reads();
      CheckReport found = image.check(Repair.NOTHING);
      long reads = file.reads() - before;
      image.check(Repair.ALL);
      CheckReport after = image.check(Repair.NOTHING);

      assertEquals(2 * TABLES, found.corruptions());
      assertTrue(reads < TABLES / 10, () -> "reads: " + reads);
      assertTrue(after.isClean(), () -> after.messages().toString());
    }
  }

  private static void put(FaultyFile file, long position, long cluster) throws IOException {
    file.write(position, ByteBuffer.allocate(8).putLong(0, cluster * CLUSTER_BYTES));
  }
}
