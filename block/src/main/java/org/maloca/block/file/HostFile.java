package org.maloca.block.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import org.maloca.core.linux.LinuxCalls;

/**
 * Opens files of the host for images: on Linux by its system calls, straight from and to the memory
 * of the guest; elsewhere through a {@link java.nio.channels.FileChannel}.
 *
 * <p>A file is locked as QEMU locks its images (see {@link LinuxImageLock}): many may read at once,
 * or one may write. Elsewhere than on Linux the lock is among Maloca's processes only.
 */
public final class HostFile {
  private HostFile() {}

  /** How to open a file. Without any, an existing file is opened to read and write, and locked. */
  public enum Option {
    /** Refuse writes; others may read too. */
    READ_ONLY,
    /** Make the file; it must not be there yet. */
    CREATE_NEW,
    /** Make the file, or empty the one that is there once nobody else has it open. */
    CREATE,
    /** Go around the host's page cache ({@code O_DIRECT}) where the host can. */
    DIRECT,
    /** Never wait for the disk: a flush does nothing, and a loss of power may lose everything. */
    NEVER_FLUSH,
    /** Take no lock, and look for none: for looking at an image that a machine uses. */
    UNLOCKED
  }

  /**
   * Opens a file or block device.
   *
   * @throws ImageInUseException when another machine has it open in a way that excludes this one
   * @throws java.nio.file.NoSuchFileException when it is not there
   * @throws java.nio.file.FileAlreadyExistsException when {@link Option#CREATE_NEW} finds one
   */
  public static ImageFile open(Path path, Option... options) throws IOException {
    Set<Option> set = Set.of(options);
    return LinuxCalls.areAvailable() ? LinuxFile.open(path, set) : ChannelFile.open(path, set);
  }
}
