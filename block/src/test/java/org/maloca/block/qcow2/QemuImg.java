package org.maloca.block.qcow2;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** QEMU's tools, with whose answers ours are compared. */
final class QemuImg {
  private QemuImg() {}

  record Result(int exitCode, String output) {}

  /** Skips the test where the tools are missing. */
  static Result run(String... command) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(command));
    Process process;
    try {
      process = new ProcessBuilder(all).redirectErrorStream(true).start();
    } catch (IOException missing) {
      Assumptions.abort(command[0] + " is not installed");
      throw missing;
    }
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output);
  }

  static void expectSuccess(String... command) throws IOException, InterruptedException {
    Result result = run(command);
    assertEquals(0, result.exitCode, () -> String.join(" ", command) + "\n" + result.output);
  }

  static void check(Path image) throws IOException, InterruptedException {
    expectSuccess("qemu-img", "check", "-f", "qcow2", image.toString());
  }
}
