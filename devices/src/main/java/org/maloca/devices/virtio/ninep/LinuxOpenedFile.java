package org.maloca.devices.virtio.ninep;

import static org.maloca.devices.virtio.ninep.ErrnoException.check;

import org.maloca.core.linux.LinuxCalls;
import org.maloca.core.memory.HostMemory;
import org.maloca.core.memory.IoVector;

/** A regular file or directory of a {@link LinuxFolder} that is open. */
final class LinuxOpenedFile implements OpenedFile {
  private static final int SEEK_SET = 0;

  // struct linux_dirent64
  private static final int D_INO = 0;
  private static final int D_OFF = 8;
  private static final int D_RECLEN = 16;
  private static final int D_TYPE = 18;
  private static final int D_NAME = 19;

  private final LinuxFolder folder;
  private final LinuxFile file;
  private final int fd;
  private final boolean isWritable;
  private byte[] name = {};

  /** Takes over a descriptor, or a reference to the file where it is the file's own. */
  LinuxOpenedFile(LinuxFolder folder, LinuxFile file, int fd, int flags) {
    this.folder = folder;
    this.file = file;
    this.fd = fd;
    isWritable = (flags & FileMode.O_ACCMODE) != 0;
  }

  @Override
  public long read(long offset, IoVector target) throws ErrnoException {
    return check(
        LinuxCalls.preadv(
            fd, folder.scratch.pieces(target), NativeScratch.pieceCount(target), offset));
  }

  @Override
  public long write(long offset, IoVector source) throws ErrnoException {
    return check(
        LinuxCalls.pwritev(
            fd, folder.scratch.pieces(source), NativeScratch.pieceCount(source), offset));
  }

  @Override
  public void setSize(long bytes) throws ErrnoException {
    if (isWritable) {
      check(LinuxCalls.ftruncate(fd, bytes));
    } else {
      file.setSize(bytes);
    }
  }

  @Override
  public void sync(boolean isDataOnly) throws ErrnoException {
    if (isDataOnly) {
      check(LinuxCalls.fdatasync(fd));
    } else {
      check(LinuxCalls.fsync(fd));
    }
  }

  @Override
  public void list(long offset, EntryTarget target) throws ErrnoException {
    check(LinuxCalls.lseek(fd, offset, SEEK_SET));
    if (name.length == 0) {
      name = new byte[Names.MAX_BYTES];
    }
    long entries = folder.scratch.entries;
    long end = entries + check(LinuxCalls.getdents(fd, entries, NativeScratch.ENTRIES_BYTES));
    for (long at = entries; at < end; at += HostMemory.getShort(at + D_RECLEN) & 0xffff) {
      int nameBytes = 0;
      while (nameBytes < name.length && HostMemory.getByte(at + D_NAME + nameBytes) != 0) {
        nameBytes++;
      }
      HostMemory.read(at + D_NAME, name, 0, nameBytes);
      long inode = HostMemory.getLong(at + D_INO);
      // What is above the folder is not the guest's business.
      boolean isUpFromRoot = LinuxFolder.isUp(name, nameBytes) && file.isSame(folder.root());
      if (!target.take(
          isUpFromRoot ? file.qidPath() : file.qidPathOf(inode),
          HostMemory.getLong(at + D_OFF),
          HostMemory.getByte(at + D_TYPE) & 0xff,
          name,
          nameBytes)) {
        return;
      }
    }
  }

  @Override
  public void close() {
    if (fd == file.fd) {
      file.release();
    } else {
      folder.release(fd);
    }
  }
}
