package org.maloca.devices.virtio.ninep;

import static org.maloca.devices.virtio.ninep.ErrnoException.check;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.maloca.core.linux.LinuxCalls;
import org.maloca.core.linux.LinuxPaths;
import org.maloca.core.linux.LinuxProcess;
import org.maloca.core.linux.LocalFileSystems;
import org.maloca.core.linux.OpenFlags;
import org.maloca.core.memory.HostMemory;

/**
 * A shared folder on Linux. A file that the guest has a handle of is known by the directory that it
 * is in, its name there and its inode, and reached from the root's descriptor by {@code openat(2)}
 * of one component after the other with {@code O_NOFOLLOW}; whatever is not the inode that the
 * guest saw there is not used. What works on the file itself goes through a descriptor's entry in
 * {@code /proc/self/fd}, which leads to the inode and not to a name. So no link is followed, and
 * nothing that the guest or another process renames meanwhile leads out of the folder. A single
 * component needs no {@code openat2(2)} for that.
 */
final class LinuxFolder implements SharedFolder {
  private static final byte[] PROC_SELF_FD = "/proc/self/fd".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] UP = {'.', '.'};
  private static final int USUAL_UMASK = 0777;
  private static final int DIRECTORY =
      OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC;

  final NativeScratch scratch;
  final QidPaths qids = new QidPaths();

  /** What was looked at last. */
  final FileStatus found = new FileStatus();

  /** The same, when a file is about to be closed for a while. */
  final FileStatus parked = new FileStatus();

  /** Whether the folder's file system is one that has its disk, or memory, in this host. */
  final boolean isLocal;

  /** {@code /proc/self/fd}. */
  final int processDescriptors;

  final DescriptorTable descriptors;
  final FileTree tree;

  /** How to look at files whose status may be as old as they like. */
  final int lookFlags;

  /** Permissions that the kernel takes away from what this process makes. */
  final int umask;

  /** Whether files can be given to whom the guest says. */
  final boolean isPrivileged;

  private final Host host;
  private final Arena arena;
  private final int rootFd;
  private final LinuxFile root;

  private LinuxFolder(Host host, Arena arena, int rootFd) throws ErrnoException {
    this.host = host;
    this.arena = arena;
    this.rootFd = rootFd;
    scratch = new NativeScratch(arena);
    umask = host.umask;
    isPrivileged = LinuxProcess.geteuid() == 0;
    tree = new FileTree(host.maxPlaces);
    descriptors = new DescriptorTable(host.files, host.maxFiles);
    processDescriptors =
        check(LinuxPaths.openAt(LinuxPaths.AT_FDCWD, scratch.first(PROC_SELF_FD), DIRECTORY, 0));
    isLocal = host.isLocal;
    lookFlags = isLocal ? LinuxPaths.AT_STATX_DONT_SYNC : 0;
    root = LinuxFile.root(this, host.root, rootFd);
  }

  /** What is known of the folder and the process, for as many openings of it as there are. */
  private static final class Host {
    final FileStatus root = new FileStatus();
    final AtomicInteger files = new AtomicInteger();
    boolean isLocal;
    int maxFiles;
    int maxPlaces;
    int umask;
  }

  /** Whether this host has what it takes. */
  static boolean isUsable() {
    return LinuxCalls.areAvailable() && Files.isDirectory(Path.of("/proc/self/fd"));
  }

  static LinuxFolder open(Path folder, NinepConfig.Limits limits) throws IOException {
    byte[] path = folder.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8);
    Host host = new Host();
    host.umask = umask();
    int fd = -1;
    try (Arena arena = Arena.ofConfined()) {
      NativeScratch scratch = new NativeScratch(arena);
      host.maxFiles = Math.min(limits.files(), halfOfProcessLimit(scratch));
      host.maxPlaces = 2 * limits.fids();
      fd = check(LinuxPaths.openAt(LinuxPaths.AT_FDCWD, scratch.first(path), DIRECTORY, 0));
      LinuxFile.statx(fd, scratch.empty, LinuxPaths.AT_EMPTY_PATH, scratch, host.root);
      FolderStatus fileSystem = new FolderStatus();
      check(LinuxCalls.fstatfs(fd, scratch.status));
      StatxLayout.read(scratch.status, fileSystem);
      host.isLocal = LocalFileSystems.include(fileSystem.type);
      return open(host, fd);
    } catch (ErrnoException failure) {
      if (fd >= 0) {
        close(fd);
      }
      throw new IOException(folder + ": cannot be opened as a directory", failure);
    }
  }

  private static LinuxFolder open(Host host, int fd) throws ErrnoException {
    Arena arena = Arena.ofShared();
    try {
      return new LinuxFolder(host, arena, fd);
    } catch (ErrnoException failure) {
      arena.close();
      throw failure;
    }
  }

  @Override
  public LinuxFolder another() {
    int fd = -1;
    try {
      fd = check(LinuxCalls.fcntl(rootFd, LinuxCalls.F_DUPFD_CLOEXEC, 0));
      return open(host, fd);
    } catch (ErrnoException failure) {
      if (fd >= 0) {
        close(fd);
      }
      throw new IllegalStateException("the process has no file descriptor left", failure);
    }
  }

  private static int halfOfProcessLimit(NativeScratch scratch) throws ErrnoException {
    check(LinuxProcess.getrlimit(LinuxProcess.RLIMIT_NOFILE, scratch.status));
    long soft = HostMemory.getLong(scratch.status);
    return soft < 0 ? Integer.MAX_VALUE : (int) Math.min(soft / 2, Integer.MAX_VALUE);
  }

  /** Reading the umask by its system call would change it, for all threads. */
  private static int umask() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("Umask:")) {
          return Integer.parseInt(line.substring("Umask:".length()).strip(), 8);
        }
      }
    } catch (IOException | NumberFormatException unknown) {
      // Then permissions are set once more after everything that is made.
    }
    return USUAL_UMASK;
  }

  @Override
  public LinuxFile root() {
    return root;
  }

  /** Opens a descriptor for the guest. */
  int open(int directory, long path, int flags, int mode) throws ErrnoException {
    descriptors.acquire();
    try {
      return check(LinuxPaths.openAt(directory, path, flags, mode));
    } catch (ErrnoException failure) {
      descriptors.giveBack();
      throw failure;
    }
  }

  static boolean isUp(byte[] name, int bytes) {
    return bytes == UP.length && Arrays.equals(name, 0, bytes, UP, 0, UP.length);
  }

  private static void close(int fd) {
    int ignored = LinuxCalls.close(fd);
  }

  @Override
  public void close() {
    close(rootFd);
    close(processDescriptors);
    arena.close();
  }
}
