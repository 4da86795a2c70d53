package org.maloca.net.tcp;

/**
 * A few disjoint ranges of sequence numbers in ascending order, in the arithmetic of RFC 9293,
 * section 3.4. There is room for {@link #MAX} of them.
 */
final class SequenceRanges {
  static final int MAX = 16;

  private final int[] from = new int[MAX + 1];
  private final int[] to = new int[MAX + 1];
  private int count;

  int count() {
    return count;
  }

  int from(int index) {
    return from[index];
  }

  int to(int index) {
    return to[index];
  }

  void clear() {
    count = 0;
  }

  static boolean isBefore(int left, int right) {
    return left - right < 0;
  }

  static int max(int left, int right) {
    return isBefore(left, right) ? right : left;
  }

  static int min(int left, int right) {
    return isBefore(left, right) ? left : right;
  }

  /** Adds a range, joining what it touches; false if there is no room for one more. */
  boolean add(int start, int end) {
    int first = 0;
    while (first < count && isBefore(to[first], start)) {
      first++;
    }
    int behind = first;
    int joinedStart = start;
    int joinedEnd = end;
    while (behind < count && !isBefore(end, from[behind])) {
      joinedStart = min(joinedStart, from[behind]);
      joinedEnd = max(joinedEnd, to[behind]);
      behind++;
    }
    if (behind == first && count == MAX) {
      return false;
    }
    int moved = count - behind;
    System.arraycopy(from, behind, from, first + 1, moved);
    System.arraycopy(to, behind, to, first + 1, moved);
    from[first] = joinedStart;
    to[first] = joinedEnd;
    count = first + 1 + moved;
    return true;
  }

  /** Forgets everything before a number. */
  void removeBefore(int sequence) {
    int gone = 0;
    while (gone < count && !isBefore(sequence, to[gone])) {
      gone++;
    }
    count -= gone;
    System.arraycopy(from, gone, from, 0, count);
    System.arraycopy(to, gone, to, 0, count);
    if (count > 0) {
      from[0] = max(from[0], sequence);
    }
  }

  /** Index of the range that holds a number; -1 if none does. */
  int indexOf(int sequence) {
    for (int i = 0; i < count; i++) {
      if (!isBefore(sequence, from[i]) && isBefore(sequence, to[i])) {
        return i;
      }
    }
    return -1;
  }

  /** Where the next range begins at or behind a number; {@code none} if there is none. */
  int nextFrom(int sequence, int none) {
    for (int i = 0; i < count; i++) {
      if (!isBefore(from[i], sequence)) {
        return from[i];
      }
    }
    return none;
  }

  /** Sum of the lengths. */
  int bytes() {
    int sum = 0;
    for (int i = 0; i < count; i++) {
      sum += to[i] - from[i];
    }
    return sum;
  }
}
