package org.maloca.x86.lockstep;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.maloca.core.memory.MemoryMap;

/**
 * What a CPU got from outside itself and gave there, in order: recorded by the leading CPU and
 * played back to the following one, which must ask for the same and give the same. For one thread.
 */
final class InputLog {
  /** Kinds of entries. */
  enum Kind {
    PORT_READ,
    PORT_WRITE,
    MEMORY_READ,
    MEMORY_WRITE,
    MSR_READ,
    MSR_WRITE,
    PRIORITY_READ,
    PRIORITY_WRITE,
    TIME,
    RANDOM,
    EXCEPTION,
    MAP
  }

  /** Kind, two numbers that tell what was accessed, the value. */
  private static final int ENTRY_LONGS = 4;

  private static final Kind[] KINDS = Kind.values();

  private final List<MemoryMap> maps = new ArrayList<>();
  private long[] entries = new long[ENTRY_LONGS * 1024];
  private int written;
  private int read;

  /** Nothing is recorded, and what is asked for is not played back, while state is copied. */
  boolean paused;

  void record(Kind kind, long what, long detail, long value) {
    if (paused) {
      return;
    }
    if (written == entries.length) {
      entries = Arrays.copyOf(entries, 2 * entries.length);
    }
    entries[written] = kind.ordinal();
    entries[written + 1] = what;
    entries[written + 2] = detail;
    entries[written + 3] = value;
    written += ENTRY_LONGS;
  }

  void recordMap(MemoryMap map) {
    record(Kind.MAP, maps.size(), 0, 0);
    maps.add(map);
  }

  /**
   * Plays back a read.
   *
   * @return the value that the leading CPU got
   * @throws DivergenceException when that did something else
   */
  long replay(Kind kind, long what, long detail) {
    if (paused) {
      return 0;
    }
    int at = next(kind, what, detail);
    return entries[at + 3];
  }

  /**
   * Checks a write.
   *
   * @throws DivergenceException when the leading CPU did something else
   */
  void check(Kind kind, long what, long detail, long value) {
    if (paused) {
      return;
    }
    int at = next(kind, what, detail);
    if (entries[at + 3] != value) {
      throw new DivergenceException(
          "the leading CPU: %s, the following one: %s"
              .formatted(text(at), text(kind, what, detail, value)));
    }
  }

  /** The map that the last access to a device brought about, or null. */
  @org.jspecify.annotations.Nullable
  MemoryMap replayMap() {
    if (paused || read == written || entries[read] != Kind.MAP.ordinal()) {
      return null;
    }
    MemoryMap map = maps.get((int) entries[read + 1]);
    read += ENTRY_LONGS;
    return map;
  }

  private int next(Kind kind, long what, long detail) {
    if (read == written) {
      throw new DivergenceException("the following CPU alone: " + text(kind, what, detail, 0));
    }
    if (entries[read] != kind.ordinal()
        || entries[read + 1] != what
        || entries[read + 2] != detail) {
      throw new DivergenceException(
          "the leading CPU: %s, the following one: %s"
              .formatted(text(read), text(kind, what, detail, 0)));
    }
    read += ENTRY_LONGS;
    return read - ENTRY_LONGS;
  }

  /** The second number of the next entry; 0 if there is none. */
  int detailOfNext() {
    return read < written ? (int) entries[read + 2] : 0;
  }

  /** Whether the next entry that was not played back is of a kind. */
  boolean nextIs(Kind kind) {
    return read < written && entries[read] == kind.ordinal();
  }

  /** Whether any entry that was not played back is of a kind. */
  boolean holds(Kind kind) {
    for (int at = read; at < written; at += ENTRY_LONGS) {
      if (entries[at] == kind.ordinal()) {
        return true;
      }
    }
    return false;
  }

  /** Entries that were not played back. */
  int left() {
    return (written - read) / ENTRY_LONGS;
  }

  /** The first entry that was not played back, for people. */
  String firstLeft() {
    return text(read);
  }

  /** Forgets what was played back: all. */
  void clear() {
    written = 0;
    read = 0;
    maps.clear();
  }

  private String text(int at) {
    return text(KINDS[(int) entries[at]], entries[at + 1], entries[at + 2], entries[at + 3]);
  }

  private static String text(Kind kind, long what, long detail, long value) {
    return "%s %#x/%d %#x".formatted(kind, what, detail, value);
  }
}
