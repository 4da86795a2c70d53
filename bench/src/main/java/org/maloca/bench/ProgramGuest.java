package org.maloca.bench;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.maloca.cli.guest.AptRepository;
import org.maloca.cli.guest.CpioArchive;
import org.maloca.cli.guest.GuestException;
import org.maloca.cli.guest.PackageArchive;
import org.maloca.cli.guest.Progress;

/**
 * Makes the root file systems of guests that run programs of Debian. What comes from packages is
 * kept in a folder, by the names of the packages; deleting the folder has newer ones fetched.
 */
final class ProgramGuest {
  /** Runs the scripts. */
  private static final String SHELL_PACKAGE = "dash";

  /** What no program reads while it works. */
  private static final Pattern UNNEEDED =
      Pattern.compile("usr/share/(doc|man|info|locale|lintian|bug|zoneinfo)(/.*)?");

  private final Path init;
  private final Path kept;
  private final Progress progress;

  /**
   * Prepares.
   *
   * @param init process 1, as a program
   * @param kept the folder
   */
  ProgramGuest(Path init, Path kept, Progress progress) {
    this.init = init;
    this.kept = kept;
    this.progress = progress;
  }

  /** Writes the initrd for a program: an archive of its packages, and behind it one of ours. */
  void writeInitrd(Program program, Path target) throws IOException, GuestException {
    Path packages = packages(program);
    try (OutputStream output = new BufferedOutputStream(Files.newOutputStream(target), 1 << 16)) {
      Files.copy(packages, output);
      CpioArchive archive = new CpioArchive(output);
      addSystem(archive);
      archive.directory("data", 0755);
      if (program.textMebibytes() > 0) {
        archive.file("data/text", 0644, SampleText.ofBytes(program.textMebibytes() << 20));
      }
      archive.directory("program", 0755);
      for (Path file : program.files()) {
        add(archive, "program/" + file.getFileName(), file);
      }
      archive.close();
    }
  }

  private Path packages(Program program) throws IOException, GuestException {
    List<String> names = new ArrayList<>(program.packages());
    names.add(SHELL_PACKAGE);
    Path archive = kept.resolve(String.join("+", names.stream().distinct().toList()) + ".cpio");
    if (!Files.exists(archive)) {
      Path downloads = Files.createDirectories(kept.resolve("packages"));
      Path unfinished = Files.createTempFile(kept, "making", null);
      progress.step("making a root file system for " + program.name());
      new PackageArchive(AptRepository.host(), downloads, progress)
          .write(names, path -> !UNNEEDED.matcher(path).matches(), unfinished);
      Files.move(unfinished, archive, StandardCopyOption.ATOMIC_MOVE);
    }
    return archive;
  }

  private void addSystem(CpioArchive archive) throws IOException {
    for (String folder : List.of("dev", "proc", "tmp")) {
      archive.directory(folder, folder.equals("tmp") ? 01777 : 0755);
    }
    archive.characterDevice("dev/console", 0600, 5, 1);
    archive.characterDevice("dev/null", 0666, 1, 3);
    archive.characterDevice("dev/zero", 0666, 1, 5);
    archive.characterDevice("dev/urandom", 0666, 1, 9);
    archive.file("init", 0755, Files.readAllBytes(init));
  }

  private static void add(CpioArchive archive, String path, Path file) throws IOException {
    if (!Files.isDirectory(file)) {
      archive.file(path, 0644, Files.readAllBytes(file));
      return;
    }
    archive.directory(path, 0755);
    try (Stream<Path> members = Files.list(file)) {
      for (Path member : members.sorted().toList()) {
        add(archive, path + "/" + member.getFileName(), member);
      }
    }
  }
}
