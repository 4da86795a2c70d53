package org.maloca.devices.scsi;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * News of a logical unit that its one initiator has not heard yet (SAM-5, section 5.14). Any
 * thread.
 */
final class UnitAttentions {
  private static final int MAX_WAITING = 8;

  private final ArrayDeque<Sense> waiting = new ArrayDeque<>();
  private volatile boolean isEmpty = true;

  /** Adds news that is not there yet. */
  synchronized void add(Sense news) {
    if (news.isReset()) {
      waiting.clear();
    } else if (news.equals(Sense.LUNS_CHANGED) && hasReset()) {
      // Who hears of a reset looks at everything anew.
      return;
    }
    if (waiting.size() < MAX_WAITING && !waiting.contains(news)) {
      waiting.add(news);
    }
    isEmpty = false;
  }

  private boolean hasReset() {
    Sense oldest = waiting.peek();
    return oldest != null && oldest.isReset();
  }

  boolean isEmpty() {
    return isEmpty;
  }

  /** Takes the oldest news, or null. */
  @Nullable Sense take() {
    if (isEmpty) {
      return null;
    }
    synchronized (this) {
      Sense oldest = waiting.poll();
      isEmpty = waiting.isEmpty();
      return oldest;
    }
  }

  synchronized void save(SnapshotWriter.Section section) {
    section.put(waiting.size());
    for (Sense news : waiting) {
      section.put(news.key() << 16 | news.code() << 8 | news.qualifier());
    }
  }

  synchronized void restore(SnapshotReader.Section section) {
    waiting.clear();
    int count = section.getInt();
    for (int i = 0; i < count; i++) {
      int packed = section.getInt();
      add(new Sense(packed >> 16 & 0xf, packed >> 8 & 0xff, packed & 0xff));
    }
    isEmpty = waiting.isEmpty();
  }
}
