package org.maloca.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A child process whose output is waited for, with the time since its start. */
final class TimedProcess implements AutoCloseable {
  private static final Duration USUAL_PATIENCE = Duration.ofMinutes(5);

  private static final int LINES_KEPT = 15;

  private final long startNanos = System.nanoTime();
  private final Process process;
  private final Duration patience;
  private final BufferedReader output;
  private final CompletableFuture<String> errors = new CompletableFuture<>();
  private final Deque<String> lastLines = new ArrayDeque<>();

  /** Starts a program, without input. */
  TimedProcess(List<String> command) throws IOException {
    this(command, USUAL_PATIENCE);
  }

  /** Starts a program, without input, and ends it when it runs longer than {@code patience}. */
  TimedProcess(List<String> command, Duration patience) throws IOException {
    this.patience = patience;
    process = new ProcessBuilder(command).redirectInput(nothing()).start();
    output = reader(process.getInputStream());
    daemon(this::collectErrors);
    daemon(this::endWhenLate);
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
  }

  private static ProcessBuilder.Redirect nothing() {
    return ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile());
  }

  private static BufferedReader reader(InputStream stream) {
    return new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
  }

  private static void daemon(Runnable body) {
    Thread thread = new Thread(body, "bench-process");
    thread.setDaemon(true);
    thread.start();
  }

  private void collectErrors() {
    List<String> lines = new ArrayList<>();
    try (BufferedReader reader = reader(process.getErrorStream())) {
      reader.lines().forEach(lines::add);
    } catch (IOException | UncheckedIOException ended) {
      lines.add("(cut off: " + ended.getMessage() + ")");
    }
    errors.complete(String.join("\n", lines));
  }

  private void endWhenLate() {
    try {
      if (!process.waitFor(patience)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  /** Seconds since it was started. */
  double seconds() {
    return (System.nanoTime() - startNanos) / 1e9;
  }

  /** The next line of output, or null at its end. */
  @Nullable String line() throws IOException {
    String line = output.readLine();
    if (line != null) {
      lastLines.add(line);
      if (lastLines.size() > LINES_KEPT) {
        lastLines.remove();
      }
    }
    return line;
  }

  /** Waits for a line that contains {@code marker}; answers the seconds since the start. */
  double await(String marker) throws IOException, BenchException {
    String line;
    while ((line = line()) != null) {
      if (line.contains(marker)) {
        return seconds();
      }
    }
    throw new BenchException("it ended without '%s':%n%s".formatted(marker, lastWords()));
  }

  /** What it wrote last, to its output and to its error stream, after its output has ended. */
  String lastWords() {
    return String.join("\n", lastLines) + "\n" + errors.join();
  }

  /** CPU time it has used until now, in seconds, where the host tells. */
  double cpuSeconds() {
    return process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L) / 1e9;
  }

  /** Resident memory now, in MiB; NaN where the host does not tell. */
  double residentMebibytes() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToDouble(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0)
          .findFirst()
          .orElse(Double.NaN);
    } catch (IOException notLinux) {
      return Double.NaN;
    }
  }

  /** Waits for its end; answers what it wrote to its error stream. */
  String awaitEnd() throws IOException, InterruptedException {
    while (line() != null) {
      continue;
    }
    process.waitFor();
    return errors.join();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
