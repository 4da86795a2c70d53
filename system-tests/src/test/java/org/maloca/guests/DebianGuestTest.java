package org.maloca.guests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code maloca run debian} as its user sees it, by the command itself: made without root, let into
 * by ssh, with {@code apt} working through the NAT, and a disk that is kept or thrown away. Takes
 * minutes and a mirror, so it is asked for by {@code ./dev test -Dmaloca.debian}.
 */
@EnabledIfSystemProperty(named = "maloca.debian", matches = ".*")
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class DebianGuestTest {
  private static final String NAME = "maloca-test";
  private static final int BOOT_SECONDS = 600;

  @TempDir Path folder;

  private Process machine;

  @AfterEach
  void endMachine() throws Exception {
    if (machine != null) {
      machine.destroyForcibly().waitFor();
    }
  }

  @Test
  void aMachineWithANameKeepsWhatAptInstalled() throws Exception {
    start("run", "debian", "--name", NAME, "-p", "0:22");
    awaitLogin();
    assertEquals("maloca " + NAME, inGuest("echo $(id -un) $(hostname)"));
    long guestSeconds = Long.parseLong(inGuest("date +%s"));
    assertTrue(Math.abs(guestSeconds - Instant.now().getEpochSecond()) < 30, "the clock is right");
    inGuest("sudo apt-get update -q && sudo apt-get install -qy tree");
    assertTrue(inGuest("tree --version").startsWith("tree v"));
    inGuest("sudo systemctl poweroff", 0, 255);
    assertEquals(0, end());

    start("run", "debian", "--name", NAME, "-p", "0:22", "--ephemeral");
    awaitLogin();
    assertTrue(inGuest("tree --version").startsWith("tree v"));
    inGuest("sudo apt-get remove -qy tree && sync");
    inGuest("sudo systemctl poweroff", 0, 255);
    assertEquals(0, end());

    start("run", "debian", "--name", NAME, "-p", "0:22");
    awaitLogin();
    assertTrue(inGuest("tree --version").startsWith("tree v"));
  }

  private Process command(Path output, List<String> arguments) throws IOException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    List<String> command =
        new ArrayList<>(List.of(java.toString(), "-jar", "../cli/target/maloca.jar"));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("XDG_DATA_HOME", folder.toString());
    return builder.start();
  }

  private void start(String... arguments) throws IOException {
    machine = command(folder.resolve("machine.log"), List.of(arguments));
  }

  private int end() throws InterruptedException {
    assertTrue(machine.waitFor(BOOT_SECONDS, TimeUnit.SECONDS), "the machine has ended");
    return machine.exitValue();
  }

  private void awaitLogin() throws Exception {
    Instant latest = Instant.now().plusSeconds(2 * BOOT_SECONDS);
    while (run("true") != 0) {
      assertTrue(machine.isAlive(), () -> text("machine.log"));
      assertTrue(Instant.now().isBefore(latest), () -> text("machine.log"));
      Thread.sleep(1000);
    }
  }

  private int run(String script) throws Exception {
    Process ssh = command(folder.resolve("ssh.log"), List.of("ssh", NAME, script));
    if (!ssh.waitFor(BOOT_SECONDS, TimeUnit.SECONDS)) {
      ssh.destroyForcibly();
    }
    return ssh.waitFor();
  }

  private String inGuest(String script, int... allowed) throws Exception {
    int status = run(script);
    boolean isGood = status == 0;
    for (int other : allowed) {
      isGood |= status == other;
    }
    assertTrue(isGood, () -> script + ": " + status + "\n" + text("ssh.log"));
    return text("ssh.log").strip();
  }

  private String text(String name) {
    try {
      return Files.readString(folder.resolve(name));
    } catch (IOException missing) {
      return missing.toString();
    }
  }
}
