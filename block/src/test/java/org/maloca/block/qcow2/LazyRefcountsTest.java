package org.maloca.block.qcow2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.block.file.FaultyFile;
import org.maloca.block.image.DiskImage.Repair;

/** With lazy refcounts an image is dirty while it is open, and counted anew after a crash. */
final class LazyRefcountsTest {
  private static final int CLUSTER_BYTES = 4096;
  private static final int DISK_BYTES = 64 * CLUSTER_BYTES;

  @TempDir Path folder;
  private final FaultyFile file = new FaultyFile("lazy.qcow2");

  private Qcow2Image create(boolean isLazy) throws IOException {
    Qcow2Options options =
        Qcow2Options.DEFAULTS.withClusterBytes(CLUSTER_BYTES).withLazyRefcounts(isLazy);
    return Qcow2Image.create(file, DISK_BYTES, options, null, null);
  }

  private static boolean isDirty(FaultyFile file) throws IOException {
    return (Qcow2Header.read(file).incompatible & Qcow2Header.INCOMPATIBLE_DIRTY) != 0;
  }

  @Test
  void marks_the_image_at_the_first_flush_and_takes_the_mark_away_at_the_end() throws IOException {
    Qcow2Image image = create(true);
    assertFalse(isDirty(file));

    Disk.write(image, 0, new byte[CLUSTER_BYTES]);
    image.flush();
    assertTrue(isDirty(file));

    image.close();
    assertFalse(isDirty(file));
    assertTrue(Qcow2Image.open(file, null).check(Repair.NOTHING).isClean());
  }

  @Test
  void an_image_that_is_only_read_stays_clean() throws IOException {
    create(true).close();
    Qcow2Image image = Qcow2Image.open(file, null);

    byte[] ignored = Disk.read(image, 0, CLUSTER_BYTES);
    image.flush();

    assertFalse(isDirty(file));
  }

  @Test
  void a_flush_leaves_refcounts_out() throws IOException {
    Qcow2Image image = create(true);
    ByteBuffer before = ByteBuffer.allocate(CLUSTER_BYTES);
    file.read(2 * CLUSTER_BYTES, before);

    Disk.write(image, 0, new byte[4 * CLUSTER_BYTES]);
    image.flush();

    ByteBuffer after = ByteBuffer.allocate(CLUSTER_BYTES);
    file.read(2 * CLUSTER_BYTES, after);
    assertArrayEquals(before.array(), after.array());
  }

  @Test
  void what_was_flushed_is_there_after_a_crash_and_counted() throws IOException {
    byte[] bytes = new byte[8 * CLUSTER_BYTES];
    Arrays.fill(bytes, (byte) 7);
    Qcow2Image image = create(true);
    Disk.write(image, CLUSTER_BYTES, bytes);
    image.flush();

    FaultyFile found = file.copy();
    Qcow2Image again = Qcow2Image.open(found, null);

    assertFalse(isDirty(found));
    assertTrue(again.check(Repair.NOTHING).isClean());
    assertArrayEquals(bytes, Disk.read(again, CLUSTER_BYTES, bytes.length));
  }

  @Test
  void qemu_counts_anew_too() throws Exception {
    Qcow2Image image = create(true);
    Disk.write(image, 0, new byte[8 * CLUSTER_BYTES]);
    image.flush();
    Path path = folder.resolve("crashed.qcow2");
    ByteBuffer all = ByteBuffer.allocate((int) file.size());
    file.read(0, all);
    Files.write(path, all.array());

    QemuImg.expectSuccess("qemu-img", "check", "-q", "-r", "all", path.toString());

    QemuImg.check(path);
  }

  @Test
  void an_image_without_them_is_never_dirty() throws IOException {
    Qcow2Image image = create(false);
    Disk.write(image, 0, new byte[CLUSTER_BYTES]);
    image.flush();

    assertFalse(isDirty(file));
    assertEquals(0, Qcow2Image.open(file.copy(), null).check(Repair.NOTHING).corruptions());
  }
}
