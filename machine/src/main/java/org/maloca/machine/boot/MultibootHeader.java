package org.maloca.machine.boot;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The header of a multiboot image (Multiboot Specification 0.6.96, 3.1). Addresses are zero unless
 * {@link #hasAddresses}.
 *
 * @param offset where in the file it starts
 */
record MultibootHeader(
    int offset,
    int flags,
    long headerAddress,
    long loadAddress,
    long loadEndAddress,
    long bssEndAddress,
    long entryAddress) {
  static final int SEARCH_BYTES = 8192;

  private static final int MAGIC = 0x1badb002;
  private static final int FLAG_ADDRESSES = 1 << 16;
  private static final int REQUIRED_FLAGS = 0xffff;

  /** Page-aligned modules and memory information, always given; a video mode is not promised. */
  private static final int UNDERSTOOD_FLAGS = 0x7;

  /** Finds it in the file's start, or answers null. */
  static @Nullable MultibootHeader find(ImageFile file, ByteBuffer head) throws BootException {
    for (int at = 0; at + 12 <= head.limit(); at += 4) {
      int flags = head.getInt(at + 4);
      if (head.getInt(at) == MAGIC && MAGIC + flags + head.getInt(at + 8) == 0) {
        return parse(file, head, at, flags);
      }
    }
    return null;
  }

  private static MultibootHeader parse(ImageFile file, ByteBuffer head, int at, int flags)
      throws BootException {
    if ((flags & REQUIRED_FLAGS & ~UNDERSTOOD_FLAGS) != 0) {
      throw file.problem(
          "the multiboot header asks for features that are not known (flags %#x)".formatted(flags));
    }
    if ((flags & FLAG_ADDRESSES) == 0) {
      return new MultibootHeader(at, flags, 0, 0, 0, 0, 0);
    }
    if (at + 32 > head.limit()) {
      throw file.problem("truncated: the multiboot header is cut off");
    }
    return new MultibootHeader(
        at,
        flags,
        head.getInt(at + 12) & 0xffff_ffffL,
        head.getInt(at + 16) & 0xffff_ffffL,
        head.getInt(at + 20) & 0xffff_ffffL,
        head.getInt(at + 24) & 0xffff_ffffL,
        head.getInt(at + 28) & 0xffff_ffffL);
  }

  /** Whether the header itself says where to load, whatever the file's format. */
  boolean hasAddresses() {
    return (flags & FLAG_ADDRESSES) != 0;
  }
}
