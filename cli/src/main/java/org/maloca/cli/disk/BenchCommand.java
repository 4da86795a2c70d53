package org.maloca.cli.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.maloca.block.disk.DiskImages;
import org.maloca.block.disk.OpenOptions;
import org.maloca.block.disk.OpenedDisk;
import org.maloca.block.limit.AccountedDisk;
import org.maloca.block.limit.CacheMode;
import org.maloca.block.limit.DiskOperation;
import org.maloca.block.limit.LatencyHistogram;
import org.maloca.block.limit.WriteThroughDisk;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;
import org.maloca.core.text.SizeText;
import picocli.CommandLine.Model.CommandSpec;

/** {@code maloca disk bench}: so many requests at once, one after the other on the disk. */
final class BenchCommand {
  private static final int MAX_REQUEST_BYTES = 64 << 20;
  private static final long PATTERN_PAGE = 4096;

  private final BlockBackend disk;
  private final AccountedDisk accounted;
  private final boolean isWrite;
  private final int requestBytes;
  private final long step;
  private final long start;
  private final int count;
  private final int flushInterval;
  private final AtomicLong next = new AtomicLong();
  private final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();

  private BenchCommand(DiskArguments arguments, BlockBackend image, boolean isWriteThrough)
      throws DiskCommandException {
    disk = isWriteThrough ? new WriteThroughDisk(image) : image;
    accounted = new AccountedDisk(disk);
    isWrite = arguments.has("-w");
    requestBytes = (int) Math.min(arguments.size("-s", 4096), MAX_REQUEST_BYTES + 1L);
    step = arguments.size("-S", requestBytes);
    start = arguments.size("-o", 0);
    count = arguments.number("-c", 75_000, 1, Integer.MAX_VALUE);
    flushInterval = arguments.number("--flush-interval", 0, 0, Integer.MAX_VALUE);
    if (requestBytes < 512 || requestBytes > MAX_REQUEST_BYTES || requestBytes % 512 != 0) {
      throw DiskArguments.usage("-s: a request has 512 bytes to 64M, whole sectors");
    }
    if (step % 512 != 0 || start % 512 != 0) {
      throw DiskArguments.usage("-S and -o are whole sectors");
    }
    if (image.sizeBytes() < requestBytes) {
      throw DiskArguments.usage("the disk is smaller than a request");
    }
  }

  static CommandSpec spec() {
    return new DiskOptions(
            "Measures an image: the same request again and again, several at once.",
            "With -w it is overwritten with a pattern.")
        .format("The image's format (default: by its content).", "-f", "--format")
        .text("N", "So many requests (default: 75000).", "-c", "--count")
        .text("N", "So many at once (default: 64).", "-d", "--depth")
        .text("SIZE", "Bytes of each (default: 4K).", "-s", "--size")
        .text("SIZE", "From one to the next (default: as -s).", "-S", "--step")
        .text("OFFSET", "Begin there (default: 0).", "-o", "--offset")
        .flag("Write: destroys what is on the disk.", "-w", "--write")
        .text("N", "Flush after every N writes (default: 0, never).", "--flush-interval")
        .cache("Cache mode (default: writeback).", "-t", "--cache")
        .json()
        .allowPath()
        .positional("FILE", "1", "The image.")
        .spec();
  }

  static int run(DiskArguments arguments) throws IOException, DiskCommandException {
    Path path = arguments.path(0, "an image");
    CacheMode cache = arguments.cache("-t", CacheMode.WRITEBACK);
    OpenOptions options = arguments.has("-w") ? arguments.writing("-f") : arguments.reading("-f");
    try (OpenedDisk opened = DiskImages.open(path, options.withCache(cache))) {
      BenchCommand bench =
          new BenchCommand(arguments, opened.image(), cache == CacheMode.WRITETHROUGH);
      bench.measure(arguments.number("-d", 64, 1, 1024), arguments.has("--json"));
    }
    return DiskExitCode.OK;
  }

  private void measure(int depth, boolean isJson) throws IOException {
    long began = System.nanoTime();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < Math.min(depth, count); i++) {
      threads.add(Thread.ofPlatform().daemon().name("maloca-bench-" + i).start(this::work));
    }
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", stopped);
    }
    IOException problem = failure.get();
    if (problem != null) {
      throw problem;
    }
    if (isWrite) {
      accounted.flush();
    }
    tell(System.nanoTime() - began, isJson);
  }

  private void work() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(requestBytes, PATTERN_PAGE);
      memory.fill((byte) 0x5a);
      IoVector vector = new IoVector();
      vector.add(memory.address(), requestBytes);
      long places = (disk.sizeBytes() - requestBytes) / 512 + 1;
      for (long i = next.getAndIncrement();
          i < count && failure.get() == null;
          i = next.getAndIncrement()) {
        long offset = (start / 512 + i * (step / 512)) % places * 512;
        if (isWrite) {
          accounted.write(offset, vector);
          if (flushInterval > 0 && (i + 1) % flushInterval == 0) {
            accounted.flush();
          }
        } else {
          accounted.read(offset, vector);
        }
      }
    } catch (IOException problem) {
      failure.compareAndSet(null, problem);
    }
  }

  private void tell(long nanos, boolean isJson) {
    double seconds = nanos / 1e9;
    LatencyHistogram latencies =
        accounted.figures(isWrite ? DiskOperation.WRITE : DiskOperation.READ).latencies();
    long bytesPerSecond = (long) ((double) count * requestBytes / seconds);
    if (isJson) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("operation", isWrite ? "write" : "read");
      json.put("requests", count);
      json.put("request-bytes", requestBytes);
      json.put("seconds", seconds);
      json.put("requests-per-second", (long) (count / seconds));
      json.put("bytes-per-second", bytesPerSecond);
      json.put("latency-p50-nanos", latencies.quantileNanos(0.5));
      json.put("latency-p99-nanos", latencies.quantileNanos(0.99));
      json.put("latency-p999-nanos", latencies.quantileNanos(0.999));
      System.out.print(Json.of(json));
      return;
    }
    System.out.println("Run completed in %.3f seconds.".formatted(seconds));
    System.out.println(
        "%d requests: %.0f/s, %s/s"
            .formatted(count, count / seconds, SizeText.format(bytesPerSecond)));
    System.out.println(
        "latency: 50%% in %.1f µs, 99%% in %.1f µs, 99.9%% in %.1f µs"
            .formatted(
                latencies.quantileNanos(0.5) / 1e3,
                latencies.quantileNanos(0.99) / 1e3,
                latencies.quantileNanos(0.999) / 1e3));
  }
}
