package org.maloca.devices.virtio.ninep;

import static org.maloca.devices.virtio.ninep.ErrnoException.check;

import org.maloca.core.linux.LinuxCalls;
import org.maloca.core.linux.LinuxPaths;
import org.maloca.core.memory.HostMemory;
import org.maloca.core.memory.IoVector;

/**
 * A regular file or directory of a {@link LinuxFolder} that is open; a regular one's descriptor is
 * closed when descriptors run short, and opened again when it is needed.
 */
final class LinuxOpenedFile implements OpenedFile, Descriptor {
  private static final int CLOSED = -1;
  private static final int OWNER_READS_AND_WRITES = 0600;

  // struct linux_dirent64
  private static final int D_INO = 0;
  private static final int D_OFF = 8;
  private static final int D_RECLEN = 16;
  private static final int D_TYPE = 18;
  private static final int D_NAME = 19;

  private final LinuxFolder folder;
  private final LinuxFile file;
  private final int hostFlags;
  private final boolean isWritable;
  private int fd;
  private long lastUse;
  private int slot;
  private byte[] name = {};

  /** Takes over a descriptor. */
  LinuxOpenedFile(LinuxFolder folder, LinuxFile file, int fd, int flags) {
    this.folder = folder;
    this.file = file;
    this.fd = fd;
    isWritable = (flags & FileMode.O_ACCMODE) != 0;
    hostFlags = LinuxFlags.ofGuest(flags & ~FileMode.O_TRUNC);
    lastUse = folder.descriptors.use();
    folder.descriptors.add(this);
    if (file.opened() == null) {
      file.setOpened(this);
    }
  }

  boolean isOpen() {
    return fd != CLOSED;
  }

  int fd() throws ErrnoException {
    lastUse = folder.descriptors.use();
    if (fd == CLOSED) {
      fd = file.reopen(hostFlags);
      folder.descriptors.add(this);
    }
    return fd;
  }

  @Override
  public long lastUse() {
    return lastUse;
  }

  @Override
  public void park() {
    if (file.parent != null && file.type() == FileMode.S_IFREG && canBeOpenedAgain()) {
      closeOwn();
    }
  }

  /** A file may have been made with permissions by which its owner cannot open it any more. */
  private boolean canBeOpenedAgain() {
    try {
      NativeScratch scratch = folder.scratch;
      int flags = LinuxPaths.AT_EMPTY_PATH | LinuxPaths.AT_STATX_DONT_SYNC;
      LinuxFile.statx(fd, scratch.empty, flags, scratch, folder.parked);
      int permissions = folder.parked.mode & OWNER_READS_AND_WRITES;
      return folder.isPrivileged || permissions == OWNER_READS_AND_WRITES;
    } catch (ErrnoException unknown) {
      return false;
    }
  }

  private void closeOwn() {
    folder.descriptors.remove(this);
    folder.descriptors.close(fd);
    fd = CLOSED;
  }

  @Override
  public int slot() {
    return slot;
  }

  @Override
  public void setSlot(int newSlot) {
    slot = newSlot;
  }

  @Override
  public long read(long offset, IoVector target) throws ErrnoException {
    int own = fd();
    return check(
        LinuxCalls.preadv(
            own, folder.scratch.pieces(target), NativeScratch.pieceCount(target), offset));
  }

  @Override
  public long write(long offset, IoVector source) throws ErrnoException {
    int own = fd();
    return check(
        LinuxCalls.pwritev(
            own, folder.scratch.pieces(source), NativeScratch.pieceCount(source), offset));
  }

  @Override
  public void setSize(long bytes) throws ErrnoException {
    if (isWritable) {
      check(LinuxCalls.ftruncate(fd(), bytes));
    } else {
      file.setSize(bytes);
    }
  }

  @Override
  public void sync(boolean isDataOnly) throws ErrnoException {
    if (isDataOnly) {
      check(LinuxCalls.fdatasync(fd()));
    } else {
      check(LinuxCalls.fsync(fd()));
    }
  }

  @Override
  public void list(long offset, EntryTarget target) throws ErrnoException {
    check(LinuxCalls.lseek(fd(), offset, LinuxCalls.SEEK_SET));
    if (name.length == 0) {
      name = new byte[Names.MAX_BYTES];
    }
    long entries = folder.scratch.entries;
    long end = entries + check(LinuxCalls.getdents(fd(), entries, NativeScratch.ENTRIES_BYTES));
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
    if (file.opened() == this) {
      file.setOpened(null);
    }
    if (fd != CLOSED) {
      closeOwn();
    }
  }
}
