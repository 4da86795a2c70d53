package org.maloca.devices.virtio.ninep;

/**
 * A file, directory, link or other inode of the shared folder, held so that it stays the same one
 * whatever becomes of its name. Names are single ones, checked by {@link Names}; nothing follows a
 * symbolic link.
 *
 * <p>Counted: one reference to who got it, further ones by {@link #retain}. Operations throw the
 * host's error number. Not thread-safe; the server calls under its lock.
 */
interface SharedFile {
  /** One of {@link FileMode}'s {@code S_IF} constants. */
  int type();

  /** Unique in the folder, also over its file systems. */
  long qidPath();

  /** As part of a qid, when the file was found: see {@link FileStatus#version}. */
  int foundVersion();

  /** Whether operations on it wait for nobody but the host's own disks. */
  boolean isQuick();

  SharedFile retain();

  void release();

  void status(FileStatus target) throws ErrnoException;

  void folderStatus(FolderStatus target) throws ErrnoException;

  /** What a name in this directory stands for; {@code ..} is the directory above, in the folder. */
  SharedFile walk(byte[] name) throws ErrnoException;

  /** Where the file is now. */
  Location locate() throws ErrnoException;

  /** Opens a regular file or a directory. */
  OpenedFile open(int flags) throws ErrnoException;

  /** Opens a regular file in this directory and makes it where it does not exist. */
  Created create(byte[] name, int flags, NewFile attributes) throws ErrnoException;

  void makeDirectory(byte[] name, NewFile attributes) throws ErrnoException;

  void makeSymbolicLink(byte[] name, byte[] target, NewFile attributes) throws ErrnoException;

  /** Makes an empty regular file, a FIFO or a socket's name. */
  void makeNode(byte[] name, int type, NewFile attributes) throws ErrnoException;

  /** Gives a file one more name, in this directory. */
  void link(SharedFile file, byte[] name) throws ErrnoException;

  void rename(byte[] name, SharedFile newDirectory, byte[] newName) throws ErrnoException;

  void unlink(byte[] name, boolean isDirectory) throws ErrnoException;

  byte[] readLink() throws ErrnoException;

  void setPermissions(int permissions) throws ErrnoException;

  /** Sets owner and group, where they are not -1 and the host lets us. */
  void setOwner(int uid, int gid) throws ErrnoException;

  /** Sets times; nanoseconds may be {@link #NOW} or {@link #OMIT}. */
  void setTimes(long accessSeconds, long accessNanos, long modifySeconds, long modifyNanos)
      throws ErrnoException;

  /** Makes a regular file longer or shorter. */
  void setSize(long bytes) throws ErrnoException;

  byte[] extendedAttribute(byte[] name) throws ErrnoException;

  /** Names of extended attributes, each with a zero behind it. */
  byte[] extendedAttributeNames() throws ErrnoException;

  /** Sets an extended attribute; flags are those of {@code setxattr(2)}. */
  void setExtendedAttribute(byte[] name, byte[] value, int flags) throws ErrnoException;

  void removeExtendedAttribute(byte[] name) throws ErrnoException;

  /** The host's time, in place of nanoseconds ({@code utimensat(2)}). */
  long NOW = (1 << 30) - 1;

  /** Leave the time as it is, in place of nanoseconds. */
  long OMIT = (1 << 30) - 2;

  /**
   * Where a file is.
   *
   * @param directory counted for whoever asked
   */
  record Location(SharedFile directory, byte[] name) {}

  /**
   * What {@link #create} opened.
   *
   * @param file counted for whoever asked
   */
  record Created(SharedFile file, OpenedFile opened) {}

  /**
   * Attributes of a file to be made.
   *
   * @param permissions exactly these, whatever the host's umask
   * @param uid of the guest's user, used only where the host's user may give files away
   */
  record NewFile(int permissions, int uid, int gid) {}
}
