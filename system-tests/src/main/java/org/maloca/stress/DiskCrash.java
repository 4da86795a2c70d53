package org.maloca.stress;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.maloca.block.disk.OpenedDisk;
import org.maloca.block.image.CheckReport;
import org.maloca.block.image.DiskImage.Repair;

/**
 * Kills processes that write disk images, at random moments, and looks at what they leave: every
 * image opens, is sound by our own check and by QEMU's, and holds what was flushed. An image lives
 * through several kills.
 *
 * <pre>
 * --kills N         in all (default 360)
 * --seed S          (default 1)
 * --only REGEX      variants
 * </pre>
 *
 * Exits with 1 if anything was lost or broken.
 */
public final class DiskCrash {
  static final int DISK_BYTES = 8 << 20;

  private static final int LIVES = 5;
  private static final int MAX_MILLIS = 300;

  private final Path folder;
  private final long seed;
  private final PrintStream out;

  /** What one variant came to. */
  private static final class Tally {
    int kills;
    long begun;
    long flushes;
    long leaks;
    final List<String> problems = new ArrayList<>();
  }

  DiskCrash(Path folder, long seed, PrintStream out) {
    this.folder = folder;
    this.seed = seed;
    this.out = out;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    DiskStressOptions options = DiskStressOptions.parseOrExit(arguments, "--kills", 360);
    Path folder = Files.createTempDirectory("maloca-crash");
    try {
      boolean isRight =
          new DiskCrash(folder, options.seed(), System.out)
              .run((int) options.count(), options.only());
      System.exit(isRight ? 0 : 1);
    } finally {
      delete(folder);
    }
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  /** Kills so many times, the variants in turn; answers whether everything was right. */
  boolean run(int kills, Pattern only) throws IOException, InterruptedException {
    List<DiskVariant> variants =
        Stream.of(DiskVariant.values())
            .filter(variant -> only.matcher(variant.title()).find())
            .toList();
    boolean isRight = true;
    out.printf("%-16s%8s%10s%10s%8s%10s%n", "", "kills", "actions", "flushes", "leaks", "problems");
    for (int i = 0; i < variants.size(); i++) {
      int share = kills / variants.size() + (i < kills % variants.size() ? 1 : 0);
      Tally tally = run(variants.get(i), share);
      out.printf(
          "%-16s%8d%10d%10d%8d%10d%n",
          variants.get(i).title(),
          tally.kills,
          tally.begun,
          tally.flushes,
          tally.leaks,
          tally.problems.size());
      tally.problems.forEach(problem -> out.println("  " + problem));
      isRight &= tally.problems.isEmpty();
    }
    return isRight;
  }

  private Tally run(DiskVariant variant, int kills) throws IOException, InterruptedException {
    Tally tally = new Tally();
    Random random = new Random(seed * 31 + variant.ordinal());
    Path image = folder.resolve("none");
    DiskHistory history = new DiskHistory(0, 0);
    for (int kill = 0; kill < kills; kill++) {
      if (kill % LIVES == 0) {
        image = variant.create(folder, DISK_BYTES);
        history = new DiskHistory(DISK_BYTES, variant.hasParent() ? SectorPattern.PARENT : 0);
      }
      long lifeSeed = random.nextLong(1L << 40);
      tally.kills++;
      try {
        live(variant, image, lifeSeed, history, random.nextInt(MAX_MILLIS), tally);
        look(variant, image, history, tally);
      } catch (IOException broken) {
        tally.problems.add("kill %d, seed %d: %s".formatted(kill, lifeSeed, broken));
        // The next image is a new one.
        kill += LIVES - 1 - kill % LIVES;
      }
    }
    return tally;
  }

  private static void live(
      DiskVariant variant, Path image, long lifeSeed, DiskHistory history, int millis, Tally tally)
      throws IOException, InterruptedException {
    long firstTag = history.nextTag();
    Process writer =
        ChildJvm.start(
            DiskCrashWriter.class,
            variant.name(),
            image.toString(),
            Long.toString(lifeSeed),
            Long.toString(firstTag));
    int begun = -1;
    int flushed = -1;
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(writer.getInputStream(), StandardCharsets.US_ASCII))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(DiskCrashWriter.BEGIN)) {
          begun = number(line, DiskCrashWriter.BEGIN);
          if (begun == 0) {
            killSoon(writer, millis);
          }
        } else if (line.startsWith(DiskCrashWriter.FLUSHED)) {
          flushed = number(line, DiskCrashWriter.FLUSHED);
          tally.flushes++;
        }
      }
    }
    int status = writer.waitFor();
    if (begun < 0 || status != 128 + 9) {
      throw new IOException("the writer ended by itself, with status " + status);
    }
    tally.begun += begun + 1L;
    history.add(lifeSeed, firstTag, begun, flushed);
  }

  private static int number(String line, String before) {
    return Integer.parseInt(line.substring(before.length()));
  }

  private static void killSoon(Process writer, int millis) {
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          LockSupport.parkNanos(millis * 1_000_000L);
          // By its handle: the process itself would close what it wrote before, too.
          boolean ignored = writer.toHandle().destroyForcibly();
        });
  }

  private void look(DiskVariant variant, Path image, DiskHistory history, Tally tally)
      throws IOException, InterruptedException {
    QemuOpinion opinion = QemuOpinion.of(variant, image, folder);
    try (OpenedDisk opened = variant.open(image)) {
      long[] tags = SectorPattern.read(opened.image(), DISK_BYTES);
      CheckReport report = opened.image().check(Repair.NOTHING);
      tally.leaks += report.leaks();
      if (report.corruptions() != 0 && !opinion.lacksFlags) {
        throw new IOException("corrupt: " + report.messages());
      }
      history.settle(tags);
      opinion.compare(tags);
      CheckReport ignored = opened.image().check(Repair.LEAKS);
    }
  }
}
