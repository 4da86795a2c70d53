package org.maloca.devices.virtio.ninep;

import static org.maloca.devices.virtio.ninep.ErrnoException.check;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.maloca.core.linux.Errno;
import org.maloca.core.linux.LinuxCalls;
import org.maloca.core.linux.LinuxPaths;
import org.maloca.core.linux.OpenFlags;
import org.maloca.core.memory.HostMemory;

/** A file of a {@link LinuxFolder}, by a descriptor that may do no more than name it. */
final class LinuxFile implements SharedFile {
  private static final int MAX_ATTEMPTS = 4;
  private static final byte[] USER_NAMESPACE = "user.".getBytes(StandardCharsets.US_ASCII);

  final int fd;

  private final LinuxFolder folder;
  private final int type;
  private final long device;
  private final long inode;
  private final long qidPath;
  private final int foundVersion;
  private int references = 1;

  private LinuxFile(LinuxFolder folder, int fd, FileStatus found) {
    this.folder = folder;
    this.fd = fd;
    type = found.mode & FileMode.S_IFMT;
    device = found.device;
    inode = found.inode;
    foundVersion = found.version();
    qidPath = folder.qids.path(device, inode);
  }

  /** Takes a descriptor over; who opened it closes it when this fails. */
  static LinuxFile of(LinuxFolder folder, int fd) throws ErrnoException {
    // A file system that was mounted in the folder may wait for another machine: it need not.
    int flags = LinuxPaths.AT_EMPTY_PATH | LinuxPaths.AT_STATX_DONT_SYNC;
    statx(fd, flags, folder.scratch, folder.found);
    return known(folder, fd, folder.found);
  }

  /** As {@link #of}, of a file that has been looked at. */
  static LinuxFile known(LinuxFolder folder, int fd, FileStatus found) {
    return new LinuxFile(folder, fd, found);
  }

  static void statx(int fd, int flags, NativeScratch scratch, FileStatus target)
      throws ErrnoException {
    check(LinuxPaths.statx(fd, scratch.empty, flags, StatxLayout.STATX_WANTED, scratch.status));
    StatxLayout.read(scratch.status, target);
  }

  boolean isSame(LinuxFile other) {
    return inode == other.inode && device == other.device;
  }

  @Override
  public int type() {
    return type;
  }

  @Override
  public long qidPath() {
    return qidPath;
  }

  /** As {@link #qidPath}, of another inode on the same file system. */
  long qidPathOf(long otherInode) {
    return folder.qids.path(device, otherInode);
  }

  @Override
  public int foundVersion() {
    return foundVersion;
  }

  @Override
  public boolean isQuick() {
    return folder.isLocal && device == folder.root().device;
  }

  @Override
  public LinuxFile retain() {
    references++;
    return this;
  }

  @Override
  public void release() {
    if (--references == 0) {
      folder.release(fd);
    }
  }

  @Override
  public void status(FileStatus target) throws ErrnoException {
    statx(fd, LinuxPaths.AT_EMPTY_PATH, folder.scratch, target);
  }

  @Override
  public void folderStatus(FolderStatus target) throws ErrnoException {
    long status = folder.scratch.status;
    check(LinuxCalls.fstatfs(fd, status));
    StatxLayout.read(status, target);
  }

  @Override
  public LinuxFile walk(byte[] name) throws ErrnoException {
    if (type != FileMode.S_IFDIR) {
      throw ErrnoException.of(Errno.ENOTDIR);
    }
    return Names.isParent(name) ? folder.parent(this) : folder.lookup(this, name);
  }

  @Override
  public Location locate() throws ErrnoException {
    Location location = folder.locate(this);
    try {
      LinuxFile now = folder.lookup(own(location.directory()), location.name());
      boolean isHere = isSame(now);
      now.release();
      if (!isHere) {
        throw ErrnoException.of(Errno.ENOENT);
      }
      return location;
    } catch (ErrnoException gone) {
      location.directory().release();
      throw gone;
    }
  }

  @Override
  public OpenedFile open(int flags) throws ErrnoException {
    // Opening anything else may wait for ever or do things to the host's devices.
    if (type != FileMode.S_IFREG && type != FileMode.S_IFDIR) {
      throw ErrnoException.of(type == FileMode.S_IFLNK ? Errno.ELOOP : Errno.EPERM);
    }
    return new LinuxOpenedFile(folder, this, reopen(LinuxFlags.ofGuest(flags)), flags);
  }

  private int reopen(int hostFlags) throws ErrnoException {
    return folder.open(folder.descriptors, folder.scratch.descriptor(fd), hostFlags, 0);
  }

  @Override
  public Created create(byte[] name, int flags, NewFile attributes) throws ErrnoException {
    for (int i = 0; i < MAX_ATTEMPTS; i++) {
      try {
        return createNew(name, flags, attributes);
      } catch (ErrnoException failure) {
        if (failure.errno() != Errno.EEXIST || (flags & FileMode.O_EXCL) != 0) {
          throw failure;
        }
      }
      try {
        return openExisting(name, flags);
      } catch (ErrnoException failure) {
        if (failure.errno() != Errno.ENOENT) {
          throw failure;
        }
      }
    }
    // Somebody makes and removes it all the time.
    throw ErrnoException.of(Errno.ESTALE);
  }

  private Created createNew(byte[] name, int flags, NewFile attributes) throws ErrnoException {
    int how = LinuxFlags.ofGuest(flags) | OpenFlags.O_NOFOLLOW | FileMode.O_CREAT | FileMode.O_EXCL;
    int made = folder.open(fd, folder.scratch.first(name), how, attributes.permissions());
    try {
      LinuxFile file = of(folder, made);
      file.finish(attributes);
      return new Created(file, new LinuxOpenedFile(folder, file.retain(), made, flags));
    } catch (ErrnoException failure) {
      folder.release(made);
      throw failure;
    }
  }

  private Created openExisting(byte[] name, int flags) throws ErrnoException {
    LinuxFile file = folder.lookup(this, name);
    try {
      return new Created(file, file.open(flags));
    } catch (ErrnoException failure) {
      file.release();
      throw failure;
    }
  }

  /** Gives a file that was just made the attributes that making it could not. */
  private void finish(NewFile attributes) throws ErrnoException {
    boolean isGiven = folder.isPrivileged && (attributes.uid() != -1 || attributes.gid() != -1);
    if (isGiven) {
      chown(attributes.uid(), attributes.gid());
    }
    boolean isInherited = type == FileMode.S_IFDIR;
    if (type != FileMode.S_IFLNK
        && (isInherited || isGiven || (attributes.permissions() & folder.umask) != 0)) {
      setPermissions(attributes.permissions());
    }
  }

  private void finish(byte[] name, NewFile attributes) throws ErrnoException {
    LinuxFile made = folder.lookup(this, name);
    try {
      made.finish(attributes);
    } finally {
      made.release();
    }
  }

  @Override
  public void makeDirectory(byte[] name, NewFile attributes) throws ErrnoException {
    check(LinuxPaths.mkdirAt(fd, folder.scratch.first(name), attributes.permissions()));
    finish(name, attributes);
  }

  @Override
  public void makeSymbolicLink(byte[] name, byte[] target, NewFile attributes)
      throws ErrnoException {
    check(LinuxPaths.symlinkAt(folder.scratch.second(target), fd, folder.scratch.first(name)));
    if (folder.isPrivileged) {
      finish(name, attributes);
    }
  }

  @Override
  public void makeNode(byte[] name, int nodeType, NewFile attributes) throws ErrnoException {
    check(
        LinuxPaths.mknodAt(fd, folder.scratch.first(name), nodeType | attributes.permissions(), 0));
    finish(name, attributes);
  }

  @Override
  public void link(SharedFile file, byte[] name) throws ErrnoException {
    check(
        LinuxPaths.linkAt(
            folder.descriptors,
            folder.scratch.descriptor(own(file).fd),
            fd,
            folder.scratch.first(name),
            LinuxPaths.AT_SYMLINK_FOLLOW));
  }

  @Override
  public void rename(byte[] name, SharedFile newDirectory, byte[] newName) throws ErrnoException {
    check(
        LinuxPaths.renameAt(
            fd, folder.scratch.first(name), own(newDirectory).fd, folder.scratch.second(newName)));
  }

  @Override
  public void unlink(byte[] name, boolean isDirectory) throws ErrnoException {
    check(
        LinuxPaths.unlinkAt(
            fd, folder.scratch.first(name), isDirectory ? LinuxPaths.AT_REMOVEDIR : 0));
  }

  /** A file that the guest named beside this one; a snapshot may have lost it. */
  private static LinuxFile own(SharedFile file) throws ErrnoException {
    if (file instanceof LinuxFile here) {
      return here;
    }
    throw ErrnoException.of(Errno.ESTALE);
  }

  @Override
  public byte[] readLink() throws ErrnoException {
    if (type != FileMode.S_IFLNK) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    long room = folder.scratch.pathRoom();
    long bytes =
        check(LinuxPaths.readlinkAt(fd, folder.scratch.empty, room, NativeScratch.PATH_BYTES));
    return NativeScratch.bytes(room, bytes);
  }

  @Override
  public void setPermissions(int permissions) throws ErrnoException {
    if (type == FileMode.S_IFLNK) {
      throw ErrnoException.of(Errno.EOPNOTSUPP);
    }
    check(LinuxPaths.fchmodAt(folder.descriptors, folder.scratch.descriptor(fd), permissions, 0));
  }

  @Override
  public void setOwner(int uid, int gid) throws ErrnoException {
    // Without the right to give files away, all of them are the host's user's and stay so.
    if (folder.isPrivileged) {
      chown(uid, gid);
    }
  }

  private void chown(int uid, int gid) throws ErrnoException {
    check(LinuxPaths.fchownAt(fd, folder.scratch.empty, uid, gid, LinuxPaths.AT_EMPTY_PATH));
  }

  @Override
  public void setTimes(long accessSeconds, long accessNanos, long modifySeconds, long modifyNanos)
      throws ErrnoException {
    long times = folder.scratch.status;
    HostMemory.putLong(times, accessSeconds);
    HostMemory.putLong(times + 8, accessNanos);
    HostMemory.putLong(times + 16, modifySeconds);
    HostMemory.putLong(times + 24, modifyNanos);
    check(LinuxPaths.utimensAt(folder.descriptors, folder.scratch.descriptor(fd), times, 0));
  }

  @Override
  public void setSize(long bytes) throws ErrnoException {
    if (type != FileMode.S_IFREG) {
      throw ErrnoException.of(type == FileMode.S_IFDIR ? Errno.EISDIR : Errno.EINVAL);
    }
    int writable = reopen(FileMode.O_WRONLY | OpenFlags.O_CLOEXEC);
    try {
      check(LinuxCalls.ftruncate(writable, bytes));
    } finally {
      folder.release(writable);
    }
  }

  @Override
  public byte[] extendedAttribute(byte[] name) throws ErrnoException {
    if (!isOfUser(name, 0)) {
      throw ErrnoException.of(Errno.ENODATA);
    }
    long room = folder.scratch.attribute;
    long bytes =
        check(
            LinuxPaths.getxattr(
                folder.scratch.descriptorPath(fd),
                folder.scratch.first(name),
                room,
                NativeScratch.ATTRIBUTE_BYTES));
    return NativeScratch.bytes(room, bytes);
  }

  @Override
  public byte[] extendedAttributeNames() throws ErrnoException {
    long room = folder.scratch.attribute;
    long bytes =
        check(
            LinuxPaths.listxattr(
                folder.scratch.descriptorPath(fd), room, NativeScratch.ATTRIBUTE_BYTES));
    byte[] all = NativeScratch.bytes(room, bytes);
    int kept = 0;
    for (int at = 0, next; at < all.length; at = next) {
      next = at;
      while (next < all.length && all[next] != 0) {
        next++;
      }
      next = Math.min(next + 1, all.length);
      if (isOfUser(all, at)) {
        System.arraycopy(all, at, all, kept, next - at);
        kept += next - at;
      }
    }
    return Arrays.copyOf(all, kept);
  }

  @Override
  public void setExtendedAttribute(byte[] name, byte[] value, int flags) throws ErrnoException {
    checkOfUser(name);
    HostMemory.write(folder.scratch.attribute, value, 0, value.length);
    check(
        LinuxPaths.setxattr(
            folder.scratch.descriptorPath(fd),
            folder.scratch.first(name),
            folder.scratch.attribute,
            value.length,
            flags));
  }

  @Override
  public void removeExtendedAttribute(byte[] name) throws ErrnoException {
    checkOfUser(name);
    check(LinuxPaths.removexattr(folder.scratch.descriptorPath(fd), folder.scratch.first(name)));
  }

  /** The other name spaces mean something to the host: capabilities, labels, access lists. */
  private static void checkOfUser(byte[] name) throws ErrnoException {
    if (!isOfUser(name, 0)) {
      throw ErrnoException.of(Errno.EOPNOTSUPP);
    }
  }

  private static boolean isOfUser(byte[] names, int at) {
    int end = at + USER_NAMESPACE.length;
    return end <= names.length
        && Arrays.equals(names, at, end, USER_NAMESPACE, 0, USER_NAMESPACE.length);
  }
}
