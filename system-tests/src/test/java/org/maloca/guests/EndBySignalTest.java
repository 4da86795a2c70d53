package org.maloca.guests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.cli.Main;

/** A whole {@code maloca run} whose process is ended from outside, or is asked to end. */
@DisabledOnOs(OS.WINDOWS)
class EndBySignalTest {
  private static final int LOAD_GPA = 0x10_0000;
  private static final int TERMINATED = 128 + 15;

  // The ACPI registers of the power button and of soft-off (PM1), as the FADT has them.
  private static final int PM1_STATUS = 0x600;
  private static final int PM1_ENABLE = 0x602;
  private static final int PM1_CONTROL = 0x604;
  private static final int PWRBTN = 1 << 8;
  private static final int SLP_EN_S5 = 1 << 13;

  /** Waits for {@link #PWRBTN}: in ax, dx; test ah, 1; jz to the first. */
  private static final byte[] AWAIT_BUTTON = {
    0x66, (byte) 0xed, (byte) 0xf6, (byte) 0xc4, 1, 0x74, (byte) 0xf9
  };

  /** hlt, and again. */
  private static final byte[] SLEEP = {(byte) 0xf4, (byte) 0xeb, (byte) 0xfd};

  @TempDir Path folder;

  private Process machine;
  private BufferedReader said;

  @AfterEach
  void endMachine() {
    machine.destroyForcibly();
  }

  private ProcessBuilder maloca(List<String> arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("XDG_DATA_HOME", folder.toString());
    return builder;
  }

  /** Starts a machine named "end", and waits until its guest has said "up". */
  private void start(byte[] guest, String... options) throws Exception {
    List<String> arguments =
        new ArrayList<>(List.of("run", "--kernel", kernel(guest).toString(), "--memory", "16M"));
    arguments.addAll(List.of("--name", "end", "--debugcon", "-"));
    arguments.addAll(List.of(options));
    machine = maloca(arguments).redirectInput(ProcessBuilder.Redirect.PIPE).start();
    said = machine.inputReader();
    awaitLine("up");
  }

  private void awaitLine(String wanted) throws Exception {
    String line = said.readLine();
    while (line != null && !line.contains(wanted)) {
      line = said.readLine();
    }
    assertTrue(line != null, "it has ended");
  }

  private int command(String... arguments) throws Exception {
    Process process = maloca(List.of(arguments)).start();
    process.getInputStream().transferTo(System.out);
    return process.waitFor();
  }

  @Test
  void aMachineThatIsTerminatedEndsInOrderAndTellsItsStatistics() throws Exception {
    Path json = folder.resolve("stats.json");
    start(sleeper(), "--stats", "--stats-json", json.toString());

    machine.toHandle().destroy();

    String rest = said.lines().collect(Collectors.joining("\n"));
    assertEquals(TERMINATED, machine.waitFor());
    assertTrue(rest.contains(" MIPS"), rest);
    assertTrue(Files.readString(json).contains("{"));
  }

  @Test
  void aGuestThatListensToThePowerButtonIsLeftToShutDown() throws Exception {
    start(listener(true));

    machine.toHandle().destroy();

    awaitLine("the guest is asked to shut down");
    assertEquals(0, machine.waitFor());
  }

  @Test
  void theSecondSignalPullsThePlugOfAGuestThatOnlyListens() throws Exception {
    start(listener(false));

    machine.toHandle().destroy();
    awaitLine("the guest is asked to shut down");
    machine.toHandle().destroy();

    assertEquals(TERMINATED, machine.waitFor());
  }

  @Test
  void theTimeoutPullsThePlugOfAGuestThatOnlyListens() throws Exception {
    start(listener(false), "--shutdown-timeout", "1");

    machine.toHandle().destroy();

    awaitLine("the guest is asked to shut down");
    assertEquals(TERMINATED, machine.waitFor());
  }

  @Test
  void aMachineThatIsStoppedShutsDown() throws Exception {
    start(listener(true));

    assertEquals(0, command("stop", "end"));

    assertEquals(0, machine.waitFor());
    assertEquals(69, command("stop", "end"));
  }

  @Test
  void aMachineThatIsStoppedByForceIsNotAsked() throws Exception {
    start(listener(false));

    assertEquals(0, command("stop", "--force"));

    assertEquals(130, machine.waitFor());
  }

  private static byte[] sleeper() {
    ByteArrayOutputStream code = new ByteArrayOutputStream();
    sayUp(code);
    code.writeBytes(SLEEP);
    return code.toByteArray();
  }

  /** A guest that has enabled the button, and perhaps goes by it. */
  private static byte[] listener(boolean shutsDown) {
    ByteArrayOutputStream code = new ByteArrayOutputStream();
    out(code, PM1_ENABLE, PWRBTN);
    sayUp(code);
    if (shutsDown) {
      setPort(code, PM1_STATUS);
      code.writeBytes(AWAIT_BUTTON);
      out(code, PM1_CONTROL, SLP_EN_S5);
    }
    code.writeBytes(SLEEP);
    return code.toByteArray();
  }

  /** mov al, each; out 0xe9, al. */
  private static void sayUp(ByteArrayOutputStream code) {
    for (char each : "up\n".toCharArray()) {
      code.writeBytes(new byte[] {(byte) 0xb0, (byte) each, (byte) 0xe6, (byte) 0xe9});
    }
  }

  /** mov dx, port. */
  private static void setPort(ByteArrayOutputStream code, int port) {
    code.writeBytes(new byte[] {0x66, (byte) 0xba, (byte) port, (byte) (port >> 8)});
  }

  /** mov dx, port; mov ax, value; out dx, ax. */
  private static void out(ByteArrayOutputStream code, int port, int value) {
    setPort(code, port);
    code.writeBytes(
        new byte[] {0x66, (byte) 0xb8, (byte) value, (byte) (value >> 8), 0x66, (byte) 0xef});
  }

  /** Multiboot 1 with addresses, and 32-bit code behind its header. */
  private Path kernel(byte[] code) throws Exception {
    ByteBuffer image = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
    image.putInt(0x1bad_b002).putInt(0x1_0000).putInt(-(0x1bad_b002 + 0x1_0000));
    image.putInt(LOAD_GPA).putInt(LOAD_GPA).putInt(0).putInt(0).putInt(LOAD_GPA + 32);
    return Files.write(folder.resolve("kernel"), image.put(code).array());
  }
}
