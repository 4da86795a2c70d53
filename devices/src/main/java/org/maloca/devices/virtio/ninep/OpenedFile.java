package org.maloca.devices.virtio.ninep;

import org.maloca.core.memory.IoVector;

/**
 * A file or directory that a fid has open. Goes on to work when the file has lost its last name.
 * Not thread-safe.
 */
interface OpenedFile {
  /**
   * Reads into all of the target, as far as the file goes.
   *
   * @return bytes read, 0 at the file's end
   */
  long read(long offset, IoVector target) throws ErrnoException;

  /**
   * Writes, at the file's end when it was opened to append.
   *
   * @return bytes written
   */
  long write(long offset, IoVector source) throws ErrnoException;

  void setSize(long bytes) throws ErrnoException;

  void sync(boolean isDataOnly) throws ErrnoException;

  /**
   * Lists a directory from a position on, as long as the target takes entries.
   *
   * @param offset 0, or what came with the last entry that was taken
   */
  void list(long offset, EntryTarget target) throws ErrnoException;

  void close();

  /** Takes a directory's entries. */
  interface EntryTarget {
    /**
     * Takes an entry.
     *
     * @param nextOffset position of the entry behind it
     * @param type as in {@code struct dirent}
     * @param name bytes, of which {@code nameBytes} count; reused afterwards
     * @return false when there is no room for it
     */
    boolean take(long qidPath, long nextOffset, int type, byte[] name, int nameBytes)
        throws ErrnoException;
  }
}
