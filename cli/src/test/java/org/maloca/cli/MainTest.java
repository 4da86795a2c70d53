package org.maloca.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MainTest {
  private final PrintStream realOut = System.out;
  private final PrintStream realErr = System.err;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir Path folder;

  @BeforeEach
  void capture() {
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void release() {
    System.setOut(realOut);
    System.setErr(realErr);
  }

  private String complaint() {
    String text = err.toString(StandardCharsets.UTF_8);
    assertEquals(1, text.lines().count(), text);
    assertTrue(text.startsWith("maloca: "), text);
    return text;
  }

  /** Else the guest would be made, and its kernel would panic or say nothing for ever. */
  @ParameterizedTest
  @CsvSource({
    "run linux --memory 5, 5 MiB",
    "run linux --memory 64M, 64 MiB",
    "run linux --memory 80M --share ., 80 MiB",
    "run debian --memory 5, 5 MiB",
    "run debian --memory 16M, 16 MiB",
    "run debian --memory 64M --name tiny, 64 MiB"
  })
  void refusesLessMemoryThanAGuestOfOursBootsWith(String arguments, String asked) {
    assertEquals(64, Main.run(arguments.split(" ")));
    String guest = arguments.split(" ")[1];
    String expected = "maloca: memory: %s asked, '%s' needs at least ".formatted(asked, guest);
    assertTrue(complaint().startsWith(expected), complaint());
  }

  /** Else it would be told after the minutes that making the guest takes. */
  @ParameterizedTest
  @CsvSource({
    "65, run debian --disk MISSING, MISSING: there is no such file",
    "65, run debian-13 --cdrom MISSING, MISSING: there is no such file",
    "65, run debian-13 --kernel MISSING, MISSING: no such file",
    "64, run linux --pmem MISSING, --pmem: MISSING is not a file",
    "64, 'run debian --net nat,egress=MISSING', --net: egress=MISSING cannot be read as text",
    "64, run debian --vsock MISSING/socket, --vsock: MISSING is not a folder",
    "64, run linux --share MISSING, --share: MISSING is not a folder",
    "64, run debian --balloon 1G, --balloon: ",
    "64, run debian -p 99999:22, -p: "
  })
  void filesThatAreMissingAreToldBeforeAGuestIsMade(int code, String words, String said) {
    String missing = folder.resolve("missing").toString();
    assertEquals(code, Main.run(words.replace("MISSING", missing).split(" ")));
    assertTrue(complaint().startsWith("maloca: " + said.replace("MISSING", missing)), complaint());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fly",
        "run",
        "run windows",
        "run --no-such-option",
        "run linux --kernel k",
        "run linux --initrd i",
        "run --kernel",
        "run --kernel k --memory lots",
        "run --kernel k --memory 1M",
        "run --kernel k --cpus many",
        "run --kernel k --cpus 0",
        "run --kernel k --device floppy",
        "run --kernel k --engine steam",
        "run --kernel k --engine interpreter --dump-regions d",
        "run --kernel k --dump-regions d,match=here",
        "run --kernel k --dump-regions ,match=1000",
        "run --kernel k --dump-regions d,mtach=1000",
        "run --kernel k --dump-regions /dev/null/d",
        "run --kernel k --stats-json /dev/null/file",
        "run --kernel k --name a/b",
        "run linux --hostname h",
        "run debian --user-data u",
        "run debian --hostname a.b",
        "run debian --kernel k",
        "run windows-11 --name w",
        "run ./none.qcow2 --name a.b --initrd i",
        "help fly"
      })
  void complainsInOneLineAboutWrongUsage(String arguments) {
    assertEquals(64, Main.run(arguments.split(" ")));
    assertTrue(complaint().length() > "maloca: \n".length());
  }

  @ParameterizedTest
  @ValueSource(strings = {"--stats-json", "--dump-regions", "--engine", "--name", "--disk", "-p"})
  void complainsAboutEmptyValues(String option) {
    assertEquals(64, Main.run(new String[] {"run", "linux", option, ""}));
    assertTrue(complaint().endsWith(": its value is empty\n"), complaint());
  }

  @Test
  void complainsAboutMoreMemoryThanTheHostHas() {
    assertEquals(69, Main.run(new String[] {"run", "--kernel", "k", "--memory", "900G"}));
    assertTrue(complaint().contains("memory: 900 GiB asked, the host has "));
  }

  @Test
  void complainsAboutAMissingKernel() {
    String kernel = folder.resolve("none").toString();
    assertEquals(65, Main.run(new String[] {"run", "--kernel", kernel}));
    assertTrue(complaint().contains("none: no such file"));
  }

  @Test
  void complainsAboutAFileThatIsNoKernel() throws Exception {
    Path file = Files.writeString(folder.resolve("text"), "hello");
    assertEquals(65, Main.run(new String[] {"run", "--kernel", file.toString()}));
    assertTrue(complaint().contains("not a kernel"));
  }

  @Test
  void showsHelpWithTheExitCodes() {
    assertEquals(0, Main.run(new String[] {"run", "--help"}));
    String help = out.toString(StandardCharsets.UTF_8);
    assertTrue(help.contains("--memory"), help);
    assertTrue(help.contains("debug-exit: (value << 1) | 1"), help);
  }

  @Test
  void showsTheVersion() {
    assertEquals(0, Main.run(new String[] {"--version"}));
    assertTrue(out.toString(StandardCharsets.UTF_8).startsWith("maloca "));
  }

  @Test
  void printsCompletionForShells() {
    assertEquals(0, Main.run(new String[] {"completion"}));
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("complete -F"));
  }

  @ParameterizedTest
  @CsvSource({
    "run --kernl k, --kernel",
    "runn linux, run",
    "run debain, debian",
    "image pull debian-21, debian-12",
    "disk create --forze x 1G, --force",
    "help dsik, disk"
  })
  void namesWhatMayHaveBeenMeant(String arguments, String meant) {
    assertEquals(64, Main.run(arguments.split(" ")));
    assertTrue(complaint().contains("did you mean '" + meant + "'?"));
  }

  @Test
  void complainsAboutAnImageThatHasNoKernelOnIt() throws Exception {
    Path image = Files.write(folder.resolve("empty.raw"), new byte[1 << 20]);
    Path key = Files.writeString(folder.resolve("k"), "ssh-ed25519 AAAA ana\n");
    assertEquals(65, Main.run(new String[] {"run", image.toString(), "--ssh-key", key.toString()}));
    String said = err.toString(StandardCharsets.UTF_8);
    assertTrue(said.contains("no kernel was found on it (/dev/vda: nothing known)"), said);
    assertTrue(said.contains("--kernel"), said);
  }
}
