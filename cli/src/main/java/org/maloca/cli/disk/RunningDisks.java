package org.maloca.cli.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.maloca.cli.control.ControlService;
import org.maloca.cli.control.MachineSilence;
import org.maloca.cli.control.RunningMachine;
import org.maloca.core.backend.BlockBackend;

/**
 * Lets {@code maloca disk resize} reach the disks of a machine that runs, which nobody else may
 * open. A request is a size and the image's path; the answer is the new size in bytes.
 */
public final class RunningDisks implements ControlService {
  /** With which requests begin. */
  public static final String WORD = "resize";

  private final List<Disk> disks;

  /** A disk that may grow, and its image's file. */
  public record Disk(Path file, BlockBackend backend) {}

  /** Has those of a machine. */
  public RunningDisks(List<Disk> disks) {
    this.disks = List.copyOf(disks);
  }

  /**
   * Has the machine that uses an image change the size of its disk.
   *
   * @param folder where machines are found
   * @return the new size, or nothing when no machine that can be asked has the image
   * @throws IOException when the machine refuses
   */
  static OptionalLong resize(Path folder, Path image, DiskSize size) throws IOException {
    String request = "%s %s".formatted(size.text(), image.toRealPath());
    for (RunningMachine machine : RunningMachine.all(folder)) {
      Optional<String> answer = ask(machine, request);
      if (answer.isPresent()) {
        return OptionalLong.of(Long.parseLong(answer.get()));
      }
    }
    return OptionalLong.empty();
  }

  private static Optional<String> ask(RunningMachine machine, String request) throws IOException {
    try {
      return machine.ask(WORD, request);
    } catch (MachineSilence stopped) {
      // If it is this one that has the image, its lock says so.
      return Optional.empty();
    }
  }

  @Override
  public Optional<String> answer(String arguments) throws IOException {
    String[] sizeAndPath = arguments.split(" ", 2);
    if (sizeAndPath.length < 2) {
      throw ControlService.unknownRequest();
    }
    Path wanted = Path.of(sizeAndPath[1]);
    for (Disk disk : disks) {
      if (isSame(disk.file, wanted)) {
        return Optional.of("" + resize(disk.backend, DiskSize.parse(sizeAndPath[0])));
      }
    }
    return Optional.empty();
  }

  private static boolean isSame(Path file, Path wanted) throws IOException {
    try {
      return Files.isSameFile(file, wanted);
    } catch (NoSuchFileException deleted) {
      return false;
    }
  }

  /** One after another: a size may be relative to the one before. */
  private synchronized long resize(BlockBackend disk, DiskSize size) throws IOException {
    long before = disk.sizeBytes();
    long after = size.after(before);
    if (after < before) {
      throw new IOException("a machine uses the disk, which can only be made larger now");
    }
    disk.resize(after);
    disk.flush();
    return disk.sizeBytes();
  }
}
