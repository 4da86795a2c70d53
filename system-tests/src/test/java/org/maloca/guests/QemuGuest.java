package org.maloca.guests;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.maloca.machine.config.BootConfig;

/** A guest of Maloca's in QEMU, with its serial line, for one test thread. */
final class QemuGuest implements AutoCloseable {
  private static final String QEMU = "qemu-system-x86_64";

  private final ProcessConsole console;

  private QemuGuest(ProcessConsole console) {
    this.console = console;
  }

  /** Whether there is a QEMU here. */
  static boolean isPresent() throws InterruptedException {
    try {
      Process version = new ProcessBuilder(QEMU, "--version").start();
      version.getInputStream().readAllBytes();
      return version.waitFor() == 0;
    } catch (IOException missing) {
      return false;
    }
  }

  /**
   * Starts it with what a machine of ours boots.
   *
   * @param words more for its command line
   */
  static QemuGuest boot(BootConfig boot, List<String> words, Path folder) throws IOException {
    Path initrd = folder.resolve("qemu.cpio");
    try (OutputStream output = new BufferedOutputStream(Files.newOutputStream(initrd))) {
      for (Path part : boot.initrds()) {
        Files.copy(part, output);
      }
    }
    List<String> command = new ArrayList<>();
    command.addAll(List.of(QEMU, "-machine", "q35", "-accel", "tcg", "-cpu", "max", "-m", "256"));
    command.addAll(List.of("-nodefaults", "-no-user-config", "-display", "none"));
    command.addAll(List.of("-serial", "stdio", "-no-reboot"));
    command.addAll(List.of("-kernel", boot.kernel().toString(), "-initrd", initrd.toString()));
    command.addAll(List.of("-append", boot.commandLine()));
    command.addAll(words);
    return new QemuGuest(ProcessConsole.start(new ProcessBuilder(command)));
  }

  SerialLine line() {
    return console.line();
  }

  @Override
  public void close() {
    console.close();
  }
}
