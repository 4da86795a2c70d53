package org.maloca.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * How long {@code maloca disk convert} takes between formats, against {@code qemu-img convert} on
 * the same image: 8 GiB with 2 GiB of data in runs of 64 KiB to 16 MiB. A time is that of a whole
 * process, the JVM's start included.
 */
public final class ConvertBench {
  private static final long DISK_BYTES = 8L << 30;
  private static final long DATA_BYTES = 2L << 30;
  private static final int UNIT_BYTES = 64 << 10;
  private static final int MAX_UNITS = 256;
  private static final int PAGE_BYTES = 4096;
  private static final double BAR = 1.2;
  private static final List<String> FORMATS = List.of("raw", "qcow2", "vmdk", "vhdx");

  /** Hosts that are machines themselves give freed memory back meanwhile, for both alike. */
  private static final Duration REST = Duration.ofSeconds(3);

  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /** Runs what follows and tells what it took: seconds in all, of the program and of the kernel. */
  private static final String TIMED =
      "TIMEFORMAT='took %R %U %S'; time \"$@\" > /dev/null || exit 1";

  private static final String NOTES =
      """

      Seconds: medians of %d alternating runs, each a new process, with the least and the most. "CPU"
      is the ratio of all threads' time, kernel included. Every image was compared with its source.
      """;

  private final BenchOptions options;
  private final Path folder;

  private record Took(double seconds, double cpuSeconds) {}

  private static final class Times {
    final Samples seconds = new Samples();
    final Samples cpuSeconds = new Samples();

    void add(Took took) {
      seconds.add(took.seconds);
      cpuSeconds.add(took.cpuSeconds);
    }
  }

  private ConvertBench(BenchOptions options, Path folder) {
    this.options = options;
    this.folder = folder;
  }

  /** Measures and prints; ends with status 1 when a copy was wrong or failed. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    BenchCommand.run(arguments, (options, folder) -> new ConvertBench(options, folder).run());
  }

  private boolean run() throws IOException, InterruptedException, BenchException {
    Maloca maloca = new Maloca(Repository.root().resolve("maloca"), options.engine());
    maloca.build();
    System.out.println(Host.describe());
    makeSources();
    Table table = new Table("from to", "Maloca s", "qemu-img s", "ratio", "CPU", "bar");
    for (String from : FORMATS) {
      for (String to : FORMATS) {
        String name = from + " " + to;
        if (options.wants(name)) {
          measure(table, maloca, name, from, to);
        }
      }
    }
    System.out.println();
    table.print(System.out);
    System.out.printf(NOTES, options.runs());
    return true;
  }

  private void measure(Table table, Maloca maloca, String name, String from, String to)
      throws IOException, InterruptedException, BenchException {
    Path source = source(from);
    Path target = folder.resolve("target." + to);
    Times ours = new Times();
    Times theirs = new Times();
    for (int run = 1; run <= options.runs(); run++) {
      System.err.printf("run %d of %d: %s%n", run, options.runs(), name);
      theirs.add(
          timed(target, "qemu-img", "convert", "-f", from, "-O", to, "" + source, "" + target));
      Files.delete(target);
      ours.add(
          timed(
              target,
              maloca.launcher().toString(),
              "disk",
              "convert",
              "-f",
              from,
              "-O",
              to,
              "" + source,
              "" + target));
      if (run == 1) {
        call("qemu-img", "compare", "-q", "-f", "raw", "-F", to, "" + source("raw"), "" + target);
      }
      Files.delete(target);
    }
    double ratio = ours.seconds.median() / theirs.seconds.median();
    double cpuRatio = ours.cpuSeconds.median() / theirs.cpuSeconds.median();
    table.row(
        name,
        ours.seconds.summary(2),
        theirs.seconds.summary(2),
        String.format(Locale.ROOT, "%.2f", ratio),
        String.format(Locale.ROOT, "%.2f", cpuRatio),
        ratio <= BAR ? "met" : "MISSED");
    System.err.printf(Locale.ROOT, "  %s: ratio %.2f, CPU %.2f%n", name, ratio, cpuRatio);
  }

  private static Took timed(Path target, String... command)
      throws IOException, InterruptedException, BenchException {
    Thread.sleep(REST);
    List<String> words = new ArrayList<>(List.of("bash", "-c", TIMED, "bash"));
    words.addAll(List.of(command));
    try (TimedProcess process = new TimedProcess(words, PATIENCE)) {
      String errors = process.awaitEnd();
      for (String line : errors.split("\n", -1)) {
        String[] parts = line.strip().split(" ");
        if (parts.length == 4 && parts[0].equals("took") && Files.exists(target)) {
          return new Took(
              Double.parseDouble(parts[1]),
              Double.parseDouble(parts[2]) + Double.parseDouble(parts[3]));
        }
      }
      throw new BenchException(String.join(" ", command) + ": " + errors);
    }
  }

  private static void call(String... command)
      throws IOException, InterruptedException, BenchException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    if (process.waitFor() != 0) {
      throw new BenchException("failed: " + String.join(" ", command));
    }
  }

  private Path source(String format) {
    return folder.resolve("source." + format);
  }

  private void makeSources() throws IOException, InterruptedException, BenchException {
    writeRaw(source("raw"));
    for (String format : FORMATS) {
      if (!format.equals("raw")) {
        call("qemu-img", "convert", "-O", format, "" + source("raw"), "" + source(format));
      }
    }
  }

  /** Every page of data is different and no zeros. */
  private static void writeRaw(Path path) throws IOException {
    Random random = new Random(1);
    byte[] noise = new byte[MAX_UNITS * UNIT_BYTES];
    random.nextBytes(noise);
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      long left = DATA_BYTES;
      long at = 0;
      while (left > 0) {
        int length = (int) Math.min(left, (long) UNIT_BYTES << random.nextInt(9));
        long spare = DISK_BYTES - at - left;
        at += Math.min(spare, random.nextLong(6L * length)) / PAGE_BYTES * PAGE_BYTES;
        ByteBuffer run = ByteBuffer.wrap(noise, 0, length).order(ByteOrder.LITTLE_ENDIAN);
        for (int page = 0; page < length; page += PAGE_BYTES) {
          run.putLong(page, at + page + 1);
        }
        while (run.hasRemaining()) {
          file.write(run, at + run.position());
        }
        at += length;
        left -= length;
      }
      file.write(ByteBuffer.allocate(1), DISK_BYTES - 1);
    }
  }
}
