package org.maloca.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Maloca as its launcher starts it.
 *
 * @param launcher the script at the repository's root
 * @param engine of the CPU: interpreter or translator
 */
record Maloca(Path launcher, String engine) {
  private static final Duration BUILD_PATIENCE = Duration.ofMinutes(10);

  /** Builds what is stale, and what speeds up later starts, outside of any measurement. */
  void build() throws IOException, InterruptedException {
    try (TimedProcess build =
        new TimedProcess(List.of(launcher.toString(), "help"), BUILD_PATIENCE)) {
      build.awaitEnd();
    }
  }

  /** How to start a guest; further options may follow. */
  List<String> command(GuestBoot boot) {
    List<String> command = new ArrayList<>(List.of(launcher.toString(), "run"));
    command.addAll(List.of("--kernel", boot.kernel().toString()));
    command.addAll(List.of("--initrd", boot.initrd().toString(), "--append", boot.commandLine()));
    command.addAll(List.of("--memory", boot.memoryMebibytes() + "M", "--cpus", "" + boot.cpus()));
    command.addAll(List.of("--engine", engine, "--no-reboot"));
    return command;
  }
}
