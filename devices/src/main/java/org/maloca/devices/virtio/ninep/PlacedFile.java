package org.maloca.devices.virtio.ninep;

import org.jspecify.annotations.Nullable;

/**
 * A file of a shared folder that is known by its place: the directory that it is in, which is known
 * the same way, and its name there. What the guest renames keeps up with that; what it removes has
 * no place any more.
 *
 * <p>All fids of a file at one place share the object, so that there are no more of them than files
 * on the ways to what the guest has fids of. Not thread-safe.
 */
abstract class PlacedFile implements SharedFile {
  private final FileTree tree;

  /** Null of the root, and of what has no place. */
  @Nullable PlacedFile parent;

  byte[] name = {};

  /** In {@link FileTree}'s bucket. */
  @Nullable PlacedFile next;

  private int references = 1;

  PlacedFile(FileTree tree) {
    this.tree = tree;
  }

  @Override
  public PlacedFile retain() {
    references++;
    return this;
  }

  @Override
  public void release() {
    // In a loop, since a guest can make its tree as deep as it likes.
    for (PlacedFile at = this; at != null && --at.references == 0; ) {
      PlacedFile directory = at.parent;
      tree.remove(at);
      at.free();
      at = directory;
    }
  }

  /** Gives back what the host keeps for it; nobody uses it any more. */
  abstract void free();
}
