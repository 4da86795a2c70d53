package org.maloca.guests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Machines that a user starts by the {@code maloca} script, one after the other, with a data folder
 * of their own. For one test thread.
 */
final class UserMachine implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 1200;

  private final Path home;
  private String name = "";
  private @Nullable Process process;
  private @Nullable OutputStream input;

  /**
   * Starts nothing yet.
   *
   * @param home where Maloca's data folder is, and logs go
   */
  UserMachine(Path home) {
    this.home = home;
  }

  /** Starts {@code maloca} with arguments that run a machine of a name. */
  void start(String name, String... arguments) throws IOException {
    this.name = name;
    Process started =
        builder(log(), List.of(arguments)).redirectInput(ProcessBuilder.Redirect.PIPE).start();
    process = started;
    input = started.getOutputStream();
  }

  /** Starts {@code maloca} with other arguments, its output going to a file. */
  Process command(Path output, List<String> arguments) throws IOException {
    return builder(output, arguments)
        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
        .start();
  }

  private ProcessBuilder builder(Path output, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of("../maloca"));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().put("XDG_DATA_HOME", home.toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    // As Debian's ordinary users have it, without sbin.
    builder.environment().put("PATH", "/usr/local/bin:/usr/bin:/bin");
    return builder;
  }

  /** All that the command and the console have said. */
  String said() {
    return text(log());
  }

  /** Types a line at the console. */
  void type(String line) throws IOException {
    input.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    input.flush();
  }

  void awaitText(String wanted) throws InterruptedException {
    Instant latest = Instant.now().plusSeconds(PATIENCE_SECONDS);
    while (!said().contains(wanted)) {
      assertIsRunning(latest);
      Thread.sleep(500);
    }
  }

  /** Waits until {@code maloca ssh} gets in. */
  void awaitLogin() throws IOException, InterruptedException {
    Instant latest = Instant.now().plusSeconds(PATIENCE_SECONDS);
    while (ssh("true") != 0) {
      assertIsRunning(latest);
      Thread.sleep(1000);
    }
  }

  private void assertIsRunning(Instant latest) {
    assertTrue(process.isAlive(), this::said);
    assertTrue(Instant.now().isBefore(latest), this::said);
  }

  /** Runs a script by {@code maloca ssh}; answers what it says. */
  String run(String script) throws IOException, InterruptedException {
    int status = ssh(script);
    assertEquals(0, status, () -> script + "\n" + text(sshLog()));
    return text(sshLog()).strip();
  }

  /** Runs a script by ssh as another user, with the command that was printed. */
  String runAs(String user, String script) throws IOException, InterruptedException {
    String printed = said().replaceFirst("(?s).*maloca: (ssh -i [^\\n]*)\\n.*", "$1");
    String command = printed.replaceFirst("[^ ]*@", user + "@") + " \"$0\"";
    Process ssh =
        new ProcessBuilder("sh", "-c", command, script)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String answer = new String(ssh.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, ssh.waitFor(), printed);
    return answer.strip();
  }

  private int ssh(String script) throws IOException, InterruptedException {
    Process ssh = command(sshLog(), List.of("ssh", name, script));
    if (!ssh.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      ssh.destroyForcibly();
    }
    return ssh.waitFor();
  }

  /** Sends the process a signal. */
  void signal(String signal) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + signal, "" + process.pid()).start();
    assertEquals(0, kill.waitFor());
  }

  /** Has the guest power off, and waits for that. */
  void powerOff() throws IOException, InterruptedException {
    powerOffBy("sudo systemctl poweroff");
  }

  /** Has the machine's power button pressed, on which the guest is to shut down. */
  void stop() throws IOException, InterruptedException {
    Path log = home.resolve("stop.log");
    assertEquals(0, command(log, List.of("stop", name)).waitFor(), () -> text(log));
    assertEquals(0, end());
  }

  /** Waits for the end of a machine that a script powers off. */
  void powerOffBy(String script) throws IOException, InterruptedException {
    int status = ssh(script);
    // The connection may end before the command does.
    assertTrue(status == 0 || status == 255, () -> text(sshLog()));
    assertEquals(0, end());
  }

  /** Waits for the end of the machine; answers the exit code. */
  int end() throws InterruptedException {
    assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), this::said);
    return process.exitValue();
  }

  @Override
  public void close() throws InterruptedException {
    if (process != null) {
      process.destroyForcibly().waitFor();
    }
  }

  private Path log() {
    return home.resolve(name + ".log");
  }

  private Path sshLog() {
    return home.resolve("ssh.log");
  }

  /** The text of a file. */
  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
