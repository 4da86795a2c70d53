package org.maloca.guests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.maloca.cli.guest.LinuxGuest;
import org.maloca.machine.lifecycle.VmExit;

/** Stock Debian kernels compute what is known to be right. Each guest boots once for all tests. */
@ParameterizedClass(name = "{0}")
@EnumSource(LinuxKind.class)
class LinuxAnswersTest {
  private static LinuxKind booted;
  private static List<AnswersProgram> programs;
  private static GuestConsole guest;

  @Parameter LinuxKind kind;

  @BeforeParameterizedClassInvocation
  static void boot(LinuxKind kind, @TempDir Path folder) throws Exception {
    LinuxGuest packages = LinuxGuests.provide(kind.architecture());
    List<Path> files = new ArrayList<>();
    programs = new ArrayList<>();
    for (AnswersProgram program : kind.programs()) {
      Path file = folder.resolve(program.fileName());
      if (program.compile(file)) {
        programs.add(program);
        files.add(file);
      }
    }
    booted = kind;
    guest = GuestConsole.boot(LinuxGuests.withShell(packages, kind.cpus(), files, folder));
    guest.await(GuestConsole.READY);
  }

  @AfterParameterizedClassInvocation
  static void powerOff() throws InterruptedException {
    if (guest != null) {
      try (GuestConsole ending = guest) {
        ending.send("poweroff -f");
        assertEquals(VmExit.Reason.SHUTDOWN, ending.awaitEnd().reason());
      } finally {
        guest = null;
      }
    }
  }

  static Stream<Arguments> computations() throws IOException {
    return AnswersProgram.answers().entrySet().stream()
        .filter(answer -> booted.protectsData() || !answer.getKey().equals("no-execute"))
        .flatMap(answer ->
            booted.programs().stream()
                .map(program -> Arguments.of(program, answer.getKey(), answer.getValue())));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("computations")
  void programPrintsWhatItPrintsOnSilicon(AnswersProgram program, String name, String answer) {
    assumeTrue(
        programs.contains(program),
        () -> "gcc cannot make " + program.fileName() + " here: install gcc and gcc-multilib");

    assertEquals(answer, guest.run(program.fileName() + " " + name));
  }

  @Test
  void seesItsCpus() {
    assertEquals(String.valueOf(kind.cpus()), guest.run("grep -c ^processor /proc/cpuinfo"));
    assertEquals(String.valueOf(kind.cpus()), guest.run("nproc"));
  }

  @ParameterizedTest
  @EnumSource
  void hashesDataAsJavaDoes(Digest digest) throws NoSuchAlgorithmException {
    assertEquals(
        digest.of(numbers(20000)),
        guest.run("seq 1 20000 | %ssum | cut -d' ' -f1".formatted(digest)));
  }

  enum Digest {
    md5("MD5"),
    sha1("SHA-1"),
    sha256("SHA-256"),
    sha512("SHA-512");

    private final String javaName;

    Digest(String javaName) {
      this.javaName = javaName;
    }

    String of(String text) throws NoSuchAlgorithmException {
      byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
      return HexFormat.of().formatHex(MessageDigest.getInstance(javaName).digest(bytes));
    }
  }

  private static String numbers(int last) {
    return IntStream.rangeClosed(1, last)
        .mapToObj(number -> number + "\n")
        .collect(Collectors.joining());
  }

  @Test
  void checksumsDataAsJavaDoes() {
    CRC32 crc = new CRC32();
    crc.update(numbers(20000).getBytes(StandardCharsets.US_ASCII));

    assertEquals("%08x".formatted(crc.getValue()), guest.run("seq 1 20000 | crc32"));
  }

  @Test
  void factorsNumbers() {
    assertEquals(
        "9007199254740993: 3 107 28059810762433\n1000000016000000063: 1000000007 1000000009",
        guest.run("factor 9007199254740993 1000000016000000063"));
  }

  @Test
  void compressesWithoutLoss() {
    assertEquals(
        guest.run("seq 1 30000 | md5sum"), guest.run("seq 1 30000 | gzip -9 | gunzip | md5sum"));
  }

  @Test
  void sortsThroughPipes() {
    assertEquals(
        "4997\n4993\n4989",
        guest.run(
            "seq 1 5000 | grep -v 7$ | awk '{print ($1 * 7919) % 4999}' | sort -rn | grep"
                + " '[89].*[379]$' | head -3"));
  }

  @Test
  void addsFloatingPointNumbers() {
    assertEquals(
        "1.644884068 5.187377518",
        guest.run(
            "awk 'BEGIN {for (i = 1; i <= 20000; i++) s += 1 / (i * i);"
                + " for (i = 1; i <= 100; i++) h += 1 / i; printf \"%.9f %.9f\", s, h}'"));
  }

  @Test
  void calculatesWith64Bits() {
    assertEquals(
        "9223372036854775807 -9223372036854775808 -3 -1 -27328509738828965",
        guest.run(
            "echo $((0x7fffffffffffffff)) $((0x7fffffffffffffff + 1)) $((-7 / 2)) $((-7 % 2))"
                + " $((0x5555555555555555 * 0x123456789abcdef))"));
  }

  @Test
  void forksInALoop() {
    assertEquals(
        "60",
        guest.run("i=0; while [ $i -lt 60 ]; do /bin/busybox true && i=$((i + 1)); done; echo $i"));
  }

  @Test
  void trapsSignals() {
    assertEquals(
        "usr1\nchild 143",
        guest.run(
            "sh -c 'trap \"echo usr1\" USR1; kill -USR1 $$; sleep 1000 & kill $!; wait $!;"
                + " echo child $?' 2> /dev/null"));
  }

  @Test
  void keepsFiles() {
    assertEquals(
        "10000 /tmp/tree/d/e/file\n10000",
        guest.run(
            "mkdir -p /tmp/tree/d/e; seq 1 10000 > /tmp/tree/d/e/file; wc -l"
                + " $(find /tmp/tree -type f); cp /tmp/tree/d/e/file /tmp/copy;"
                + " diff /tmp/copy /tmp/tree/d/e/file && tail -1 /tmp/copy"));
  }

  @Test
  void isToldTheRateOfTheCounterByKvmsClock() {
    assertEquals("tsc: Detected 1000.000 MHz", guest.run("dmesg | grep -o 'tsc: Detected.*MHz'"));
    assertTrue(
        guest
            .run("cat /sys/devices/system/clocksource/clocksource0/available_clocksource")
            .contains("kvm-clock"));
  }

  @Test
  void beginsWithTheHostsTime() {
    long guestSeconds = Long.parseLong(guest.run("date +%s"));

    assertEquals(Instant.now().getEpochSecond(), guestSeconds, 60);
  }

  @Test
  void kernelHasNoComplaints() {
    assertEquals(
        "",
        guest.run(
            "dmesg | grep -E ' BUG: |WARNING: |Oops|Call Trace|detected stall|TSC unstable"
                + "|nobody cared|Hardware Error|Machine check|not responding' || true"));
  }
}
