package org.maloca.guests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.cli.cloud.IsoImage;
import org.maloca.cli.guest.GuestArchitecture;

/**
 * A machine of {@code maloca run linux}, which others pause and whose balloon and discs they
 * change.
 */
@EnabledOnOs(OS.LINUX)
class RunningMachineTest {
  private static final String NAME = "running-%d".formatted(ProcessHandle.current().pid());
  private static final long MIB = 1 << 20;
  private static final int PATIENCE_SECONDS = 300;

  @TempDir Path folder;
  private Process machine;
  private OutputStream console;
  private int commands;

  private Path disc(String file, String name, String text) throws IOException {
    IsoImage image = new IsoImage("disc");
    image.add(name, text.getBytes(StandardCharsets.US_ASCII));
    return Files.write(folder.resolve(file), image.build());
  }

  private static ProcessBuilder maloca(String... arguments) {
    List<String> command = new ArrayList<>(List.of("../maloca"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    return builder;
  }

  /** What a command says, which is to end with 0. */
  private static String said(String... arguments) throws Exception {
    Process process = maloca(arguments).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), text);
    return text.strip();
  }

  /** What a command says, which is to be refused. */
  private static String refusal(String... arguments) throws Exception {
    Process process = maloca(arguments).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(69, process.waitFor(), text);
    return text.strip();
  }

  private String log() throws IOException {
    return Files.readString(folder.resolve("log"), StandardCharsets.ISO_8859_1);
  }

  /** Has the guest's shell run something; answers what it says. */
  private String run(String script) throws Exception {
    int number = ++commands;
    int start = log().length();
    console.write(
        "{ %s; } 2>&1; echo @@$?-%d@@\n"
            .formatted(script, number)
            .getBytes(StandardCharsets.US_ASCII));
    console.flush();
    String end = "@@0-%d@@".formatted(number);
    for (int i = 0; i < PATIENCE_SECONDS * 20; i++) {
      String said = log().substring(start);
      if (said.contains(end)) {
        return said.substring(0, said.indexOf(end)).strip();
      }
      assertTrue(
          machine.isAlive() && !said.matches("(?s).*@@[0-9]+-%d@@.*".formatted(number)), said);
      TimeUnit.MILLISECONDS.sleep(50);
    }
    throw new AssertionError(log());
  }

  /** Shared memory of the machine's process that is in RAM: the guest's. */
  private long residentBytes() throws IOException {
    Path statm = Path.of("/proc/%d/statm".formatted(machine.pid()));
    return Long.parseLong(Files.readString(statm).split(" ")[2]) * 4096;
  }

  private long freeMib() throws Exception {
    return Long.parseLong(run("awk '/MemFree/ {print $2}' /proc/meminfo")) / 1024;
  }

  @Test
  void balloonAndDiscsChangeWhileItRuns() throws Exception {
    LinuxGuests.provide(GuestArchitecture.AMD64);
    Path first = disc("first.iso", "one.txt", "from the first disc\n");
    machine =
        maloca("run", "linux", "--name", NAME, "--balloon", "0", "--cdrom", first.toString())
            .redirectInput(ProcessBuilder.Redirect.PIPE)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    console = machine.getOutputStream();
    try {
      run("true");
      balloonTakesAndGives();
      balloonGivesWayWhenMemoryRunsOut();
      discsAreChanged(first, disc("second.iso", "two.txt", "from the second disc\n"));
      standsStillUntilItIsToGoOn();
      clockFollowsTheOneThatNeverStandsStill();
      shutsDownThoughItStandsStill();
    } finally {
      machine.destroyForcibly().waitFor();
    }
  }

  private void balloonTakesAndGives() throws Exception {
    run("mkdir -p /fill && mount -t tmpfs -o size=400m tmpfs /fill");
    run("dd if=/dev/zero of=/fill/x bs=1M count=200 2>/dev/null");
    assertTrue(residentBytes() > 200 * MIB);
    run("rm /fill/x");
    String said = said("balloon", NAME, "300M");
    assertTrue(said.startsWith("the balloon has 300 MiB of 512 MiB; the guest has "), said);
    assertTrue(freeMib() < 200, "the guest has less");
    assertTrue(residentBytes() < 200 * MIB, "the host has more");
    assertTrue(said("balloon", NAME, "-100M").startsWith("the balloon has 200 MiB"));
  }

  private void balloonGivesWayWhenMemoryRunsOut() throws Exception {
    run("dd if=/dev/zero of=/fill/x bs=1M count=350 2>/dev/null && rm /fill/x");
    String said = said("balloon", NAME, "--no-wait");
    assertTrue(said.contains("and is to have 200 MiB"), said);
    assertTrue(said("balloon", NAME, "0").startsWith("the balloon has 0 B of"));
  }

  private void standsStillUntilItIsToGoOn() throws Exception {
    assertTrue(listed().endsWith("  running"), listed());
    assertEquals(NAME + ": paused", said("pause", NAME));
    assertEquals(NAME + ": was paused already", said("pause", NAME));
    assertTrue(listed().endsWith("  paused"), listed());
    int heard = log().length();
    console.write("echo still here\n".getBytes(StandardCharsets.US_ASCII));
    console.flush();
    TimeUnit.MILLISECONDS.sleep(500);
    assertEquals("", log().substring(heard));
    assertEquals(NAME + ": goes on", said("resume", NAME));
    assertEquals(NAME + ": was not paused", said("resume", NAME));
    run("true");
    assertTrue(log().substring(heard).contains("still here"), log());
    assertTrue(listed().endsWith("  running"), listed());
  }

  /** To the guest it is the same whether it stood still for a minute or its RTC gains one. */
  private void clockFollowsTheOneThatNeverStandsStill() throws Exception {
    run("was=$(date +%s); date -s @$((was + 60)) && hwclock -u -w && date -s @$was");
    run("until [ $(($(date +%s) - was)) -ge 59 ]; do sleep 0.1; done");
    run("date -s @$was");
    run("sleep 6; test $(($(date +%s) - was)) -lt 30");
    // As a kernel does whose time came from the network.
    run("was=$(date +%s); date -s @$((was + 300)) && hwclock -u -w");
    run("sleep 6; test $(($(date +%s) - was)) -lt 330");
  }

  private void shutsDownThoughItStandsStill() throws Exception {
    assertEquals(NAME + ": paused", said("pause", NAME));
    assertEquals(NAME + ": the guest has 60 seconds to shut down", said("stop", NAME));
    assertEquals(0, machine.waitFor(), log());
    assertTrue(listed().isEmpty(), listed());
  }

  /** What the list of machines says of this one. */
  private static String listed() throws Exception {
    return said("list").lines().filter(line -> line.startsWith(NAME)).findFirst().orElse("");
  }

  private void discsAreChanged(Path first, Path second) throws Exception {
    run("modprobe -a sr_mod isofs; mkdir -p /cd");
    run("mount -t iso9660 -o ro /dev/sr0 /cd");
    assertEquals("from the first disc", run("cat /cd/one.txt"));
    assertEquals("sr0: %s, locked by the guest".formatted(first), said("cdrom", NAME));
    assertTrue(refusal("cdrom", NAME, "--eject").contains("does not let go"));
    run("umount /cd");
    assertEquals("sr0: " + second, said("cdrom", NAME, "--insert", second.toString()));
    run(
        "n=0; until mount -t iso9660 -o ro /dev/sr0 /cd 2>/dev/null; do"
            + " n=$((n+1)); [ $n -lt 100 ] || break; sleep 0.1; done; test -e /cd/two.txt");
    assertEquals("from the second disc", run("cat /cd/two.txt"));
    assertEquals("sr0: no disc, the tray is open", said("cdrom", NAME, "--eject", "--force"));
    assertEquals("gone", run("dd if=/dev/sr0 of=/dev/null bs=2k count=1 2>/dev/null || echo gone"));
  }
}
