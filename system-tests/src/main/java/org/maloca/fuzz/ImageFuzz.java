package org.maloca.fuzz;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.maloca.block.copy.CopyOptions;
import org.maloca.block.copy.DiskCopy;
import org.maloca.block.disk.ChainMap;
import org.maloca.block.disk.CreateRequest;
import org.maloca.block.disk.DiskImages;
import org.maloca.block.disk.ImageCreation;
import org.maloca.block.disk.OpenOptions;
import org.maloca.block.disk.OpenedDisk;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.DiskImage.Repair;
import org.maloca.block.image.ImageFormat;
import org.maloca.block.limit.CacheMode;

/**
 * Damages images of all kinds and does with each what {@code maloca disk info}, {@code check} and
 * {@code convert} do: it is refused by an {@link IOException} or works, within {@link #LIMIT} of
 * processor time. The heap's bound is that of the JVM.
 */
public final class ImageFuzz {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final int DISK_BYTES = 2 << 20;
  private static final int NEAR_BYTES = 512;
  private static final int TABLES_BYTES = 1 << 17;

  private final Path folder;
  private final long seed;
  private final Path source;
  private long slowestMillis;
  private long opened;
  private long converted;

  /** Kinds of image that differ in their structures. */
  private enum Kind {
    QCOW2_V2(ImageFormat.QCOW2, Map.of("compat", "0.10", "cluster_size", "4K")),
    QCOW2(ImageFormat.QCOW2, Map.of("cluster_size", "4K", "refcount_bits", "1")),
    QCOW2_EXTENDED(
        ImageFormat.QCOW2,
        Map.of("extended_l2", "on", "cluster_size", "16K", "compression_type", "zstd")),
    QCOW2_LAZY(ImageFormat.QCOW2, Map.of("lazy_refcounts", "on")),
    VMDK(ImageFormat.VMDK, Map.of()),
    VMDK_FLAT(ImageFormat.VMDK, Map.of("subformat", "monolithicFlat")),
    VMDK_STREAM(ImageFormat.VMDK, Map.of("subformat", "streamOptimized")),
    VDI(ImageFormat.VDI, Map.of()),
    VDI_FIXED(ImageFormat.VDI, Map.of("static", "on")),
    VHD(ImageFormat.VHD, Map.of()),
    VHD_FIXED(ImageFormat.VHD, Map.of("subformat", "fixed")),
    VHDX(ImageFormat.VHDX, Map.of("block_size", "1M"));

    private final ImageFormat format;
    private final Map<String, String> options;

    Kind(ImageFormat format, Map<String, String> options) {
      this.format = format;
      this.options = options;
    }
  }

  private ImageFuzz(Path folder, long seed) throws IOException {
    this.folder = folder;
    this.seed = seed;
    source = folder.resolve("source.raw");
    byte[] content = new byte[DISK_BYTES];
    Random random = new Random(seed);
    for (int at = 0; at < DISK_BYTES; at += 3 << 16) {
      ByteBuffer.wrap(content, at, 4096).putLong(random.nextLong());
    }
    Files.write(source, content);
  }

  /**
   * Runs {@code --cases} damaged images of each kind from {@code --seed}; ends with status 1 when
   * one breaks a rule.
   */
  public static void main(String[] arguments) throws IOException {
    FuzzOptions options = FuzzOptions.parse(arguments);
    Path folder = Files.createTempDirectory("maloca-images");
    try {
      System.out.println(run(folder, options.from(), options.cases(), options.seed()));
    } catch (IllegalStateException broken) {
      broken.printStackTrace(System.out);
      System.exit(1);
    } finally {
      try (var files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
  }

  /**
   * Tries images in a folder.
   *
   * @return what came of it, for people
   * @throws IllegalStateException when one broke a rule; the message names it
   */
  static String run(Path folder, long from, long cases, long seed) throws IOException {
    ImageFuzz fuzz = new ImageFuzz(folder, seed);
    for (Kind kind : Kind.values()) {
      Path path = folder.resolve("image." + kind.format.optionName());
      fuzz.copy(fuzz.source, ImageFormat.RAW, path, kind);
      byte[] sound = Files.readAllBytes(path);
      for (long i = from; i < from + cases; i++) {
        fuzz.tryCase(kind, path, sound, i);
      }
    }
    return "%,d images of %d kinds each: %,d opened, %,d converted, none broke a rule, %,d ms at most"
        .formatted(cases, Kind.values().length, fuzz.opened, fuzz.converted, fuzz.slowestMillis);
  }

  private void tryCase(Kind kind, Path path, byte[] sound, long number) throws IOException {
    Random random = new Random((seed * 31 + kind.ordinal()) * 1_000_003 + number);
    byte[] bytes = sound.clone();
    damage(bytes, random);
    Files.write(path, bytes);
    Duration before = processorTime();
    try {
      use(kind, path);
    } catch (RuntimeException | Error broken) {
      throw new IllegalStateException("%s, seed %d, case %d".formatted(kind, seed, number), broken);
    }
    Duration took = processorTime().minus(before);
    slowestMillis = Math.max(slowestMillis, took.toMillis());
    if (took.compareTo(LIMIT) > 0) {
      throw new IllegalStateException(
          "%s, seed %d, case %d: took %s".formatted(kind, seed, number, took));
    }
  }

  private static Duration processorTime() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** Mostly where headers and tables are, and mostly numbers on which sums and shifts go wrong. */
  private static void damage(byte[] bytes, Random random) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    for (int left = 1 + random.nextInt(4); left > 0; left--) {
      int area =
          switch (random.nextInt(4)) {
            case 0 -> NEAR_BYTES;
            case 1 -> TABLES_BYTES;
            default -> bytes.length;
          };
      int at = random.nextInt(Math.min(area, bytes.length));
      if (random.nextInt(6) == 0) {
        // A footer, as that of VHD.
        at = bytes.length - 1 - random.nextInt(Math.min(NEAR_BYTES, bytes.length));
      }
      buffer.order(random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
      long edge = 1L << random.nextInt(64);
      long value = random.nextBoolean() ? edge : edge - random.nextInt(1024);
      int aligned = at & ~7;
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt();
        case 2 -> {
          if (aligned + 8 <= bytes.length) {
            buffer.putLong(aligned, value);
          }
        }
        default -> {
          if (aligned + 4 <= bytes.length) {
            buffer.putInt(aligned, (int) value);
          }
        }
      }
    }
  }

  private void use(Kind kind, Path path) {
    OpenOptions reading = OpenOptions.readOnly().withFormat(kind.format);
    attempt(() -> {
      try (OpenedDisk disk = DiskImages.open(path, reading)) {
        opened++;
        boolean ignored = disk.image().info().details().isEmpty();
      }
    });
    attempt(() -> {
      try (OpenedDisk disk = DiskImages.open(path, reading)) {
        boolean ignored = disk.image().check(Repair.NOTHING).isClean();
      }
    });
    attempt(() -> {
      copy(path, kind.format, folder.resolve("copy.raw"), null);
      converted++;
    });
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

  private void copy(
      Path from, ImageFormat format, Path to, @org.jspecify.annotations.Nullable Kind kind)
      throws IOException {
    try (OpenedDisk disk = DiskImages.open(from, OpenOptions.readOnly().withFormat(format))) {
      CreateRequest request =
          new CreateRequest(
              kind == null ? ImageFormat.RAW : kind.format,
              disk.image().sizeBytes(),
              kind == null ? Map.of() : kind.options,
              null);
      try (ImageCreation creation = ImageCreation.begin(to, request, true, CacheMode.UNSAFE)) {
        try (DiskImage target = creation.open(null)) {
          CopyOptions options =
              new CopyOptions(true, null, true, CopyOptions.DEFAULT_UNIT_BYTES, 1);
          new DiskCopy(disk.image(), ChainMap.of(disk), target, options, done -> {}).run();
          target.flush();
        }
        creation.complete();
      }
    }
  }
}
