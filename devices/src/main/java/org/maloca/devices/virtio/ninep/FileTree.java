package org.maloca.devices.virtio.ninep;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.maloca.core.linux.Errno;

/**
 * The files of a shared folder that are in use, by their places: a hash table with chains. A placed
 * file holds a reference to its directory. Not thread-safe.
 */
final class FileTree {
  private static final int FIRST_BUCKETS = 64;

  private final int maxFiles;
  private @Nullable PlacedFile[] buckets = new @Nullable PlacedFile[FIRST_BUCKETS];
  private int count;

  FileTree(int maxFiles) {
    this.maxFiles = maxFiles;
  }

  /** The file at a place; not counted. Null when none is known there. */
  @Nullable PlacedFile find(PlacedFile directory, byte[] name) {
    PlacedFile at = buckets[bucket(directory, name)];
    while (at != null && !isAt(at, directory, name)) {
      at = at.next;
    }
    return at;
  }

  private static boolean isAt(PlacedFile file, PlacedFile directory, byte[] name) {
    return file.parent == directory && Arrays.equals(file.name, name);
  }

  private int bucket(@Nullable PlacedFile directory, byte[] name) {
    int hash = 31 * System.identityHashCode(directory) + Arrays.hashCode(name);
    return (hash ^ hash >>> 16) & buckets.length - 1;
  }

  /** Puts a file that has no place at one, in place of one that was known there. */
  void place(PlacedFile file, PlacedFile directory, byte[] name) throws ErrnoException {
    if (count >= maxFiles) {
      throw ErrnoException.of(Errno.EMFILE);
    }
    PlacedFile before = find(directory, name);
    if (before != null) {
      displace(before);
    }
    directory.retain();
    insert(file, directory, name);
  }

  private void insert(PlacedFile file, PlacedFile directory, byte[] name) {
    if (count >= buckets.length) {
      grow();
    }
    file.parent = directory;
    file.name = name;
    int bucket = bucket(directory, name);
    file.next = buckets[bucket];
    buckets[bucket] = file;
    count++;
  }

  private void grow() {
    @Nullable PlacedFile[] old = buckets;
    buckets = new @Nullable PlacedFile[2 * old.length];
    for (PlacedFile chain : old) {
      for (PlacedFile at = chain; at != null; ) {
        PlacedFile rest = at.next;
        int bucket = bucket(at.parent, at.name);
        at.next = buckets[bucket];
        buckets[bucket] = at;
        at = rest;
      }
    }
  }

  /** The file has lost its place, or goes; the reference to its directory stays with the caller. */
  void remove(PlacedFile file) {
    if (file.parent == null) {
      return;
    }
    int bucket = bucket(file.parent, file.name);
    PlacedFile before = null;
    PlacedFile at = buckets[bucket];
    while (at != null && at != file) {
      before = at;
      at = at.next;
    }
    if (before == null) {
      buckets[bucket] = file.next;
    } else {
      before.next = file.next;
    }
    file.next = null;
    file.parent = null;
    count--;
  }

  /** The file's name is gone, or another file's. */
  void displace(PlacedFile file) {
    PlacedFile directory = file.parent;
    remove(file);
    if (directory != null) {
      directory.release();
    }
  }

  /** A file, if it is known, has got another place. */
  void move(PlacedFile directory, byte[] name, PlacedFile newDirectory, byte[] newName) {
    PlacedFile file = find(directory, name);
    PlacedFile replaced = find(newDirectory, newName);
    if (replaced != null && replaced != file) {
      displace(replaced);
    }
    if (file != null) {
      remove(file);
      newDirectory.retain();
      insert(file, newDirectory, newName);
      directory.release();
    }
  }
}
