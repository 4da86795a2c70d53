package org.maloca.guests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.cli.Main;

/** A whole {@code maloca run} whose process is ended from outside. */
@DisabledOnOs(OS.WINDOWS)
class EndBySignalTest {
  private static final int LOAD_GPA = 0x10_0000;

  @TempDir Path folder;

  @Test
  void aMachineThatIsTerminatedEndsInOrderAndTellsItsStatistics() throws Exception {
    Path json = folder.resolve("stats.json");
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "run",
            "--kernel",
            kernel().toString(),
            "--memory",
            "16M",
            "--debugcon",
            "-",
            "--stats",
            "--stats-json",
            json.toString());
    Process process =
        new ProcessBuilder(command)
            .redirectInput(ProcessBuilder.Redirect.PIPE)
            .redirectErrorStream(true)
            .start();
    try {
      BufferedReader said = process.inputReader();
      String line = said.readLine();
      while (!"up".equals(line)) {
        assertTrue(line != null, "it has ended");
        line = said.readLine();
      }
      process.toHandle().destroy();
      String rest = said.lines().collect(Collectors.joining("\n"));

      assertEquals(128 + 15, process.waitFor());
      assertTrue(rest.contains(" MIPS"), rest);
      assertTrue(Files.readString(json).contains("{"));
    } finally {
      process.destroyForcibly();
    }
  }

  /** Says "up" and sleeps: multiboot 1 with addresses, and 32-bit code behind its header. */
  private Path kernel() throws Exception {
    ByteBuffer image = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    image.putInt(0x1bad_b002).putInt(0x1_0000).putInt(-(0x1bad_b002 + 0x1_0000));
    image.putInt(LOAD_GPA).putInt(LOAD_GPA).putInt(0).putInt(0).putInt(LOAD_GPA + 32);
    for (char each : "up\n".toCharArray()) {
      // mov al, each; out 0xe9, al
      image.put((byte) 0xb0).put((byte) each).put((byte) 0xe6).put((byte) 0xe9);
    }
    // hlt; jmp back to it
    image.put(new byte[] {(byte) 0xf4, (byte) 0xeb, (byte) 0xfd});
    return Files.write(folder.resolve("kernel"), image.array());
  }
}
