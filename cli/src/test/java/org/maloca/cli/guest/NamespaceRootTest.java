package org.maloca.cli.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
final class NamespaceRootTest {
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
