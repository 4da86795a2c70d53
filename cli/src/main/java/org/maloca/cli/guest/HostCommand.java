package org.maloca.cli.guest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Runs a program of the host to its end. */
final class HostCommand {
  /** What a program said and how it ended. */
  record Result(int status, String output, String errors) {
    /** What it complained about last, for an error message. */
    String lastErrorLine() {
      return errors
          .lines()
          .filter(line -> line.startsWith("E:"))
          .reduce((first, second) -> second)
          .orElseGet(() -> errors.lines().reduce("exit status " + status, (a, b) -> b));
    }
  }

  private HostCommand() {}

  /**
   * Runs it, in the language of its makers, without input.
   *
   * @throws IOException when there is no such program
   */
  static Result run(List<String> command, @Nullable Path folder) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("LC_ALL", "C");
    if (folder != null) {
      builder.directory(folder.toFile());
    }
    Process process = builder.start();
    process.getOutputStream().close();
    CompletableFuture<String> errors =
        CompletableFuture.supplyAsync(() -> {
          try {
            return read(process.getErrorStream());
          } catch (IOException failure) {
            throw new UncheckedIOException(failure);
          }
        });
    try {
      String output = read(process.getInputStream());
      return new Result(process.waitFor(), output, errors.join());
    } catch (InterruptedException interrupted) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException(command.getFirst() + " was interrupted", interrupted);
    }
  }

  private static String read(java.io.InputStream stream) throws IOException {
    return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
  }
}
