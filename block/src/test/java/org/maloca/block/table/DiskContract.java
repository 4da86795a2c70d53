package org.maloca.block.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.block.file.HostFile;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.CheckReport;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.Extent;

/** What images of every format and kind must do. */
public abstract class DiskContract {
  protected static final int DISK_BYTES = 20 << 20;

  @TempDir protected Path folder;

  /** QEMU's name of the format, and the options that make this kind of it. */
  protected abstract String qemuFormat();

  protected abstract List<String> qemuOptions();

  protected abstract void create(Path path, long bytes) throws IOException;

  /** Opens the image in a file, which it owns if that goes well. */
  protected abstract DiskImage open(ImageFile file, Path path) throws IOException;

  protected final DiskImage open(Path path, boolean isReadOnly) throws IOException {
    ImageFile file =
        isReadOnly ? HostFile.open(path, HostFile.Option.READ_ONLY) : HostFile.open(path);
    try {
      return open(file, path);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** Whether {@code qemu-img check} knows the format. */
  protected boolean isCheckedByQemu() {
    return true;
  }

  /** Whether QEMU may write the kind in any order. */
  protected boolean isWrittenByQemu() {
    return true;
  }

  protected Path image() {
    return folder.resolve("disk.image");
  }

  @Test
  void aNewDiskIsZerosAndClean() throws IOException {
    create(image(), DISK_BYTES);

    try (DiskImage image = open(image(), false)) {
      assertEquals(DISK_BYTES, image.sizeBytes());
      Disks.assertSame(image, new byte[DISK_BYTES]);
      assertTrue(image.check(DiskImage.Repair.NOTHING).isClean());
    }
  }

  @Test
  void keepsWhatWasWrittenInAnyOrder() throws Exception {
    byte[] shadow = new byte[DISK_BYTES];
    create(image(), DISK_BYTES);
    for (int round = 0; round < 3; round++) {
      try (DiskImage image = open(image(), false)) {
        Disks.work(image, shadow, 100 + round, 150);
      }
      try (DiskImage image = open(image(), true)) {
        Disks.assertSame(image, shadow);
      }
    }
    try (DiskImage image = open(image(), false)) {
      CheckReport report = image.check(DiskImage.Repair.NOTHING);
      assertEquals(List.of(), report.messages());
      assertEquals(DISK_BYTES, totalOfExtents(image));
    }
  }

  private static long totalOfExtents(DiskImage image) throws IOException {
    long total = 0;
    while (total < image.sizeBytes()) {
      Extent extent = image.extentAt(total, image.sizeBytes() - total);
      assertTrue(extent.length() > 0 && extent.offset() == total);
      total += extent.length();
    }
    return total;
  }

  @Test
  void qemuReadsWhatWasWritten() throws Exception {
    Qemu.assume();
    byte[] shadow = new byte[DISK_BYTES];
    create(image(), DISK_BYTES);
    try (DiskImage image = open(image(), false)) {
      Disks.work(image, shadow, 7, 200);
    }
    compareByQemu(shadow);
    if (isCheckedByQemu()) {
      Qemu.img("check", "-f", qemuFormat(), image());
    }
  }

  private void compareByQemu(byte[] shadow) throws Exception {
    Path raw = folder.resolve("disk.raw");
    Files.write(raw, shadow);
    Qemu.img("compare", "-f", "raw", "-F", qemuFormat(), raw, image());
  }

  @Test
  void readsAndChangesWhatQemuMade() throws Exception {
    Qemu.assume();
    byte[] shadow = new byte[DISK_BYTES];
    new Random(3).nextBytes(shadow);
    Arrays.fill(shadow, 5 << 20, 11 << 20, (byte) 0);
    Arrays.fill(shadow, 15 << 20, 15 << 20 | 12345, (byte) 0);
    Path raw = folder.resolve("disk.raw");
    Files.write(raw, shadow);
    List<Object> command = new ArrayList<>(List.of("convert", "-f", "raw", "-O", qemuFormat()));
    qemuOptions().forEach(option -> command.addAll(List.of("-o", option)));
    command.addAll(List.of(raw, image()));
    Qemu.img(command.toArray());

    try (DiskImage image = open(image(), false)) {
      assertEquals(DISK_BYTES, image.sizeBytes());
      Disks.assertSame(image, shadow);
      assertEquals(List.of(), image.check(DiskImage.Repair.NOTHING).messages());
      assertEquals(
          qemuFormat(), image.format().optionName().replace("vhd", "vpc").replace("vpcx", "vhdx"));
      Disks.work(image, shadow, 11, 150);
    }
    try (DiskImage image = open(image(), true)) {
      Disks.assertSame(image, shadow);
    }
    compareByQemu(shadow);
    if (isCheckedByQemu()) {
      Qemu.img("check", "-f", qemuFormat(), image());
    }
  }

  /** Whether this kind can be made larger. */
  protected boolean canGrow() {
    return true;
  }

  @Test
  void aLargerDiskHasWhatItHadAndZeros() throws Exception {
    byte[] shadow = new byte[DISK_BYTES];
    create(image(), DISK_BYTES);
    int larger = DISK_BYTES + (70 << 20) + 512;
    try (DiskImage image = open(image(), false)) {
      Disks.work(image, shadow, 21, 100);
      int[] told = {0};
      image.onSizeChange(() -> told[0]++);
      if (!canGrow()) {
        assertThrows(UnsupportedOperationException.class, () -> image.resize(larger));
        Disks.assertSame(image, shadow);
        return;
      }
      image.resize(larger);
      assertEquals(1, told[0]);
      assertEquals(larger, image.sizeBytes());
      shadow = Arrays.copyOf(shadow, larger);
      Disks.work(image, shadow, 22, 100);
    }
    try (DiskImage image = open(image(), true)) {
      assertEquals(larger, image.sizeBytes());
      Disks.assertSame(image, shadow);
      assertEquals(List.of(), image.check(DiskImage.Repair.NOTHING).messages());
    }
    if (Qemu.isThere()) {
      compareByQemu(shadow);
    }
  }

  /** Changes bytes of tables and headers, where they hurt, and then uses the image. */
  @Test
  void damagedImagesAreRefusedOrReadAndNeverMore() throws IOException {
    create(image(), DISK_BYTES);
    try (DiskImage image = open(image(), false)) {
      Disks.work(image, new byte[DISK_BYTES], 5, 30);
    }
    byte[] whole = Files.readAllBytes(image());
    Random random = new Random(9);
    int refused = 0;
    for (int round = 0; round < 150; round++) {
      byte[] damaged = whole.clone();
      int changes = 1 + random.nextInt(4);
      for (int i = 0; i < changes; i++) {
        int at = placeToDamage(random, damaged);
        int length = Math.min(1 + random.nextInt(8), damaged.length - at);
        byte value = (byte) (random.nextBoolean() ? random.nextInt() : -random.nextInt(2));
        Arrays.fill(damaged, at, at + length, value);
      }
      Files.write(image(), random.nextInt(10) == 0 ? cut(damaged, random) : damaged);
      refused += use() ? 0 : 1;
    }
    assertTrue(refused > 0, "no damage was noticed");
  }

  private static byte[] cut(byte[] bytes, Random random) {
    return Arrays.copyOf(bytes, random.nextInt(bytes.length));
  }

  /** Mostly the beginning of a structure. */
  protected int placeToDamage(Random random, byte[] image) {
    int start = structures()[random.nextInt(structures().length)];
    return Math.floorMod(start + random.nextInt(random.nextBoolean() ? 128 : 1024), image.length);
  }

  /** Where headers and tables begin; negative from the file's end. */
  protected abstract int[] structures();

  private boolean use() {
    try (DiskImage image = open(image(), false)) {
      assertFalse(image.sizeBytes() < 0);
      image.info();
      byte[] bytes = new byte[1 << 16];
      for (long at = 0; at + bytes.length <= Math.min(image.sizeBytes(), 40 << 20); at += 1 << 20) {
        Disks.read(image, at, bytes.length);
        Disks.write(image, at, bytes);
      }
      image.check(DiskImage.Repair.ALL);
      return true;
    } catch (IOException refusal) {
      assertTrue(refusal.getMessage() != null && !refusal.getMessage().isEmpty());
      return false;
    }
  }
}
