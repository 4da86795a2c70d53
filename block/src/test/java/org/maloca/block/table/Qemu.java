package org.maloca.block.table;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** QEMU's disk tools, an independent reader and writer of all formats. */
public final class Qemu {
  private Qemu() {}

  /** Skips the test where {@code qemu-img} is missing. */
  public static void assume() {
    Assumptions.assumeTrue(isThere(), "qemu-img is not installed");
  }

  static boolean isThere() {
    boolean isThere = false;
    for (String folder : System.getenv("PATH").split(":")) {
      isThere |= Files.isExecutable(Path.of(folder, "qemu-img"));
    }
    return isThere;
  }

  /** Runs {@code qemu-img}, which must succeed, and gives what it said. */
  public static String img(Object... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("qemu-img"));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    assertEquals(true, process.waitFor(60, TimeUnit.SECONDS), "it ends");
    assertEquals(0, process.exitValue(), command + ": " + output);
    return output;
  }
}
