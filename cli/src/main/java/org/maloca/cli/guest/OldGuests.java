package org.maloca.cli.guest;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.HostFile;
import org.maloca.block.file.ImageFile;

/**
 * The guests of a folder that newer ones have replaced, what other versions of Maloca made for
 * those that are in use, and what is left of attempts to make some. Nothing is deleted that a
 * running machine uses, or that a named machine's disk is over.
 */
public final class OldGuests {
  private static final Pattern LINUX =
      Pattern.compile("(amd64-generic|amd64|i386)-(.+)-busybox-(.+)");

  /** Drivers were beside their guest's folder once; who uses them does not say so. */
  private static final String TREE_BESIDE = ".modules";

  private static final String OF_OTHERS = "made by another version of Maloca";
  private static final Pattern UNFINISHED = Pattern.compile("\\.(making|debian|current).+");
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm");

  private final Path folder;
  private final Path machines;
  private final boolean isAnyRunning;

  /**
   * Looks at nothing yet.
   *
   * @param machines the folder of all named machines
   * @param isAnyRunning whether a machine runs, perhaps of a Maloca that does not tell what it uses
   */
  OldGuests(Path folder, Path machines, boolean isAnyRunning) {
    this.folder = folder;
    this.machines = machines;
    this.isAnyRunning = isAnyRunning;
  }

  /** Those of the user's data folder. */
  public static OldGuests ofUser(boolean isAnyRunning) {
    Path data = DataFolder.locate();
    return new OldGuests(
        data.resolve(DebianLinuxGuest.FOLDER), data.resolve(MachineFolder.MACHINES), isAnyRunning);
  }

  /** All of them, with those that are to be kept. Waits for one who is making a guest. */
  public List<OldGuest> list(Progress progress) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (FolderLock lock = FolderLock.take(folder, progress)) {
      assert lock.isValid();
      return list();
    }
  }

  private List<OldGuest> list() throws IOException {
    List<OldGuest> old = new ArrayList<>();
    MadeDebian wanted = wantedDebian();
    try (Stream<Path> all = Files.list(folder)) {
      for (Path each : all.sorted().toList()) {
        String why = why(each, wanted);
        if (why != null) {
          old.add(new OldGuest(each, why, sizeBytes(each), keptFor(each)));
        } else if (LINUX.matcher(String.valueOf(each.getFileName())).matches()) {
          for (Path file : new LinuxGuestFolder(each).ofOthers().stream().sorted().toList()) {
            old.add(new OldGuest(file, OF_OTHERS, sizeBytes(file), keptFor(file)));
          }
        }
      }
    }
    return old;
  }

  /**
   * Deletes one of those, unless somebody has come to need it.
   *
   * @return whether it is gone
   */
  public boolean delete(OldGuest old, Progress progress) throws IOException {
    try (FolderLock lock = FolderLock.take(folder, progress)) {
      assert lock.isValid();
      Path path = old.path();
      if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        return true;
      }
      if (keptFor(path) != null) {
        return false;
      }
      if (isUnfinished(path)) {
        DebianRootTree.delete(path);
        return true;
      }
      Path guest = guest(path);
      return guest.equals(path) ? GuestUse.deleteUnused(guest) : GuestUse.deleteUnused(guest, path);
    }
  }

  /** The Debian that an unnamed machine would have: of our own making, or else the newest. */
  private @Nullable MadeDebian wantedDebian() throws IOException {
    List<MadeDebian> all = MadeDebian.all(folder);
    String ours = DebianGuest.recipe();
    return all.stream()
        .filter(made -> made.recipe().equals(ours))
        .findFirst()
        .orElse(all.isEmpty() ? null : all.getFirst());
  }

  /** Nothing for what is in use, or not ours to judge. */
  private @Nullable String why(Path file, @Nullable MadeDebian wantedDebian) throws IOException {
    String name = String.valueOf(file.getFileName());
    if (isUnfinished(file)) {
      return "left of an attempt to make a guest";
    }
    if (name.endsWith(TREE_BESIDE)) {
      return "drivers, where an earlier Maloca had them";
    }
    Matcher linux = LINUX.matcher(name);
    if (linux.matches()) {
      Path current = folder.resolve(linux.group(1) + DebianLinuxGuest.CURRENT);
      String newest = Files.isRegularFile(current) ? Files.readString(current).strip() : "";
      return newest.equals(name) ? null : "Linux %s, replaced".formatted(linux.group(2));
    }
    for (MadeDebian made : MadeDebian.all(folder)) {
      if (made.home().equals(file) && wantedDebian != null && !made.equals(wantedDebian)) {
        String time =
            TIME.format(Instant.ofEpochMilli(made.madeMillis()).atZone(ZoneId.systemDefault()));
        return made.recipe().equals(wantedDebian.recipe())
            ? "Debian of %s, replaced".formatted(time)
            : "Debian of %s, by another version of Maloca".formatted(time);
      }
    }
    return null;
  }

  private static boolean isUnfinished(Path file) {
    return UNFINISHED.matcher(String.valueOf(file.getFileName())).matches();
  }

  private @Nullable String keptFor(Path old) throws IOException {
    if (isUnfinished(old)) {
      return null;
    }
    List<String> over = MachineFolder.from(machines, old);
    if (!over.isEmpty()) {
      return "the disk of " + String.join(", ", over);
    }
    if (old.toString().endsWith(TREE_BESIDE)) {
      return isAnyRunning ? "any machine that runs now" : null;
    }
    return GuestUse.isUsed(guest(old)) ? "a running machine" : null;
  }

  /** The folder of the guest that something old belongs to, which may be all of it. */
  private Path guest(Path old) {
    Path parent = old.getParent();
    return parent == null || parent.equals(folder) ? old : parent;
  }

  private static long sizeBytes(Path tree) throws IOException {
    long[] bytes = {0};
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            bytes[0] += attributes.isRegularFile() ? allocatedBytes(file) : 0;
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure) {
            return FileVisitResult.CONTINUE;
          }
        });
    return bytes[0];
  }

  /** Nothing for what cannot be looked at, as in a half-made system. */
  private static long allocatedBytes(Path file) {
    try (ImageFile open =
        HostFile.open(file, HostFile.Option.READ_ONLY, HostFile.Option.UNLOCKED)) {
      return open.allocatedBytes();
    } catch (IOException hidden) {
      return 0;
    }
  }
}
