package org.maloca.stress;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.maloca.block.disk.DiskImages;
import org.maloca.block.disk.OpenOptions;
import org.maloca.block.disk.OpenedDisk;
import org.maloca.block.image.CheckReport;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.DiskImage.Repair;
import org.maloca.block.limit.CacheMode;
import org.maloca.block.qcow2.Qcow2Image;
import org.maloca.core.memory.IoVector;

/**
 * Random operations on images of all kinds beside an array that says what the disk must hold:
 * reads, writes, zeroing, discards, flushes, openings, internal snapshots.
 *
 * <pre>
 * --operations N    in all (default 10,000,000)
 * --seed S          (default 1)
 * --only REGEX      variants
 * </pre>
 *
 * Exits with 1 at the first difference, and when a check does not find an image clean.
 */
public final class DiskOperations implements AutoCloseable {
  private static final int DISK_BYTES = 2 << 20;
  private static final int SECTORS = DISK_BYTES / SectorPattern.SECTOR_BYTES;
  private static final long ROUND = 50_000;
  private static final int MAX_COUNT = 64;
  private static final int MAX_SNAPSHOTS = 3;

  private final Path folder;
  private final Arena arena = Arena.ofConfined();
  private final long address =
      arena.allocate(MAX_COUNT * SectorPattern.SECTOR_BYTES, 4096).address();
  private final IoVector vector = new IoVector();
  private final long[] shadow = new long[SECTORS];
  private final TreeMap<String, long[]> snapshots = new TreeMap<>();
  private long nextTag;

  DiskOperations(Path folder) {
    this.folder = folder;
  }

  public static void main(String[] arguments) throws IOException {
    DiskStressOptions options =
        DiskStressOptions.parseOrExit(arguments, "--operations", 10_000_000);
    Path folder = Files.createTempDirectory("maloca-operations");
    try (DiskOperations operations = new DiskOperations(folder)) {
      operations.run(options.count(), options.seed(), options.only(), System.out);
    } catch (IllegalStateException wrong) {
      wrong.printStackTrace(System.out);
      System.exit(1);
    } finally {
      DiskCrash.delete(folder);
    }
  }

  /**
   * Runs so many, an equal share with each variant.
   *
   * @throws IllegalStateException when an image showed what it should not, or is not clean
   */
  void run(long operations, long seed, Pattern only, PrintStream out) throws IOException {
    List<DiskVariant> variants =
        Stream.of(DiskVariant.values())
            .filter(variant -> only.matcher(variant.title()).find())
            .toList();
    for (DiskVariant variant : variants) {
      long start = System.nanoTime();
      long share = operations / variants.size();
      for (long done = 0; done < share; done += ROUND) {
        long roundSeed = seed * 1_000_003 + done / ROUND;
        try {
          round(variant, Math.min(ROUND, share - done), new Random(roundSeed));
        } catch (IllegalStateException | IOException wrong) {
          throw new IllegalStateException(
              "%s, seed %d, round %d".formatted(variant.title(), seed, done / ROUND), wrong);
        }
      }
      out.printf(
          "%-16s%,12d operations, 0 differences, %.0f s%n",
          variant.title(), share, (System.nanoTime() - start) / 1e9);
    }
  }

  private void round(DiskVariant variant, long operations, Random random) throws IOException {
    Path path = variant.create(folder, DISK_BYTES);
    Arrays.fill(shadow, variant.hasParent() ? SectorPattern.PARENT : 0);
    snapshots.clear();
    nextTag = SectorPattern.PARENT + 1;
    OpenedDisk opened = open(variant, path);
    try {
      for (long i = 0; i < operations; i++) {
        int kind = random.nextInt(4000);
        if (kind == 0) {
          opened.close();
          opened = open(variant, path);
        } else if (kind < 6 && opened.image() instanceof Qcow2Image image) {
          turnSnapshots(image, random);
        } else {
          step(opened.image(), kind % 20, random);
        }
      }
      require(Arrays.equals(shadow, SectorPattern.read(opened.image(), DISK_BYTES)), "the whole");
      opened.image().flush();
      CheckReport report = opened.image().check(Repair.NOTHING);
      require(report.isClean(), report.messages().toString());
    } finally {
      opened.close();
    }
  }

  private static OpenedDisk open(DiskVariant variant, Path path) throws IOException {
    return DiskImages.open(
        path, OpenOptions.writable().withFormat(variant.format()).withCache(CacheMode.UNSAFE));
  }

  private void step(DiskImage image, int kind, Random random) throws IOException {
    int count = 1 + random.nextInt(random.nextInt(8) == 0 ? MAX_COUNT : 8);
    int sector = random.nextInt(SECTORS - count + 1);
    long offset = (long) sector * SectorPattern.SECTOR_BYTES;
    long length = (long) count * SectorPattern.SECTOR_BYTES;
    vector.clear();
    vector.add(address, length);
    switch (kind) {
      case 0 -> image.flush();
      case 1, 2 -> {
        image.writeZeroes(offset, length, kind == 1);
        Arrays.fill(shadow, sector, sector + count, 0);
      }
      case 3, 4 -> {
        image.discard(offset, length);
        compare(image, sector, count, true);
      }
      case 5, 6, 7, 8, 9, 10 -> compare(image, sector, count, false);
      default -> {
        long tag = nextTag++;
        SectorPattern.put(address, sector, count, tag);
        if (!image.writeAtOnce(offset, vector)) {
          image.write(offset, vector);
        }
        Arrays.fill(shadow, sector, sector + count, tag);
      }
    }
  }

  /** Reads and compares; after a discard zeros will do as well, and are what is expected then. */
  private void compare(DiskImage image, int sector, int count, boolean mayBeZero)
      throws IOException {
    long offset = (long) sector * SectorPattern.SECTOR_BYTES;
    if (sector % 2 == 0 || !image.readAtOnce(offset, vector)) {
      image.read(offset, vector);
    }
    for (int i = 0; i < count; i++) {
      long tag = SectorPattern.tag(address + (long) i * SectorPattern.SECTOR_BYTES, sector + i);
      if (mayBeZero && tag == 0) {
        shadow[sector + i] = 0;
      }
      require(
          tag == shadow[sector + i],
          "sector %d holds %d in place of %d".formatted(sector + i, tag, shadow[sector + i]));
    }
  }

  private void turnSnapshots(Qcow2Image image, Random random) throws IOException {
    if (snapshots.size() < MAX_SNAPSHOTS) {
      snapshots.put(image.createSnapshot("s", Clock.systemUTC()), shadow.clone());
    } else if (random.nextBoolean()) {
      String id = snapshots.firstKey();
      image.applySnapshot(id);
      System.arraycopy(snapshots.get(id), 0, shadow, 0, SECTORS);
    } else {
      String id = snapshots.firstKey();
      image.deleteSnapshot(id);
      long[] ignored = snapshots.remove(id);
    }
  }

  private static void require(boolean isRight, String what) {
    if (!isRight) {
      throw new IllegalStateException(what);
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
