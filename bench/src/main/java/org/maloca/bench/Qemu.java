package org.maloca.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** QEMU with its software CPU: the peer that Maloca is measured against. */
final class Qemu {
  private static final String PROGRAM = "qemu-system-x86_64";

  private Qemu() {}

  /** Its version in words; says so when there is no QEMU. */
  static String version() {
    try {
      Process process = new ProcessBuilder(PROGRAM, "--version").start();
      process.getOutputStream().close();
      String words = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return words.lines().findFirst().orElse("QEMU of unknown version");
    } catch (IOException missing) {
      return "no QEMU here (" + PROGRAM + " is missing), so nothing to compare with";
    }
  }

  static boolean isPresent() {
    return version().startsWith("QEMU");
  }

  /** A kernel with an initrd on the usual PC. */
  static List<String> pc(Path kernel, Path initrd, String commandLine) {
    List<String> command = common();
    command.addAll(linux(kernel, initrd, commandLine));
    return command;
  }

  /** The same on the smallest machine QEMU has, which spares the guest's kernel many devices. */
  static List<String> microvm(Path kernel, Path initrd, String commandLine) {
    List<String> command = common();
    command.addAll(List.of("-M", "microvm,acpi=off,x-option-roms=off,isa-serial=on,rtc=on"));
    command.addAll(linux(kernel, initrd, commandLine + " reboot=t"));
    return command;
  }

  /** A guest of {@code guests/bench}. */
  static List<String> bare(Path image) {
    List<String> command = common();
    command.addAll(List.of("-device", "isa-debug-exit,iobase=0xf4,iosize=4"));
    command.addAll(List.of("-kernel", image.toString()));
    return command;
  }

  private static List<String> linux(Path kernel, Path initrd, String commandLine) {
    return List.of(
        "-kernel", kernel.toString(), "-initrd", initrd.toString(), "-append", commandLine);
  }

  private static List<String> common() {
    return new ArrayList<>(
        List.of(
            PROGRAM,
            "-accel",
            "tcg",
            "-cpu",
            "max",
            "-m",
            "512",
            "-nodefaults",
            "-no-user-config",
            "-display",
            "none",
            "-serial",
            "stdio",
            "-no-reboot"));
  }
}
