package org.maloca.cli.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
final class NamespaceRootTest {
  @TempDir Path folder;

  /** A process that is setting a system up. */
  static final class Maker {
    private Maker() {}

    public static void main(String[] arguments) throws Exception {
      Path folder = Path.of(arguments[0]);
      NamespaceRoot.configure(folder.resolve("enter"), folder, folder);
    }
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void whatIsAtWorkEndsWithWhoeverStartedIt() throws Exception {
    try {
      NamespaceRoot.check();
    } catch (GuestException forbidden) {
      Assumptions.abort(forbidden.getMessage());
    }
    Path pipe = folder.resolve("pipe");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    Files.writeString(folder.resolve("enter"), "exec 9> \"$1/pipe\"; echo here >&9; sleep 120");
    Process maker =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Maker.class.getName(),
                folder.toString())
            .inheritIO()
            .start();
    try (BufferedReader heard = Files.newBufferedReader(pipe)) {
      assertEquals("here", heard.readLine());
      maker.destroyForcibly().waitFor();
      // The pipe's end is closed once all who had it are gone.
      assertNull(heard.readLine());
    } finally {
      maker.destroyForcibly();
    }
  }

  @Test
  void findsTheProgramsOfTheSystemForUsersWhoDoNotHaveThemInTheirPath()
      throws IOException, InterruptedException {
    ProcessBuilder shell =
        new ProcessBuilder(
            "sh", "-c", NamespaceRoot.WITH_SYSTEM_PROGRAMS + "command -v chroot; echo \"$PATH\"");
    shell.environment().put("PATH", "/usr/bin:/bin");
    Process process = shell.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor());
    assertTrue(said.matches("/\\S*/chroot\n/usr/bin:/bin:/usr/sbin:/sbin\n"), said);
  }
}
