package org.maloca.block.qcow2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.maloca.block.file.FaultyFile;
import org.maloca.block.file.HostFile;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.CheckReport;
import org.maloca.block.image.DiskImage;
import org.maloca.block.raw.RawImage;

/** Any sequence of operations leaves what an array would have, and an image QEMU finds right. */
final class Qcow2RandomOperationsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "2, 512, 16, false, false, 1",
    "3, 512, 1, false, false, 2",
    "3, 512, 64, false, true, 3",
    "3, 1024, 2, false, true, 4",
    "3, 4096, 4, false, false, 5",
    "3, 4096, 8, false, true, 6",
    "3, 65536, 16, false, true, 7",
    "2, 65536, 16, false, true, 8",
    "3, 16384, 16, true, true, 9",
    "3, 65536, 32, true, false, 10",
    "3, 2097152, 16, false, true, 11",
  })
  void keeps_what_was_written(
      int version, int cluster, int refcountBits, boolean isExtended, boolean hasBacking, int seed)
      throws Exception {
    Random random = new Random(seed);
    int size = cluster >= 1 << 20 ? 8 << 20 : Math.max(64 * cluster, 1 << 18) + 512 * 3;
    byte[] shadow = new byte[size];
    Path backingPath = folder.resolve("backing.raw");
    if (hasBacking) {
      byte[] below = new byte[size / 2 & -512];
      random.nextBytes(below);
      System.arraycopy(below, 0, shadow, 0, below.length);
      Files.write(backingPath, below);
    }
    Qcow2Options options =
        Qcow2Options.DEFAULTS
            .withVersion(version)
            .withClusterBytes(cluster)
            .withRefcountBits(refcountBits)
            .withExtendedL2(isExtended)
            .withBacking(hasBacking ? backingPath.toString() : null, hasBacking ? "raw" : null);
    FaultyFile file = new FaultyFile("random.qcow2");
    Qcow2Image image = Qcow2Image.create(file, size, options, open(backingPath), null);
    Map<String, byte[]> snapshots = new HashMap<>();
    for (int i = 0; i < 1500; i++) {
      step(image, shadow, random, cluster);
      if (refcountBits > 2 && random.nextInt(100) == 0) {
        snapshotStep(image, shadow, snapshots, random);
        assertClean(image.check(DiskImage.Repair.NOTHING));
      }
      if (random.nextInt(300) == 0) {
        image.close();
        image = Qcow2Image.open(file, open(backingPath));
      }
    }
    assertArrayEquals(shadow, Disk.read(image, 0, size));
    assertClean(image.check(DiskImage.Repair.NOTHING));
    image.close();
    for (Map.Entry<String, byte[]> snapshot : snapshots.entrySet()) {
      Qcow2Image then = Qcow2Image.openSnapshot(file, open(backingPath), snapshot.getKey());
      assertArrayEquals(snapshot.getValue(), Disk.read(then, 0, size));
      then.close();
    }

    Path image2 = folder.resolve("image.qcow2");
    copyOut(file, image2);
    QemuImg.check(image2);
    Path raw = folder.resolve("expected.raw");
    Files.write(raw, shadow);
    QemuImg.expectSuccess(
        "qemu-img", "compare", "-f", "raw", "-F", "qcow2", raw.toString(), image2.toString());
  }

  private static void assertClean(CheckReport report) {
    assertTrue(report.isClean(), () -> report.messages().toString());
  }

  private static void snapshotStep(
      Qcow2Image image, byte[] shadow, Map<String, byte[]> snapshots, Random random)
      throws IOException {
    if (snapshots.size() < 3) {
      String id = image.createSnapshot("at " + snapshots.size(), Clock.systemUTC());
      snapshots.put(id, shadow.clone());
      return;
    }
    String id = new TreeSet<>(snapshots.keySet()).first();
    if (random.nextBoolean()) {
      image.applySnapshot(id);
      System.arraycopy(snapshots.get(id), 0, shadow, 0, shadow.length);
    } else {
      image.deleteSnapshot(id);
      snapshots.remove(id);
    }
  }

  private static @Nullable RawImage open(Path backing) throws IOException {
    return Files.exists(backing)
        ? RawImage.open(HostFile.open(backing, HostFile.Option.READ_ONLY))
        : null;
  }

  private static void copyOut(ImageFile from, Path to) throws IOException {
    ByteBuffer all = ByteBuffer.allocate((int) from.size());
    from.read(0, all);
    Files.write(to, all.array());
  }

  private static void step(Qcow2Image image, byte[] shadow, Random random, int cluster)
      throws IOException {
    int most = random.nextInt(4) == 0 ? 4 * cluster : Math.max(cluster / 2, 1024);
    int sectors = shadow.length / 512;
    int from = random.nextInt(sectors);
    int count = 1 + random.nextInt(Math.min(sectors - from, Math.max(1, most / 512)));
    if (random.nextInt(3) == 0) {
      from = from * 512 / cluster * cluster / 512;
    }
    int offset = from * 512;
    int length = count * 512;
    switch (random.nextInt(10)) {
      case 0, 1, 2, 3 -> {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        Disk.write(image, offset, bytes);
        System.arraycopy(bytes, 0, shadow, offset, length);
      }
      case 4 -> {
        image.writeZeroes(offset, length, random.nextBoolean());
        Arrays.fill(shadow, offset, offset + length, (byte) 0);
      }
      case 5 -> discard(image, shadow, offset, length);
      case 6 -> image.flush();
      case 7 -> writeCompressed(image, shadow, offset / cluster * cluster, cluster, random);
      default ->
          assertArrayEquals(
              Arrays.copyOfRange(shadow, offset, offset + length),
              Disk.read(image, offset, length));
    }
  }

  private static void discard(Qcow2Image image, byte[] shadow, int offset, int length)
      throws IOException {
    byte[] before = Arrays.copyOfRange(shadow, offset, offset + length);
    image.discard(offset, length);
    byte[] after = Disk.read(image, offset, length);
    for (int i = 0; i < length; i++) {
      if (after[i] != 0) {
        assertEquals(before[i], after[i]);
      }
    }
    System.arraycopy(after, 0, shadow, offset, length);
  }

  private static void writeCompressed(
      Qcow2Image image, byte[] shadow, int offset, int cluster, Random random) throws IOException {
    byte[] bytes = new byte[cluster];
    for (int i = 0; i < cluster; i++) {
      bytes[i] = (byte) (random.nextInt(8) == 0 ? random.nextInt(4) : i >> 4);
    }
    image.writeCompressed(offset, bytes);
    System.arraycopy(bytes, 0, shadow, offset, Math.min(cluster, shadow.length - offset));
  }
}
