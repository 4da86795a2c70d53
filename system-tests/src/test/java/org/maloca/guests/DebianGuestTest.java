package org.maloca.guests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
  private static final String CLOUD_NAME = "maloca-cloud-test";
  private static final int BOOT_SECONDS = 600;
  private static final int STANDSTILL_SECONDS = 60;

  /** The guest looks at its real-time clock every five seconds. */
  private static final int CLOCK_SECONDS = 60;

  private static final String USER_DATA =
      """
      #cloud-config
      runcmd:
        - echo from user-data > /run/by-user-data
      """;

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
    assertAStandstillEndsWithTheRightClockAndTheConnectionThatThereWas();
    powerOff();

    start("run", "debian", "--name", NAME, "-p", "0:22", "--ephemeral");
    awaitLogin();
    assertTrue(inGuest("tree --version").startsWith("tree v"));
    inGuest("sudo apt-get remove -qy tree && sync");
    powerOff();

    start("run", "debian", "--name", NAME, "-p", "0:22");
    awaitLogin();
    assertTrue(inGuest("tree --version").startsWith("tree v"));
  }

  /** As of a host that sleeps, and for longer than a guest's clock goes through by itself. */
  private void assertAStandstillEndsWithTheRightClockAndTheConnectionThatThereWas()
      throws Exception {
    String addresses = inGuest("ip -4 -o addr show scope global");
    Path log = folder.resolve("ticks.log");
    Process ticks = command(log, List.of("ssh", NAME, "while sleep 1; do date +%s; done"));
    awaitTick(log, 0);

    signal("STOP");
    Thread.sleep(STANDSTILL_SECONDS * 1000L);
    signal("CONT");

    long resumed = Instant.now().getEpochSecond();
    awaitTick(log, resumed);
    assertTrue(ticks.isAlive());
    assertEquals(addresses, inGuest("ip -4 -o addr show scope global"));
    ticks.destroyForcibly().waitFor();
  }

  /** Waits until the guest says a time that is not before another, by its own clock. */
  private void awaitTick(Path log, long epochSecond) throws Exception {
    Instant latest = Instant.now().plusSeconds(CLOCK_SECONDS);
    long said = -1;
    while (said < epochSecond) {
      assertTrue(Instant.now().isBefore(latest), () -> text("ticks.log"));
      Thread.sleep(500);
      List<String> lines = Files.readAllLines(log);
      String last = lines.isEmpty() ? "" : lines.getLast();
      said = last.matches("[0-9]+") ? Long.parseLong(last) : -1;
    }
  }

  private void signal(String name) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + name, "" + machine.pid()).start();
    assertEquals(0, kill.waitFor());
  }

  /**
   * An image as its vendor makes them: with cloud-init, and nothing that knows of us. It is made
   * from what the Debian guest is, which never asks for it.
   */
  @Test
  void aCloudImageBecomesWhatItsUserDataSay() throws Exception {
    start("run", "debian", "--name", NAME, "-p", "0:22");
    awaitLogin();
    inGuest("sudo apt-get update -q && sudo apt-get install -qy cloud-init");
    inGuest("sudo cloud-init clean --logs --machine-id; sudo rm -rf /home/maloca/.ssh; sync");
    powerOff();
    Path disk = folder.resolve("maloca/machines").resolve(NAME).resolve("disk.qcow2");
    Path system = system(folder.resolve("maloca/guests"));
    Path image = folder.resolve("cloud.qcow2");
    Process convert =
        command(
            folder.resolve("convert.log"),
            List.of(
                "disk",
                "convert",
                "--allow-path",
                system.getParent().toString(),
                "-O",
                "qcow2",
                disk.toString(),
                image.toString()));
    assertEquals(0, convert.waitFor(), () -> text("convert.log"));
    Path userData = folder.resolve("user-data");
    Files.writeString(userData, USER_DATA);
    Path key = folder.resolve("key");
    assertEquals(
        0,
        new ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.toString())
            .start()
            .waitFor());

    start(
        "run",
        image.toString(),
        "--kernel",
        system.resolve("vmlinuz").toString(),
        "--initrd",
        system.resolve("initrd.cpio").toString(),
        "--append",
        "rw",
        "--name",
        CLOUD_NAME,
        "--hostname",
        "web",
        "--user-data",
        userData.toString(),
        "--ssh-key",
        key.toString(),
        "-p",
        "0:22");
    awaitText("cloud-init has set the machine up");

    assertEquals(
        "debian web\nfrom user-data\nstatus: done",
        byKey(key, "echo $(id -un) $(hostname); cat /run/by-user-data; sudo cloud-init status"));
  }

  /** The folder of the Debian that was made; its kernel is not on its disk. */
  private static Path system(Path guests) throws IOException {
    try (Stream<Path> folders = Files.list(guests)) {
      return folders
          .filter(each -> Files.exists(each.resolve("initrd.cpio")))
          .findFirst()
          .orElseThrow();
    }
  }

  /** Logs in as the image's own user, who is given the key, at the port that was printed. */
  private String byKey(Path key, String script) throws Exception {
    String port = text("machine.log").replaceFirst("(?s).* -p ([0-9]+) .*", "$1");
    Process ssh =
        new ProcessBuilder(
                "ssh",
                "-i",
                key.toString(),
                "-o",
                "StrictHostKeyChecking=no",
                "-o",
                "UserKnownHostsFile=" + folder.resolve("known_hosts"),
                "-o",
                "BatchMode=yes",
                "-o",
                "LogLevel=ERROR",
                "-p",
                port,
                "debian@127.0.0.1",
                script)
            .redirectErrorStream(true)
            .start();
    String said = new String(ssh.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, ssh.waitFor(), said);
    return said.strip();
  }

  private void awaitText(String wanted) throws Exception {
    Instant latest = Instant.now().plusSeconds(2 * BOOT_SECONDS);
    while (!text("machine.log").contains(wanted)) {
      assertTrue(machine.isAlive(), () -> text("machine.log"));
      assertTrue(Instant.now().isBefore(latest), () -> text("machine.log"));
      Thread.sleep(1000);
    }
  }

  private void powerOff() throws Exception {
    inGuest("sudo systemctl poweroff", 0, 255);
    assertEquals(0, end());
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
