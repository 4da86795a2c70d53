package org.maloca.fuzz;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.maloca.block.file.HostFile;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.CheckReport;
import org.maloca.block.image.DiskImage.Repair;
import org.maloca.block.image.Extent;
import org.maloca.block.qcow2.Qcow2Image;
import org.maloca.block.qcow2.Qcow2Options;
import org.maloca.core.memory.IoVector;

/**
 * Damages qcow2 images and uses them: whatever is in a file, it is refused by an {@link
 * IOException} or works, within {@link #LIMIT_NANOS}; and what was repaired without a rest is
 * clean.
 */
public final class Qcow2Fuzz implements AutoCloseable {
  private static final long LIMIT_NANOS = 5_000_000_000L;

  /** Time of a thread, not of the clock: the host may have other things to do. */
  private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();

  private static final int DISK_BYTES = 1 << 20;
  private static final int MAX_EXTENTS = 4096;

  /** Numbers on which sums and shifts go wrong. */
  private static final long[] EDGES = {
    0,
    1,
    511,
    512,
    513,
    4096,
    65536,
    Integer.MAX_VALUE,
    1L << 31,
    0xffffffffL,
    1L << 32,
    1L << 50,
    1L << 55,
    1L << 56,
    1L << 62,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    -1,
    -512,
    -4096
  };

  private final Path path;
  private final long seed;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory = arena.allocate(1 << 17, 4096);
  private final List<byte[]> seeds = new ArrayList<>();

  private Qcow2Fuzz(Path folder, long seed) throws IOException {
    this.path = folder.resolve("image.qcow2");
    this.seed = seed;
    Qcow2Options small = Qcow2Options.DEFAULTS.withClusterBytes(4096);
    for (Qcow2Options options :
        List.of(
            small,
            small.withVersion(2),
            small.withClusterBytes(512),
            small.withRefcountBits(1),
            small.withRefcountBits(64),
            small.withCompression(Qcow2Options.Compression.ZSTD),
            small.withClusterBytes(16384).withExtendedL2(true),
            Qcow2Options.DEFAULTS)) {
      seeds.add(makeSeed(options));
    }
  }

  /**
   * Runs {@code --cases} images of {@code --seed}, from {@code --from} on; ends with status 1 when
   * one breaks a rule.
   */
  public static void main(String[] arguments) throws IOException {
    FuzzOptions options = FuzzOptions.parse(arguments);
    Path folder = Files.createTempDirectory("maloca-qcow2");
    try {
      long opened = run(folder, options.from(), options.cases(), options.seed());
      System.out.printf(
          "%,d images from seed %d: %,d could be opened, none broke a rule%n",
          options.cases(), options.seed(), opened);
    } catch (IllegalStateException broken) {
      broken.printStackTrace(System.out);
      System.exit(1);
    } finally {
      Files.deleteIfExists(folder.resolve("image.qcow2"));
      Files.delete(folder);
    }
  }

  /**
   * Tries images in a folder.
   *
   * @return number of images that could be opened
   * @throws IllegalStateException when one broke a rule; the message names its seed
   */
  static long run(Path folder, long from, long cases, long seed) throws IOException {
    try (Qcow2Fuzz fuzz = new Qcow2Fuzz(folder, seed)) {
      long opened = 0;
      for (long i = from; i < from + cases; i++) {
        opened += fuzz.tryCase(i) ? 1 : 0;
      }
      return opened;
    }
  }

  private byte[] makeSeed(Qcow2Options options) throws IOException {
    try (Qcow2Image image =
        Qcow2Image.create(
            HostFile.open(path, HostFile.Option.CREATE), DISK_BYTES, options, null, null)) {
      Random random = new Random(0);
      for (int i = 0; i < 12; i++) {
        transfer(image, random, true);
      }
      byte[] cluster = new byte[options.clusterBytes()];
      image.writeCompressed(0, cluster);
      if (options.refcountBits() > 1) {
        image.createSnapshot("before", Clock.systemUTC());
      }
      transfer(image, random, true);
    }
    return Files.readAllBytes(path);
  }

  private boolean tryCase(long number) throws IOException {
    Random random = new Random(seed * 1_000_003 + number);
    byte[] bytes = seeds.get(random.nextInt(seeds.size())).clone();
    damage(bytes, random);
    Files.write(path, bytes);
    long start = CPU.getCurrentThreadCpuTime();
    boolean isOpened;
    try {
      isOpened = use(random);
    } catch (RuntimeException | Error broken) {
      throw new IllegalStateException("seed %d, case %d".formatted(seed, number), broken);
    }
    long nanos = CPU.getCurrentThreadCpuTime() - start;
    if (nanos > LIMIT_NANOS) {
      throw new IllegalStateException(
          "seed %d, case %d: took %d ms".formatted(seed, number, nanos / 1_000_000));
    }
    return isOpened;
  }

  /** Mostly where the tables are, and mostly numbers of the width that they have there. */
  private static void damage(byte[] bytes, Random random) {
    int clusterBytes = 1 << Math.min(bytes[23], 16);
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      int area =
          switch (random.nextInt(4)) {
            case 0 -> 112;
            case 1 -> Math.min(bytes.length, 4 * clusterBytes);
            default -> bytes.length;
          };
      int at = random.nextInt(area);
      switch (random.nextInt(5)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt();
        case 2 -> put(bytes, at & ~7, 8, EDGES[random.nextInt(EDGES.length)]);
        case 3 -> put(bytes, at & ~3, 4, EDGES[random.nextInt(EDGES.length)]);
        default ->
            put(
                bytes,
                at & ~7,
                8,
                (long) random.nextInt(bytes.length / clusterBytes + 4) * clusterBytes
                    | (random.nextBoolean() ? Long.MIN_VALUE : 0));
      }
    }
  }

  private static void put(byte[] bytes, int at, int width, long value) {
    for (int i = 0; i < width && at + i < bytes.length; i++) {
      bytes[at + i] = (byte) (value >> 8 * (width - 1 - i));
    }
  }

  private boolean use(Random random) {
    boolean isOpened = false;
    try (ImageFile file = HostFile.open(path, HostFile.Option.NEVER_FLUSH);
        Qcow2Image image = Qcow2Image.open(file, null)) {
      isOpened = true;
      boolean ignored = image.info().details().isEmpty();
      attempt(() -> image.check(Repair.NOTHING));
      attempt(() -> walk(image));
      for (int i = 0; i < 16; i++) {
        attempt(() -> transfer(image, random, false));
      }
      for (int i = 0; i < 8; i++) {
        attempt(() -> transfer(image, random, true));
        attempt(() -> drop(image, random));
      }
      attempt(() -> image.createSnapshot("now", Clock.systemUTC()));
      attempt(image::flush);
      attempt(() -> repair(image));
      attempt(() -> transfer(image, random, true));
    } catch (IOException refused) {
      // As it should be.
    }
    return isOpened;
  }

  private interface Attempt {
    void run() throws IOException;
  }

  private static void attempt(Attempt attempt) {
    try {
      attempt.run();
    } catch (IOException | UnsupportedOperationException refused) {
      // As it should be.
    }
  }

  private static void walk(Qcow2Image image) throws IOException {
    long at = 0;
    for (int i = 0; i < MAX_EXTENTS && at < image.sizeBytes(); i++) {
      Extent extent = image.extentAt(at, Math.min(1 << 26, image.sizeBytes() - at));
      if (extent.length() <= 0) {
        throw new IllegalStateException("an extent of nothing at " + at);
      }
      at += extent.length();
    }
  }

  private static void repair(Qcow2Image image) throws IOException {
    if (image.check(Repair.ALL).corruptions() == 0) {
      CheckReport after = image.check(Repair.NOTHING);
      if (!after.isClean()) {
        throw new IllegalStateException("repaired, but: " + after.messages());
      }
    }
  }

  private void transfer(Qcow2Image image, Random random, boolean isWrite) throws IOException {
    long length = 512L * (1 + random.nextInt(256));
    if (length > image.sizeBytes()) {
      return;
    }
    IoVector vector = new IoVector();
    vector.add(memory.address(), length);
    long offset = place(image, random, length);
    if (isWrite) {
      image.write(offset, vector);
    } else {
      image.read(offset, vector);
    }
  }

  private static void drop(Qcow2Image image, Random random) throws IOException {
    long length = Math.min(image.sizeBytes(), 512L * (1 + random.nextInt(256)));
    long offset = place(image, random, length);
    if (random.nextBoolean()) {
      image.discard(offset, length);
    } else {
      image.writeZeroes(offset, length, random.nextBoolean());
    }
  }

  private static long place(Qcow2Image image, Random random, long length) {
    long most = image.sizeBytes() - length;
    long near = Math.min(most, DISK_BYTES);
    return random.nextLong((random.nextInt(8) == 0 ? most : near) / 512 + 1) * 512;
  }

  @Override
  public void close() {
    arena.close();
  }
}
