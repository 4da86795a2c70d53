package org.maloca.x86.lockstep;

import java.util.Arrays;
import org.maloca.core.memory.HostMemory;

/**
 * The stores of the leading CPU, in order, which those of the following one must equal: where in
 * RAM, how many bytes, what. What is longer than 8 bytes counts as several. For one thread.
 */
final class StoreLog {
  private static final int WORD_BYTES = 8;
  private static final int ENTRY_LONGS = 3;

  private final long leaderRam;
  private final long followerRam;
  private long[] entries = new long[ENTRY_LONGS * 4096];
  private int written;
  private int read;

  /**
   * @param leaderRam host address of the leading CPU's RAM
   * @param followerRam host address of the following one's
   */
  StoreLog(long leaderRam, long followerRam) {
    this.leaderRam = leaderRam;
    this.followerRam = followerRam;
  }

  /** The leading CPU has stored. */
  void record(long ramOffset, int size) {
    for (int done = 0; done < size; done += WORD_BYTES) {
      int part = Math.min(size - done, WORD_BYTES);
      if (written == entries.length) {
        entries = Arrays.copyOf(entries, 2 * entries.length);
      }
      entries[written] = ramOffset + done;
      entries[written + 1] = part;
      entries[written + 2] = load(leaderRam + ramOffset + done, part);
      written += ENTRY_LONGS;
    }
  }

  /**
   * The following CPU has stored.
   *
   * @throws DivergenceException when the leading one did not, or something else
   */
  void check(long ramOffset, int size) {
    for (int done = 0; done < size; done += WORD_BYTES) {
      int part = Math.min(size - done, WORD_BYTES);
      checkPart(ramOffset + done, part, load(followerRam + ramOffset + done, part));
    }
  }

  private void checkPart(long ramOffset, int size, long value) {
    if (read == written) {
      throw new DivergenceException(
          "the following CPU alone stores " + text(ramOffset, size, value));
    }
    if (entries[read] != ramOffset || entries[read + 1] != size || entries[read + 2] != value) {
      throw new DivergenceException(
          "the leading CPU stores %s, the following one %s"
              .formatted(firstLeft(), text(ramOffset, size, value)));
    }
    read += ENTRY_LONGS;
  }

  private static long load(long host, int size) {
    return switch (size) {
      case 1 -> HostMemory.getByte(host) & 0xff;
      case 2 -> HostMemory.getShort(host) & 0xffff;
      case 4 -> HostMemory.getInt(host) & 0xffff_ffffL;
      case WORD_BYTES -> HostMemory.getLong(host);
      default -> loadBytes(host, size);
    };
  }

  private static long loadBytes(long host, int size) {
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | HostMemory.getByte(host + i) & 0xff;
    }
    return value;
  }

  /** Stores that the following CPU has not done. */
  int left() {
    return (written - read) / ENTRY_LONGS;
  }

  /** All stores of the leading CPU since both were the same. */
  int count() {
    return written / ENTRY_LONGS;
  }

  /** The first of those that are left, for people. */
  String firstLeft() {
    return text(entries[read], (int) entries[read + 1], entries[read + 2]);
  }

  /** Forgets what both have done: all. */
  void clear() {
    written = 0;
    read = 0;
  }

  private static String text(long ramOffset, int size, long value) {
    return "%d bytes to RAM at %#x: %#x".formatted(size, ramOffset, value);
  }
}
