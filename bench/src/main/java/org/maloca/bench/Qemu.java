package org.maloca.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * QEMU with its software CPU: the peer that Maloca is measured against.
 *
 * @param program its name or path
 */
record Qemu(String program) {
  /** Its version in words; says so when there is no QEMU. */
  String version() {
    try {
      Process process = new ProcessBuilder(program, "--version").start();
      process.getOutputStream().close();
      String words = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return words.lines().findFirst().orElse("QEMU of unknown version");
    } catch (IOException missing) {
      return "no QEMU here (" + program + " is missing), so nothing to compare with";
    }
  }

  boolean isPresent() {
    return version().startsWith("QEMU");
  }

  /** A guest on the usual PC. */
  List<String> pc(GuestBoot boot) {
    return linux(boot, "pc", boot.commandLine());
  }

  /**
   * A guest on the PC with PCI Express: it has a clock that guests can read, and as many CPUs as
   * one wants, each with a thread of its own.
   */
  List<String> q35(GuestBoot boot) {
    return linux(boot, "q35", boot.commandLine());
  }

  /**
   * A guest on the smallest machine that QEMU has, which spares the guest's kernel many devices. It
   * has one CPU, and no clock better than the timer's ticks.
   */
  List<String> microvm(GuestBoot boot) {
    return linux(
        boot,
        "microvm,acpi=off,x-option-roms=off,isa-serial=on,rtc=on",
        boot.commandLine() + " reboot=t");
  }

  /** A guest of {@code guests/bench}. */
  List<String> bare(Path image) {
    List<String> command = common(512);
    command.addAll(List.of("-device", "isa-debug-exit,iobase=0xf4,iosize=4"));
    command.addAll(List.of("-kernel", image.toString()));
    return command;
  }

  private List<String> linux(GuestBoot boot, String machine, String commandLine) {
    List<String> command = common(boot.memoryMebibytes());
    command.addAll(List.of("-M", machine, "-smp", "" + boot.cpus()));
    command.addAll(List.of("-kernel", boot.kernel().toString()));
    command.addAll(List.of("-initrd", boot.initrd().toString(), "-append", commandLine));
    return command;
  }

  private List<String> common(int memoryMebibytes) {
    return new ArrayList<>(
        List.of(
            program,
            "-accel",
            "tcg,thread=multi",
            "-cpu",
            "max",
            "-m",
            "" + memoryMebibytes,
            "-nodefaults",
            "-no-user-config",
            "-display",
            "none",
            "-serial",
            "stdio",
            "-no-reboot"));
  }
}
