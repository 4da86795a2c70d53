package org.maloca.devices.virtio.ninep;

import static org.maloca.devices.virtio.ninep.ErrnoException.check;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.core.linux.Errno;
import org.maloca.core.linux.LinuxCalls;
import org.maloca.core.linux.LinuxPaths;
import org.maloca.core.linux.OpenFlags;
import org.maloca.core.memory.HostMemory;

/**
 * A file of a {@link LinuxFolder}. It has an {@code O_PATH} descriptor from when one is needed to
 * when descriptors run short; otherwise it is found again by its place, where nothing but the very
 * same inode will do.
 */
final class LinuxFile extends PlacedFile implements Descriptor {
  private static final int MAX_ATTEMPTS = 4;
  private static final int CLOSED = -1;
  private static final byte[] USER_NAMESPACE = "user.".getBytes(StandardCharsets.US_ASCII);

  private final LinuxFolder folder;
  private final int type;
  private final long device;
  private final long inode;
  private final long birthSeconds;
  private final long birthNanos;
  private final long qidPath;
  private int foundVersion;
  private int fd = CLOSED;
  private long lastUse;
  private int slot;

  /**
   * One of those that the guest has open, whose descriptor leads to the file as well as our own.
   */
  private @Nullable LinuxOpenedFile opened;

  LinuxFile(LinuxFolder folder, FileStatus found) {
    super(folder.tree);
    this.folder = folder;
    type = found.mode & FileMode.S_IFMT;
    device = found.device;
    inode = found.inode;
    birthSeconds = found.birthSeconds;
    birthNanos = found.birthNanos;
    foundVersion = found.version();
    qidPath = folder.qids.path(device, inode);
  }

  /** The folder itself, whose descriptor stays open. */
  static LinuxFile root(LinuxFolder folder, FileStatus found, int fd) {
    LinuxFile root = new LinuxFile(folder, found);
    root.fd = fd;
    return root;
  }

  static void statx(int fd, long name, int flags, NativeScratch scratch, FileStatus target)
      throws ErrnoException {
    check(LinuxPaths.statx(fd, name, flags, StatxLayout.STATX_WANTED, scratch.status));
    StatxLayout.read(scratch.status, target);
  }

  boolean isSame(LinuxFile other) {
    return inode == other.inode && device == other.device;
  }

  private boolean is(FileStatus found) {
    return inode == found.inode
        && device == found.device
        && birthSeconds == found.birthSeconds
        && birthNanos == found.birthNanos;
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
    super.retain();
    return this;
  }

  @Override
  void free() {
    if (fd != CLOSED) {
      closeOwn();
    }
  }

  private void closeOwn() {
    folder.descriptors.remove(this);
    folder.descriptors.close(fd);
    fd = CLOSED;
  }

  @Override
  public long lastUse() {
    return lastUse;
  }

  @Override
  public void park() {
    if (parent != null) {
      closeOwn();
    }
  }

  @Override
  public int slot() {
    return slot;
  }

  @Override
  public void setSlot(int newSlot) {
    slot = newSlot;
  }

  /**
   * A descriptor of the file, good until another one is asked for of more files than a request has.
   * Asks the kernel and so uses the scratch memory.
   */
  int fd() throws ErrnoException {
    lastUse = folder.descriptors.use();
    if (fd == CLOSED) {
      // From the last directory on the way that is open, which the folder itself always is.
      List<LinuxFile> way = new ArrayList<>();
      for (PlacedFile at = this;
          at instanceof LinuxFile here && here.fd == CLOSED;
          at = at.parent) {
        way.add(here);
      }
      for (LinuxFile here : way.reversed()) {
        here.open();
      }
    }
    return fd;
  }

  private void open() throws ErrnoException {
    if (!(parent instanceof LinuxFile directory)) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    directory.lastUse = folder.descriptors.use();
    lastUse = folder.descriptors.use();
    int how = OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW | OpenFlags.O_CLOEXEC;
    NativeScratch scratch = folder.scratch;
    int found = folder.open(directory.fd, scratch.first(name), how, 0);
    try {
      statx(
          found, scratch.empty, folder.lookFlags | LinuxPaths.AT_EMPTY_PATH, scratch, folder.found);
      if (!is(folder.found)) {
        // Somebody put another file there: this one's name is gone.
        throw ErrnoException.of(Errno.ENOENT);
      }
    } catch (ErrnoException failure) {
      folder.descriptors.close(found);
      throw failure;
    }
    fd = found;
    folder.descriptors.add(this);
  }

  /** As {@link #fd}, or that of an open file, for what goes by {@code /proc/self/fd}. */
  private int handle() throws ErrnoException {
    if (fd == CLOSED && opened != null && opened.isOpen()) {
      return opened.fd();
    }
    return fd();
  }

  /** The file is about to lose its name: what has fids of it must not need that. */
  private void hold() {
    try {
      int ignored = handle();
    } catch (ErrnoException lost) {
      // Then whoever still has a fid is told that it is stale.
    }
  }

  /** The guest has it open. */
  void setOpened(@Nullable LinuxOpenedFile newOpened) {
    opened = newOpened;
  }

  @Nullable LinuxOpenedFile opened() {
    return opened;
  }

  @Override
  public void status(FileStatus target) throws ErrnoException {
    NativeScratch scratch = folder.scratch;
    if (fd == CLOSED && parent instanceof LinuxFile directory && opened == null) {
      int directoryFd = directory.fd();
      int flags = LinuxPaths.AT_SYMLINK_NOFOLLOW;
      statx(directoryFd, scratch.first(name), flags, scratch, target);
      if (!is(target)) {
        throw ErrnoException.of(Errno.ENOENT);
      }
    } else {
      statx(handle(), scratch.empty, LinuxPaths.AT_EMPTY_PATH, scratch, target);
    }
  }

  @Override
  public void folderStatus(FolderStatus target) throws ErrnoException {
    check(LinuxCalls.fstatfs(handle(), folder.scratch.status));
    StatxLayout.read(folder.scratch.status, target);
  }

  @Override
  public LinuxFile walk(byte[] name) throws ErrnoException {
    if (type != FileMode.S_IFDIR) {
      throw ErrnoException.of(Errno.ENOTDIR);
    }
    return Names.isParent(name) ? above() : lookup(name);
  }

  /** The directory above, which is never above the root. */
  private LinuxFile above() throws ErrnoException {
    return isSame(folder.root()) ? folder.root().retain() : own(locate().directory());
  }

  /** What a name in this directory stands for, counted. */
  private LinuxFile lookup(byte[] wanted) throws ErrnoException {
    NativeScratch scratch = folder.scratch;
    FileStatus found = folder.found;
    int directory = fd();
    // A file system that was mounted in the folder may wait for another machine: it need not.
    int flags = folder.lookFlags | LinuxPaths.AT_SYMLINK_NOFOLLOW;
    statx(directory, scratch.first(wanted), flags, scratch, found);
    return found(wanted, found);
  }

  private LinuxFile found(byte[] wanted, FileStatus found) throws ErrnoException {
    if (folder.tree.find(this, wanted) instanceof LinuxFile known && known.is(found)) {
      known.foundVersion = found.version();
      return known.retain();
    }
    LinuxFile file = new LinuxFile(folder, found);
    folder.tree.place(file, this, wanted);
    return file;
  }

  @Override
  public Location locate() throws ErrnoException {
    if (this == folder.root()) {
      throw ErrnoException.of(Errno.EBUSY);
    }
    // Somebody may have moved it, or a directory on the way, out of the folder.
    PlacedFile at = this;
    while (at instanceof LinuxFile here && here != folder.root()) {
      here.checkPlace();
      at = here.parent;
    }
    if (parent == null || at != folder.root()) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    return new Location(parent.retain(), name);
  }

  private void checkPlace() throws ErrnoException {
    if (!(parent instanceof LinuxFile directory)) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    NativeScratch scratch = folder.scratch;
    int directoryFd = directory.fd();
    int flags = folder.lookFlags | LinuxPaths.AT_SYMLINK_NOFOLLOW;
    statx(directoryFd, scratch.first(name), flags, scratch, folder.found);
    if (!is(folder.found)) {
      throw ErrnoException.of(Errno.ENOENT);
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

  /** Opens the file itself, which neither its name nor a link can replace. */
  int reopen(int hostFlags) throws ErrnoException {
    int own = handle();
    return folder.open(folder.processDescriptors, folder.scratch.descriptor(own), hostFlags, 0);
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
    NativeScratch scratch = folder.scratch;
    int how = LinuxFlags.ofGuest(flags) | OpenFlags.O_NOFOLLOW | FileMode.O_CREAT | FileMode.O_EXCL;
    int directory = fd();
    int made = folder.open(directory, scratch.first(name), how, attributes.permissions());
    LinuxFile file = null;
    try {
      statx(made, scratch.empty, LinuxPaths.AT_EMPTY_PATH, scratch, folder.found);
      file = found(name, folder.found);
      file.finish(made, attributes);
      return new Created(file, new LinuxOpenedFile(folder, file, made, flags));
    } catch (ErrnoException failure) {
      folder.descriptors.close(made);
      if (file != null) {
        file.release();
      }
      throw failure;
    }
  }

  private Created openExisting(byte[] name, int flags) throws ErrnoException {
    LinuxFile file = lookup(name);
    try {
      return new Created(file, file.open(flags));
    } catch (ErrnoException failure) {
      file.release();
      throw failure;
    }
  }

  /** Gives a file that was just made the attributes that making it could not. */
  private void finish(int own, NewFile attributes) throws ErrnoException {
    boolean isGiven = folder.isPrivileged && (attributes.uid() != -1 || attributes.gid() != -1);
    if (isGiven) {
      chown(own, attributes.uid(), attributes.gid());
    }
    boolean isInherited = type == FileMode.S_IFDIR;
    if (type != FileMode.S_IFLNK
        && (isInherited || isGiven || (attributes.permissions() & folder.umask) != 0)) {
      chmod(own, attributes.permissions());
    }
  }

  private void finish(byte[] name, NewFile attributes) throws ErrnoException {
    LinuxFile made = lookup(name);
    try {
      made.finish(made.fd(), attributes);
    } finally {
      made.release();
    }
  }

  @Override
  public void makeDirectory(byte[] name, NewFile attributes) throws ErrnoException {
    int own = fd();
    check(LinuxPaths.mkdirAt(own, folder.scratch.first(name), attributes.permissions()));
    finish(name, attributes);
  }

  @Override
  public void makeSymbolicLink(byte[] name, byte[] target, NewFile attributes)
      throws ErrnoException {
    int own = fd();
    check(LinuxPaths.symlinkAt(folder.scratch.second(target), own, folder.scratch.first(name)));
    if (folder.isPrivileged) {
      finish(name, attributes);
    }
  }

  @Override
  public void makeNode(byte[] name, int nodeType, NewFile attributes) throws ErrnoException {
    int own = fd();
    int mode = nodeType | attributes.permissions();
    check(LinuxPaths.mknodAt(own, folder.scratch.first(name), mode, 0));
    finish(name, attributes);
  }

  @Override
  public void link(SharedFile file, byte[] name) throws ErrnoException {
    int linked = own(file).fd();
    int own = fd();
    check(
        LinuxPaths.linkAt(
            folder.processDescriptors,
            folder.scratch.descriptor(linked),
            own,
            folder.scratch.first(name),
            LinuxPaths.AT_SYMLINK_FOLLOW));
  }

  @Override
  public void rename(byte[] name, SharedFile newDirectory, byte[] newName) throws ErrnoException {
    LinuxFile target = own(newDirectory);
    if (folder.tree.find(target, newName) instanceof LinuxFile replaced) {
      replaced.hold();
    }
    int newFd = target.fd();
    int own = fd();
    check(
        LinuxPaths.renameAt(
            own, folder.scratch.first(name), newFd, folder.scratch.second(newName)));
    folder.tree.move(this, name, target, newName);
  }

  @Override
  public void unlink(byte[] name, boolean isDirectory) throws ErrnoException {
    PlacedFile known = folder.tree.find(this, name);
    if (known instanceof LinuxFile here) {
      here.hold();
    }
    int own = fd();
    int flags = isDirectory ? LinuxPaths.AT_REMOVEDIR : 0;
    check(LinuxPaths.unlinkAt(own, folder.scratch.first(name), flags));
    if (known != null) {
      folder.tree.displace(known);
    }
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
    int own = fd();
    long room = folder.scratch.pathRoom();
    long bytes =
        check(LinuxPaths.readlinkAt(own, folder.scratch.empty, room, NativeScratch.PATH_BYTES));
    return NativeScratch.bytes(room, bytes);
  }

  @Override
  public void setPermissions(int permissions) throws ErrnoException {
    if (type == FileMode.S_IFLNK) {
      throw ErrnoException.of(Errno.EOPNOTSUPP);
    }
    chmod(handle(), permissions);
  }

  private void chmod(int own, int permissions) throws ErrnoException {
    long entry = folder.scratch.descriptor(own);
    check(LinuxPaths.fchmodAt(folder.processDescriptors, entry, permissions, 0));
  }

  @Override
  public void setOwner(int uid, int gid) throws ErrnoException {
    // Without the right to give files away, all of them are the host's user's and stay so.
    if (folder.isPrivileged) {
      chown(handle(), uid, gid);
    }
  }

  private void chown(int own, int uid, int gid) throws ErrnoException {
    check(LinuxPaths.fchownAt(own, folder.scratch.empty, uid, gid, LinuxPaths.AT_EMPTY_PATH));
  }

  @Override
  public void setTimes(long accessSeconds, long accessNanos, long modifySeconds, long modifyNanos)
      throws ErrnoException {
    int own = handle();
    long times = folder.scratch.status;
    HostMemory.putLong(times, accessSeconds);
    HostMemory.putLong(times + 8, accessNanos);
    HostMemory.putLong(times + 16, modifySeconds);
    HostMemory.putLong(times + 24, modifyNanos);
    long entry = folder.scratch.descriptor(own);
    check(LinuxPaths.utimensAt(folder.processDescriptors, entry, times, 0));
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
      folder.descriptors.close(writable);
    }
  }

  @Override
  public byte[] extendedAttribute(byte[] name) throws ErrnoException {
    if (!isOfUser(name, 0)) {
      throw ErrnoException.of(Errno.ENODATA);
    }
    int own = handle();
    long room = folder.scratch.attribute;
    long bytes =
        check(
            LinuxPaths.getxattr(
                folder.scratch.descriptorPath(own),
                folder.scratch.first(name),
                room,
                NativeScratch.ATTRIBUTE_BYTES));
    return NativeScratch.bytes(room, bytes);
  }

  @Override
  public byte[] extendedAttributeNames() throws ErrnoException {
    int own = handle();
    long room = folder.scratch.attribute;
    long bytes =
        check(
            LinuxPaths.listxattr(
                folder.scratch.descriptorPath(own), room, NativeScratch.ATTRIBUTE_BYTES));
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
    int own = handle();
    HostMemory.write(folder.scratch.attribute, value, 0, value.length);
    check(
        LinuxPaths.setxattr(
            folder.scratch.descriptorPath(own),
            folder.scratch.first(name),
            folder.scratch.attribute,
            value.length,
            flags));
  }

  @Override
  public void removeExtendedAttribute(byte[] name) throws ErrnoException {
    checkOfUser(name);
    int own = handle();
    check(LinuxPaths.removexattr(folder.scratch.descriptorPath(own), folder.scratch.first(name)));
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
