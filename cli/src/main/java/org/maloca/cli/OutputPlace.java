package org.maloca.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether a file or folder can be written where an option wants it, asked before the machine
 * starts: what is told at its end would be lost otherwise. Writes nothing itself.
 */
final class OutputPlace {
  private OutputPlace() {}

  /** Refuses a file that cannot be written. */
  static void requireFile(String option, Path file) throws CommandException {
    if (Files.isDirectory(file)) {
      throw refusal(option, file, "it is a folder");
    }
    if (!Files.exists(file)) {
      Path folder = file.toAbsolutePath().getParent();
      if (folder == null || !Files.isDirectory(folder)) {
        throw refusal(option, file, "there is no folder %s".formatted(folder));
      }
      requireWritable(option, file, folder);
    } else {
      requireWritable(option, file, file);
    }
  }

  /** Refuses a folder that cannot be written to, nor made. */
  static void requireFolder(String option, Path folder) throws CommandException {
    Path existing = folder.toAbsolutePath();
    while (!Files.exists(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    if (!Files.isDirectory(existing)) {
      throw refusal(option, folder, "%s is no folder".formatted(existing));
    }
    requireWritable(option, folder, existing);
  }

  private static void requireWritable(String option, Path wanted, Path existing)
      throws CommandException {
    if (!Files.isWritable(existing)) {
      throw refusal(option, wanted, "you may not write to %s".formatted(existing));
    }
  }

  private static CommandException refusal(String option, Path wanted, String why) {
    return CommandLineSpec.usage("%s: cannot write to %s: %s".formatted(option, wanted, why));
  }
}
