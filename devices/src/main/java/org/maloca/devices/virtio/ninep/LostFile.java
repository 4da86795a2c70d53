package org.maloca.devices.virtio.ninep;

import org.maloca.core.linux.Errno;

/** In place of a file that a snapshot knew and the host has no more: every use is ESTALE. */
record LostFile(long qidPath) implements SharedFile {
  private static ErrnoException stale() {
    return ErrnoException.of(Errno.ESTALE);
  }

  @Override
  public int type() {
    return FileMode.S_IFREG;
  }

  @Override
  public int foundVersion() {
    return 1;
  }

  @Override
  public boolean isQuick() {
    return true;
  }

  @Override
  public SharedFile retain() {
    return this;
  }

  @Override
  public void release() {}

  @Override
  public void status(FileStatus target) throws ErrnoException {
    throw stale();
  }

  @Override
  public void folderStatus(FolderStatus target) throws ErrnoException {
    throw stale();
  }

  @Override
  public SharedFile walk(byte[] name) throws ErrnoException {
    throw stale();
  }

  @Override
  public Location locate() throws ErrnoException {
    throw stale();
  }

  @Override
  public OpenedFile open(int flags) throws ErrnoException {
    throw stale();
  }

  @Override
  public Created create(byte[] name, int flags, NewFile attributes) throws ErrnoException {
    throw stale();
  }

  @Override
  public void makeDirectory(byte[] name, NewFile attributes) throws ErrnoException {
    throw stale();
  }

  @Override
  public void makeSymbolicLink(byte[] name, byte[] target, NewFile attributes)
      throws ErrnoException {
    throw stale();
  }

  @Override
  public void makeNode(byte[] name, int type, NewFile attributes) throws ErrnoException {
    throw stale();
  }

  @Override
  public void link(SharedFile file, byte[] name) throws ErrnoException {
    throw stale();
  }

  @Override
  public void rename(byte[] name, SharedFile newDirectory, byte[] newName) throws ErrnoException {
    throw stale();
  }

  @Override
  public void unlink(byte[] name, boolean isDirectory) throws ErrnoException {
    throw stale();
  }

  @Override
  public byte[] readLink() throws ErrnoException {
    throw stale();
  }

  @Override
  public void setPermissions(int permissions) throws ErrnoException {
    throw stale();
  }

  @Override
  public void setOwner(int uid, int gid) throws ErrnoException {
    throw stale();
  }

  @Override
  public void setTimes(long accessSeconds, long accessNanos, long modifySeconds, long modifyNanos)
      throws ErrnoException {
    throw stale();
  }

  @Override
  public void setSize(long bytes) throws ErrnoException {
    throw stale();
  }

  @Override
  public byte[] extendedAttribute(byte[] name) throws ErrnoException {
    throw stale();
  }

  @Override
  public byte[] extendedAttributeNames() throws ErrnoException {
    throw stale();
  }

  @Override
  public void setExtendedAttribute(byte[] name, byte[] value, int flags) throws ErrnoException {
    throw stale();
  }

  @Override
  public void removeExtendedAttribute(byte[] name) throws ErrnoException {
    throw stale();
  }
}
