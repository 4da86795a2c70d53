package org.maloca.cli.bootdisk;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * A file of an ext file system: an inode, and where its blocks are, by a tree of extents (ext4) or
 * by tables of block numbers (ext2 and ext3). Not thread-safe.
 */
final class ExtFile {
  private static final int EXTENTS_FL = 0x80000;
  private static final int ENCRYPT_FL = 0x800;
  private static final int INLINE_DATA_FL = 0x10000000;

  private static final int S_IFMT = 0170000;
  private static final int S_IFLNK = 0120000;

  private static final int EXTENT_MAGIC = 0xf30a;
  private static final int EXTENT_BYTES = 12;
  private static final int MAX_DEPTH = 5;
  private static final int MAX_INITIALIZED = 32768;

  private static final int I_BLOCK = 0x28;
  private static final int I_BLOCK_BYTES = 60;
  private static final int DIRECT_BLOCKS = 12;

  private static final int COPY_BYTES = 1 << 20;

  /** Blocks that lie behind each other; {@code start} is 0 for a hole. */
  private record Run(long start, long blocks) {}

  private final ExtVolume volume;
  private final ByteBuffer inode;

  /**
   * @param inode its first 128 bytes
   */
  ExtFile(ExtVolume volume, ByteBuffer inode) {
    this.volume = volume;
    this.inode = inode;
  }

  /** Kind and permissions. */
  int mode() {
    return inode.getShort(0) & 0xffff;
  }

  long sizeBytes() {
    return (inode.getInt(4) & 0xffff_ffffL) | (inode.getInt(0x6c) & 0xffff_ffffL) << 32;
  }

  /**
   * Reads all of it.
   *
   * @throws IOException also when there is more than that many bytes
   */
  byte[] read(int maxBytes) throws IOException {
    requireAtMost(maxBytes);
    java.io.ByteArrayOutputStream content = new java.io.ByteArrayOutputStream();
    copyTo(content, maxBytes);
    return content.toByteArray();
  }

  private void requireAtMost(long maxBytes) throws IOException {
    if (sizeBytes() < 0 || sizeBytes() > maxBytes) {
      throw new IOException("a file of %d bytes".formatted(sizeBytes()));
    }
  }

  /** Copies all of it, as {@link #read}. */
  void copyTo(OutputStream target, long maxBytes) throws IOException {
    requireAtMost(maxBytes);
    int flags = inode.getInt(0x20);
    if ((flags & (ENCRYPT_FL | INLINE_DATA_FL)) != 0) {
      throw new IOException("a file that is encrypted, or kept in its inode");
    }
    long size = sizeBytes();
    boolean isShortLink =
        (mode() & S_IFMT) == S_IFLNK && size < I_BLOCK_BYTES && (flags & EXTENTS_FL) == 0;
    if (isShortLink) {
      target.write(inode.array(), I_BLOCK, (int) size);
      return;
    }
    int blockBytes = volume.blockBytes();
    byte[] zeros = new byte[blockBytes];
    for (long done = 0; done < size; ) {
      Run run = find(done / blockBytes);
      long length = Math.min(size - done, run.blocks * blockBytes);
      for (long end = done + length; done < end; ) {
        int piece = (int) Math.min(end - done, run.start == 0 ? blockBytes : COPY_BYTES);
        byte[] content = zeros;
        if (run.start != 0) {
          long offset = volume.block(run.start) + length - (end - done);
          content = volume.read(offset, piece).array();
        }
        target.write(content, 0, piece);
        done += piece;
      }
    }
  }

  /** Finds where a block is, and how many lie behind it. */
  private Run find(long block) throws IOException {
    ByteBuffer root = inode.slice(I_BLOCK, I_BLOCK_BYTES).order(inode.order());
    return (inode.getInt(0x20) & EXTENTS_FL) != 0
        ? findExtent(root, block)
        : new Run(findMapped(root, block), 1);
  }

  private Run findExtent(ByteBuffer root, long block) throws IOException {
    ByteBuffer node = root;
    for (int level = 0; level <= MAX_DEPTH; level++) {
      int entries = node.getShort(2) & 0xffff;
      int depth = node.getShort(6) & 0xffff;
      if ((node.getShort(0) & 0xffff) != EXTENT_MAGIC
          || (entries + 1) * EXTENT_BYTES > node.limit()) {
        break;
      }
      // The last one that begins at the block or before it.
      int chosen = 0;
      while (chosen < entries && key(node, chosen + 1) <= block) {
        chosen++;
      }
      if (depth == 0) {
        return leaf(node, chosen, entries, block);
      }
      if (chosen == 0) {
        return new Run(0, entries == 0 ? 1 : Math.max(1, key(node, 1) - block));
      }
      int at = chosen * EXTENT_BYTES;
      long child = (node.getInt(at + 4) & 0xffff_ffffL) | (node.getShort(at + 8) & 0xffffL) << 32;
      node = volume.read(volume.block(child), volume.blockBytes());
    }
    throw new IOException("a damaged tree of extents");
  }

  private static long key(ByteBuffer node, int entry) {
    return node.getInt(entry * EXTENT_BYTES) & 0xffff_ffffL;
  }

  private static Run leaf(ByteBuffer node, int chosen, int entries, long block) {
    long next = chosen < entries ? key(node, chosen + 1) : block + 1;
    if (chosen > 0) {
      int at = chosen * EXTENT_BYTES;
      long first = key(node, chosen);
      int length = node.getShort(at + 4) & 0xffff;
      boolean isWritten = length <= MAX_INITIALIZED;
      long blocks = isWritten ? length : length - MAX_INITIALIZED;
      long start = (node.getInt(at + 8) & 0xffff_ffffL) | (node.getShort(at + 6) & 0xffffL) << 32;
      if (block < first + blocks) {
        return new Run(isWritten ? start + block - first : 0, first + blocks - block);
      }
    }
    return new Run(0, Math.max(1, next - block));
  }

  /** Block numbers in the inode, then in tables of them, of tables, and of tables of those. */
  private long findMapped(ByteBuffer root, long block) throws IOException {
    if (block < DIRECT_BLOCKS) {
      return root.getInt((int) block * 4) & 0xffff_ffffL;
    }
    long perTable = volume.blockBytes() / 4;
    long rest = block - DIRECT_BLOCKS;
    long covered = perTable;
    for (int level = 0; level < 3; level++, covered *= perTable) {
      if (rest < covered) {
        long at = root.getInt((DIRECT_BLOCKS + level) * 4) & 0xffff_ffffL;
        for (long unit = covered / perTable; at != 0 && unit > 0; unit /= perTable) {
          ByteBuffer entry = volume.read(volume.block(at) + rest / unit * 4, 4);
          at = entry.getInt(0) & 0xffff_ffffL;
          rest %= unit;
        }
        return at;
      }
      rest -= covered;
    }
    throw new IOException("a file with too many blocks");
  }
}
