package org.maloca.cli.guest;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which guests are in use. For each that it uses a process has a byte of the file {@code .in-use}
 * beside the guests' folders locked, shared with others, and whoever deletes a guest has its byte
 * alone. The host ends a lock with its process, however that ends. Safe for any thread.
 */
final class GuestUse {
  private static final String FILE = ".in-use";

  /**
   * By the guests' parent. They stay open: with any channel of a file that is closed a process
   * loses all of its locks on that file (fcntl(2)).
   */
  private static final Map<Path, FileChannel> FILES = new HashMap<>();

  /** What this process uses; the host does not tell a process of its own locks. */
  private static final Set<Path> USED = new HashSet<>();

  private GuestUse() {}

  /**
   * Has a guest stay as long as this process, if it is there. Waits while somebody deletes it, so
   * that whether it is there is to be found out afterwards.
   *
   * @param guest its folder
   */
  static synchronized void begin(Path guest) throws IOException {
    Path name = guest.getFileName();
    Path parent = guest.toAbsolutePath().getParent();
    if (name == null || parent == null || !Files.isDirectory(parent)) {
      return;
    }
    Path folder = parent.toRealPath();
    if (USED.contains(folder.resolve(name))) {
      return;
    }
    FileChannel file = open(folder);
    if (file != null) {
      FileLock lock = file.lock(position(name), 1, true);
      assert lock.isShared();
    }
    USED.add(folder.resolve(name));
  }

  /**
   * Deletes a guest unless somebody uses it.
   *
   * @param guest its folder, which is gone at once for whoever looks for it
   * @return whether it is gone
   */
  static boolean deleteUnused(Path guest) throws IOException {
    Path trash =
        Files.createTempDirectory(guest.toRealPath().getParent(), DebianLinuxGuest.UNFINISHED);
    try {
      return moveUnused(guest, trash.resolve("guest"));
    } finally {
      DebianRootTree.delete(trash);
    }
  }

  /**
   * Deletes a file of a guest unless somebody uses the guest.
   *
   * @return whether it is gone
   */
  static synchronized boolean deleteUnused(Path guest, Path file) throws IOException {
    try (FileLock alone = tryAlone(guest)) {
      if (alone != null) {
        Files.deleteIfExists(file);
      }
      return alone != null;
    }
  }

  private static synchronized boolean moveUnused(Path guest, Path target) throws IOException {
    try (FileLock alone = tryAlone(guest)) {
      if (alone != null) {
        Files.move(guest, target, StandardCopyOption.ATOMIC_MOVE);
      }
      return alone != null;
    }
  }

  /** Whether some process uses a guest at this moment. */
  static synchronized boolean isUsed(Path guest) throws IOException {
    try (FileLock alone = tryAlone(guest)) {
      return alone == null;
    }
  }

  private static @Nullable FileLock tryAlone(Path guest) throws IOException {
    Path real = guest.toRealPath();
    FileChannel file = USED.contains(real) ? null : open(Objects.requireNonNull(real.getParent()));
    return file == null ? null : file.tryLock(position(real.getFileName()), 1, false);
  }

  /** Nothing where the user may not write: there nobody of the same rights deletes guests. */
  private static @Nullable FileChannel open(Path folder) throws IOException {
    FileChannel file = FILES.get(folder);
    if (file == null && Files.isWritable(folder)) {
      file =
          FileChannel.open(
              folder.resolve(FILE),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      FILES.put(folder, file);
    }
    return file;
  }

  /** All versions of Maloca agree on this. Two guests of one place are used or free together. */
  private static long position(Path name) {
    return name.toString().hashCode() & 0xffff_ffffL;
  }
}
