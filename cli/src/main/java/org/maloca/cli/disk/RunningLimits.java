package org.maloca.cli.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.maloca.block.limit.AccountedDisk;
import org.maloca.block.limit.DiskLimits;
import org.maloca.cli.control.ControlService;

/**
 * Lets {@code maloca disk limit} see and change the limits of a running machine's disks. A request
 * is {@code list}, {@code show PATH} or {@code set LIMITS PATH}, the answer what holds now: of all
 * disks, or of those that have the image.
 */
public final class RunningLimits implements ControlService {
  /** With which requests begin. */
  public static final String WORD = "limit";

  static final String LIST = "list";
  static final String SHOW = "show";
  static final String SET = "set";

  private static final String NONE = "none";

  private final List<Disk> disks;

  /** A disk, and its image's file. */
  public record Disk(Path file, AccountedDisk limited) {}

  /** Has those of a machine. */
  public RunningLimits(List<Disk> disks) {
    this.disks = List.copyOf(disks);
  }

  /**
   * Reads limits, as in {@code iops-rd=100,bps=1M}, or {@code none}.
   *
   * @throws IllegalArgumentException with a message for people
   */
  static DiskLimits parse(String text) {
    if (text.equals(NONE)) {
      return DiskLimits.NONE;
    }
    Map<String, String> options = new HashMap<>();
    for (String option : text.split(",", -1)) {
      int equals = option.indexOf('=');
      if (equals < 0) {
        throw new IllegalArgumentException(
            "'%s' is no limit, as iops=100 or bps-wr=1M; 'none' removes all".formatted(option));
      }
      if (options.put(option.substring(0, equals), option.substring(equals + 1)) != null) {
        throw new IllegalArgumentException(
            "'%s' is given twice".formatted(option.substring(0, equals)));
      }
    }
    DiskLimits limits = DiskLimits.take(options);
    if (!options.isEmpty()) {
      throw new IllegalArgumentException(
          "there is no limit '%s'".formatted(options.keySet().iterator().next()));
    }
    return limits;
  }

  static String text(DiskLimits limits) {
    return limits.isNone() ? NONE : limits.text();
  }

  @Override
  public Optional<String> answer(String request) throws IOException {
    if (request.equals(LIST)) {
      return Optional.of(
          String.join(
              "\n",
              disks.stream()
                  .map(disk -> "%s: %s".formatted(disk.file, text(disk.limited.limits())))
                  .toList()));
    }
    String[] words = request.split(" ", 2);
    if (words.length == 2 && words[0].equals(SHOW)) {
      return show(having(words[1]));
    }
    String[] setting = request.split(" ", 3);
    if (setting.length < 3 || !setting[0].equals(SET)) {
      throw ControlService.unknownRequest();
    }
    DiskLimits limits = parse(setting[1]);
    List<Disk> changed = having(setting[2]);
    changed.forEach(disk -> disk.limited.limit(limits));
    return show(changed);
  }

  private static Optional<String> show(List<Disk> shown) {
    return shown.isEmpty()
        ? Optional.empty()
        : Optional.of(text(shown.getFirst().limited.limits()));
  }

  /** The disks that have an image; more than one where nobody writes it. */
  private List<Disk> having(String path) throws IOException {
    Path wanted = Path.of(path);
    List<Disk> found = new ArrayList<>();
    for (Disk disk : disks) {
      try {
        if (Files.isSameFile(disk.file, wanted)) {
          found.add(disk);
        }
      } catch (NoSuchFileException deleted) {
        // Then it is not the one that was found under this name.
      }
    }
    return found;
  }
}
