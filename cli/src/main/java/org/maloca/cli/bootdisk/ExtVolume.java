package org.maloca.cli.bootdisk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Files of an ext2, ext3 or ext4 file system, to be read only (the Linux kernel's documentation,
 * "ext4 Data Structures and Algorithms"). A journal that was not replayed is not looked at: files
 * are as they were last written to their own blocks. Not thread-safe.
 */
final class ExtVolume {
  private static final int SUPERBLOCK = 1024;
  private static final int EXT_MAGIC = 0xef53;
  private static final int ROOT_INODE = 2;

  private static final int INCOMPAT_FILETYPE = 0x2;
  private static final int INCOMPAT_RECOVER = 0x4;
  private static final int INCOMPAT_EXTENTS = 0x40;
  private static final int INCOMPAT_64BIT = 0x80;
  private static final int INCOMPAT_MMP = 0x100;
  private static final int INCOMPAT_FLEX_BG = 0x200;
  private static final int INCOMPAT_EA_INODE = 0x400;
  private static final int INCOMPAT_CSUM_SEED = 0x2000;
  private static final int INCOMPAT_LARGEDIR = 0x4000;
  private static final int READABLE =
      INCOMPAT_FILETYPE
          | INCOMPAT_RECOVER
          | INCOMPAT_EXTENTS
          | INCOMPAT_64BIT
          | INCOMPAT_MMP
          | INCOMPAT_FLEX_BG
          | INCOMPAT_EA_INODE
          | INCOMPAT_CSUM_SEED
          | INCOMPAT_LARGEDIR;

  private static final int S_IFMT = 0170000;
  private static final int S_IFLNK = 0120000;
  private static final int S_IFDIR = 0040000;
  private static final int S_IFREG = 0100000;

  private static final int MAX_LINKS = 10;
  private static final int MAX_LINK_BYTES = 4096;
  private static final int MAX_DIRECTORY_BYTES = 16 << 20;

  private final DiskReader bytes;
  private final int blockBytes;
  private final long firstDataBlock;
  private final long inodes;
  private final long inodesPerGroup;
  private final int inodeBytes;
  private final int descriptorBytes;

  private ExtVolume(DiskReader bytes, ByteBuffer superblock) throws IOException {
    this.bytes = bytes;
    int logBlock = superblock.getInt(0x18);
    inodes = superblock.getInt(0) & 0xffff_ffffL;
    firstDataBlock = superblock.getInt(0x14) & 0xffff_ffffL;
    inodesPerGroup = superblock.getInt(0x28) & 0xffff_ffffL;
    boolean isDynamic = superblock.getInt(0x4c) > 0;
    inodeBytes = isDynamic ? superblock.getShort(0x58) & 0xffff : 128;
    int incompatible = isDynamic ? superblock.getInt(0x60) : 0;
    boolean is64Bit = (incompatible & INCOMPAT_64BIT) != 0;
    descriptorBytes = is64Bit ? superblock.getShort(0xfe) & 0xffff : 32;
    if ((incompatible & ~READABLE) != 0) {
      throw new IOException(
          "an ext4 file system with features that are not read here (0x%x)"
              .formatted(incompatible & ~READABLE));
    }
    if (logBlock < 0
        || logBlock > 6
        || inodesPerGroup == 0
        || inodeBytes < 128
        || inodeBytes > 1024 << logBlock
        || descriptorBytes < (is64Bit ? 64 : 32)
        || descriptorBytes > 1024) {
      throw new IOException("a damaged ext4 file system");
    }
    blockBytes = 1024 << logBlock;
  }

  /** Opens a file system, if there is one. */
  static Optional<ExtVolume> open(DiskReader bytes) throws IOException {
    if (bytes.sizeBytes() < 2 * SUPERBLOCK) {
      return Optional.empty();
    }
    ByteBuffer superblock = bytes.read(SUPERBLOCK, SUPERBLOCK);
    return (superblock.getShort(0x38) & 0xffff) == EXT_MAGIC
        ? Optional.of(new ExtVolume(bytes, superblock))
        : Optional.empty();
  }

  /** Finds a regular file by its path from the root; links are followed within the volume. */
  Optional<ExtFile> file(String path) throws IOException {
    return find(path).filter(inode -> (inode.mode() & S_IFMT) == S_IFREG);
  }

  /** The names in a directory, with the numbers of their inodes; none where there is no such. */
  Map<String, Long> list(String path) throws IOException {
    Optional<ExtFile> directory = find(path).filter(inode -> (inode.mode() & S_IFMT) == S_IFDIR);
    return directory.isPresent() ? entries(directory.get()) : Map.of();
  }

  private Optional<ExtFile> find(String path) throws IOException {
    String rest = path;
    // The path of the directory that has been reached, which links are relative to.
    String parent = "";
    ExtFile here = inode(ROOT_INODE);
    for (int links = 0; ; ) {
      rest = rest.replaceFirst("^/+", "");
      if (rest.isEmpty()) {
        return Optional.of(here);
      }
      int slash = rest.indexOf('/');
      String name = slash < 0 ? rest : rest.substring(0, slash);
      rest = slash < 0 ? "" : rest.substring(slash);
      if ((here.mode() & S_IFMT) != S_IFDIR) {
        return Optional.empty();
      }
      Long number = entries(here).get(name);
      if (number == null) {
        return Optional.empty();
      }
      ExtFile next = inode(number);
      if ((next.mode() & S_IFMT) == S_IFLNK) {
        if (++links > MAX_LINKS) {
          throw new IOException("%s: too many links".formatted(path));
        }
        String target = new String(next.read(MAX_LINK_BYTES), StandardCharsets.UTF_8);
        rest = (target.startsWith("/") ? target : parent + "/" + target) + rest;
        here = inode(ROOT_INODE);
        parent = "";
      } else {
        here = next;
        parent = parent + "/" + name;
      }
    }
  }

  /** Reads a directory; the blocks of a hashed index look like deleted entries (section 4.2). */
  private Map<String, Long> entries(ExtFile directory) throws IOException {
    ByteBuffer content =
        ByteBuffer.wrap(directory.read(MAX_DIRECTORY_BYTES))
            .order(java.nio.ByteOrder.LITTLE_ENDIAN);
    Map<String, Long> entries = new LinkedHashMap<>();
    for (int at = 0; at + 8 <= content.limit(); ) {
      long inode = content.getInt(at) & 0xffff_ffffL;
      int length = content.getShort(at + 4) & 0xffff;
      int nameBytes = content.get(at + 6) & 0xff;
      if (length == 0 || length == 0xffff) {
        length = 1 << 16;
      }
      if (length < 8 + nameBytes || length > content.limit() - at) {
        throw new IOException("a damaged directory");
      }
      if (inode != 0) {
        byte[] name = Arrays.copyOfRange(content.array(), at + 8, at + 8 + nameBytes);
        entries.put(new String(name, StandardCharsets.UTF_8), inode);
      }
      at += length;
    }
    return entries;
  }

  private ExtFile inode(long number) throws IOException {
    if (number < 1 || number > inodes) {
      throw new IOException("there is no inode %d".formatted(number));
    }
    long group = (number - 1) / inodesPerGroup;
    ByteBuffer descriptor =
        bytes.read(
            (firstDataBlock + 1) * blockBytes + group * descriptorBytes,
            Math.min(descriptorBytes, 64));
    long table = descriptor.getInt(8) & 0xffff_ffffL;
    if (descriptorBytes >= 64) {
      table |= (descriptor.getInt(0x28) & 0xffff_ffffL) << 32;
    }
    long offset = block(table) + (number - 1) % inodesPerGroup * inodeBytes;
    return new ExtFile(this, bytes.read(offset, 128));
  }

  int blockBytes() {
    return blockBytes;
  }

  ByteBuffer read(long offset, int length) throws IOException {
    return bytes.read(offset, length);
  }

  /** Where a block begins. */
  long block(long number) throws IOException {
    if (number < 0 || number > bytes.sizeBytes() / blockBytes) {
      throw new IOException("there is no block %d".formatted(number));
    }
    return number * blockBytes;
  }
}
