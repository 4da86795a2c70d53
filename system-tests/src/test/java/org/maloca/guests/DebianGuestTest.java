package org.maloca.guests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code maloca run debian} as its user sees it, by the script: made without root, let into by ssh,
 * with {@code apt} working through the NAT, and a disk that is kept or thrown away. Takes minutes
 * and a mirror, so it is asked for by {@code ./dev test -Dmaloca.debian}. Debian is made once for
 * all tests; with {@code -Dmaloca.debian=FOLDER} it is kept there from one run to the next.
 */
@EnabledIfSystemProperty(named = "maloca.debian", matches = ".*")
@Timeout(DebianGuestTest.LIMIT_SECONDS)
class DebianGuestTest {
  static final long LIMIT_SECONDS = 2400;

  private static final int STANDSTILL_SECONDS = 60;

  /** The guest looks at its real-time clock every five seconds. */
  private static final int CLOCK_SECONDS = 60;

  private static final String USER_DATA =
      """
      #cloud-config
      final_message: as its user likes
      runcmd:
        - echo from user-data > /run/by-user-data
      """;

  /** Whoever is let in after this is so by the seed. */
  private static final String FORGET_MALOCA =
      """
      cloud-init clean --logs --machine-id
      sed -i "s/--autologin maloca//" /etc/systemd/system/serial-getty@.service
      userdel -rf maloca
      rm /etc/sudoers.d/maloca
      sync
      """;

  @TempDir static Path home;

  private UserMachine machine;

  @BeforeAll
  static void keepWhatIsMade() throws IOException {
    Path kept = Path.of(System.getProperty("maloca.debian"));
    if (Files.isDirectory(kept)) {
      Path data = Files.createDirectory(home.resolve("maloca"));
      Files.createSymbolicLink(data.resolve("guests"), kept.toRealPath());
    }
  }

  @BeforeEach
  void prepare() {
    machine = new UserMachine(home);
  }

  @AfterEach
  void endMachine() throws Exception {
    machine.close();
    assertFalse(machine.said().contains("going on with"), "an older Debian was good enough");
  }

  @Test
  void aMachineWithANameKeepsWhatAptInstalled() throws Exception {
    machine.start("keeper", "run", "debian", "--name", "keeper", "-p", "0:22");
    machine.awaitLogin();
    assertEquals("maloca keeper", machine.run("echo $(id -un) $(hostname)"));
    long guestSeconds = Long.parseLong(machine.run("date +%s"));
    assertTrue(Math.abs(guestSeconds - Instant.now().getEpochSecond()) < 30, "the clock is right");
    machine.run("sudo apt-get update -q && sudo apt-get install -qy tree");
    assertTrue(machine.run("tree --version").startsWith("tree v"));
    machine.powerOff();

    machine.start("keeper", "run", "debian", "--name", "keeper", "-p", "0:22", "--ephemeral");
    machine.awaitLogin();
    assertTrue(machine.run("tree --version").startsWith("tree v"));
    machine.run("sudo apt-get remove -qy tree && sync");
    machine.powerOff();

    machine.start("keeper", "run", "debian", "--name", "keeper", "-p", "0:22");
    machine.awaitLogin();
    assertTrue(machine.run("tree --version").startsWith("tree v"));
    machine.stop();
  }

  @Test
  void aMachineWithoutANameForgetsAndItsNextStartDoesNoWork() throws Exception {
    machine.start("debian", "run", "debian", "-p", "0:22");
    machine.awaitLogin();
    assertEquals(List.of("maloca@debian"), byPortAddedWhileItRuns());
    machine.run("echo mine | sudo tee /etc/mine && sync");
    machine.powerOff();
    Map<Path, FileTime> files = files();

    machine.start("debian", "run", "debian", "-p", "0:22");
    machine.awaitLogin();
    assertFalse(machine.said().matches("(?s).*(fetching|unpacking|setting).*"), machine.said());
    assertEquals("gone", machine.run("test -e /etc/mine || echo gone"));
    machine.powerOff();
    assertEquals(files, files());
  }

  /** Logs in through one more forward, which is gone afterwards. */
  private List<String> byPortAddedWhileItRuns() throws Exception {
    Path log = home.resolve("port.log");
    assertEquals(0, machine.command(log, List.of("port", "debian", "-p", "0:22")).waitFor());
    String port = UserMachine.text(log).replaceFirst("(?s)127.0.0.1:([0-9]+) .*", "$1");
    List<String> ssh = List.of("ssh", "debian", "-p", port, "echo $(id -un)@$(hostname)");
    Path said = home.resolve("by-port.log");
    assertEquals(0, machine.command(said, ssh).waitFor(), () -> UserMachine.text(said));
    List<String> remove = List.of("port", "debian", "--remove", port);
    assertEquals(0, machine.command(log, remove).waitFor(), () -> UserMachine.text(log));
    assertEquals(255, machine.command(home.resolve("closed.log"), ssh).waitFor());
    return UserMachine.text(said).lines().toList();
  }

  /** Where what was made is kept. */
  private static Path guests() throws IOException {
    return home.resolve("maloca/guests").toRealPath();
  }

  /** What is kept, but for what a running machine tells of itself. */
  private static Map<Path, FileTime> files() throws IOException {
    Map<Path, FileTime> times = new TreeMap<>();
    try (Stream<Path> all = Files.walk(guests())) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        times.put(file, Files.getLastModifiedTime(file));
      }
    }
    return times;
  }

  /** Whose kernel is another one then, with drivers that are not on the disk. */
  @Test
  void aFolderIsSharedWithAMachineThatWasMadeWithoutOne() throws Exception {
    Path folder = Files.createDirectory(home.resolve("work"));
    Files.writeString(folder.resolve("from-host"), "hello");
    machine.start("sharer", "run", "debian", "--name", "sharer", "-p", "0:22");
    machine.awaitLogin();
    machine.run("echo mine | sudo tee /etc/mine && sync");
    machine.powerOff();

    machine.start(
        "sharer", "run", "debian", "--name", "sharer", "-p", "0:22", "--share", folder.toString());
    machine.awaitLogin();
    assertEquals("mine", machine.run("cat /etc/mine"));
    assertEquals("hello", machine.run("cat /mnt/work/from-host"));
    machine.run("echo from guest > /mnt/work/from-guest");
    assertEquals("from guest\n", Files.readString(folder.resolve("from-guest")));
    assertEquals(Files.getOwner(folder), Files.getOwner(folder.resolve("from-guest")));
    machine.run("sudo modprobe dummy && test -d /sys/module/dummy");
    // Which needs drivers, too.
    machine.stop();
    assertFalse(machine.said().contains("FAILED"), machine::said);

    machine.start("sharer", "run", "debian", "--name", "sharer", "-p", "0:22");
    machine.awaitLogin();
    assertEquals("none", machine.run("ls /mnt/work/from-host 2>/dev/null || echo none"));
    machine.powerOff();
  }

  @Test
  void itsConsoleIsLoggedIn() throws Exception {
    machine.start("debian", "run", "debian");
    machine.awaitText("(automatic login)");
    machine.awaitText("maloca@debian:~$ ");
    machine.type("echo $(id -un) $((6 * 7)); sudo poweroff");
    machine.awaitText("maloca 42");
    assertEquals(0, machine.end());
  }

  /** As of a host that sleeps, and for longer than a guest's clock goes through by itself. */
  @Test
  void aStandstillEndsWithTheRightClockAndTheConnectionThatThereWas() throws Exception {
    machine.start("debian", "run", "debian", "-p", "0:22");
    machine.awaitLogin();
    String addresses = machine.run("ip -4 -o addr show scope global | cut -d' ' -f2-7");
    Path log = home.resolve("ticks.log");
    Process ticks =
        machine.command(log, List.of("ssh", "debian", "while sleep 1; do date +%s; done"));
    awaitTick(log, 0);

    machine.signal("STOP");
    Thread.sleep(STANDSTILL_SECONDS * 1000L);
    machine.signal("CONT");

    long resumed = Instant.now().getEpochSecond();
    awaitTick(log, resumed);
    assertTrue(ticks.isAlive());
    assertEquals(addresses, machine.run("ip -4 -o addr show scope global | cut -d' ' -f2-7"));
    ticks.destroyForcibly().waitFor();
  }

  /** Waits until the guest says a time that is not before another, by its own clock. */
  private static void awaitTick(Path log, long epochSecond) throws Exception {
    Instant latest = Instant.now().plusSeconds(CLOCK_SECONDS);
    long said = -1;
    while (said < epochSecond) {
      assertTrue(Instant.now().isBefore(latest), () -> UserMachine.text(log));
      Thread.sleep(500);
      List<String> lines = Files.readAllLines(log);
      String last = lines.isEmpty() ? "" : lines.getLast();
      said = last.matches("[0-9]+") ? Long.parseLong(last) : -1;
    }
  }

  /**
   * An image as its vendor makes them: with cloud-init, and nothing that knows of us. It is made
   * from what the Debian guest is, which never asks for it.
   */
  private Path cloudImage() throws Exception {
    Path image = home.resolve("cloud.qcow2");
    if (Files.exists(image)) {
      return image;
    }
    machine.start("maker", "run", "debian", "--name", "maker", "-p", "0:22");
    machine.awaitLogin();
    machine.run(
        "sudo apt-get update -q && sudo DEBIAN_FRONTEND=noninteractive apt-get install -qy"
            + " -o DPkg::Options::=--force-unsafe-io --no-install-recommends cloud-init");
    machine.powerOffBy("sudo sh -c '" + FORGET_MALOCA + "systemctl poweroff'");
    Path log = home.resolve("convert.log");
    List<String> convert =
        List.of(
            "disk",
            "convert",
            "--allow-path",
            system(guests()).getParent().toString(),
            "-O",
            "qcow2",
            home.resolve("maloca/machines/maker/disk.qcow2").toString(),
            image.toString());
    assertEquals(0, machine.command(log, convert).waitFor(), () -> UserMachine.text(log));
    return image;
  }

  /** Starts a machine from the image, whose kernel is not on it. */
  private void startCloud(String name, String... options) throws Exception {
    startCloudWith("rw", name, options);
  }

  private void startCloudWith(String append, String name, String... options) throws Exception {
    String image = cloudImage().toString();
    Path system = system(guests());
    List<String> words = new ArrayList<>(List.of("run", image, "--name", name, "--append", append));
    words.addAll(List.of("--kernel", system.resolve("vmlinuz").toString()));
    words.addAll(List.of("--initrd", system.resolve("initrd.cpio").toString()));
    words.addAll(List.of(options));
    machine.start(name, words.toArray(String[]::new));
  }

  @Test
  void aCloudImageBecomesWhatItsSeedSays() throws Exception {
    Path userData = Files.writeString(home.resolve("user-data"), USER_DATA);
    String key = makeKey().toString();
    startCloud("web", "--hostname", "shop", "--user-data", userData.toString(), "--ssh-key", key);

    machine.awaitText("cloud-init has set the machine up");
    assertEquals(
        "debian shop\nfrom user-data\nstatus: done",
        machine.runAs(
            "debian", "echo $(id -un) $(hostname); cat /run/by-user-data; sudo cloud-init status"));
  }

  @Test
  void aCloudImageWithoutUserDataHasAUserWhoIsLoggedIn() throws Exception {
    startCloud("plain");

    machine.awaitText("cloud-init has set the machine up");
    machine.awaitText("maloca@plain:~$ ");
    machine.type("echo $(id -un) $((6 * 7)) $(sudo id -un)");
    machine.awaitText("maloca 42 root");
    machine.awaitLogin();
    assertEquals("maloca plain", machine.run("echo $(id -un) $(hostname)"));
  }

  @Test
  void aCloudImageWithoutAWordOnItsConsoleTellsByTheNetworkHowItWent() throws Exception {
    Path userData = home.resolve("failing");
    Files.writeString(userData, "#cloud-config\nruncmd:\n  - exit 3\n");
    String silent = "rw console=ttyS0 console=tty0";
    startCloudWith(silent, "mute", "--user-data", userData.toString());

    machine.awaitText("cloud-init failed: ");
    assertFalse(machine.said().contains("Cloud-init v."), machine::said);
    assertTrue(machine.said().contains("('scripts"), machine::said);
    machine.stop();

    startCloudWith(silent, "quiet");
    machine.awaitText("cloud-init has set the machine up");
    assertFalse(machine.said().contains("Cloud-init v."), machine::said);
  }

  /** The folder of the Debian that was made last; its kernel is not on its disk. */
  private static Path system(Path guests) throws IOException {
    try (Stream<Path> all = Files.list(guests)) {
      return all.filter(each -> each.getFileName().toString().matches("debian-[0-9]+-.*"))
          .max(Comparator.comparing(Path::toString))
          .orElseThrow();
    }
  }

  private static Path makeKey() throws Exception {
    Path key = home.resolve("key");
    Process keygen =
        new ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.toString())
            .start();
    assertEquals(0, keygen.waitFor());
    return key;
  }
}
