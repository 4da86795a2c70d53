package org.maloca.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.maloca.cli.guest.GuestException;

/** Runs a benchmark as a command: options, a folder for its files, complaints, exit status. */
final class BenchCommand {
  /** A benchmark. */
  @FunctionalInterface
  interface Bench {
    /**
     * Measures and prints.
     *
     * @param folder for what is needed meanwhile; deleted afterwards
     * @return whether all results were right
     */
    boolean run(BenchOptions options, Path folder)
        throws IOException, InterruptedException, BenchException, GuestException;
  }

  private BenchCommand() {}

  /** Runs a benchmark and ends the process: with status 1 if it failed or a result was wrong. */
  static void run(String[] arguments, Bench bench) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("maloca-bench");
    boolean isRight = false;
    try {
      isRight = bench.run(BenchOptions.parse(arguments), folder);
    } catch (BenchException | GuestException problem) {
      System.err.println("bench: " + problem.getMessage());
    } finally {
      Repository.delete(folder);
    }
    System.exit(isRight ? 0 : 1);
  }
}
