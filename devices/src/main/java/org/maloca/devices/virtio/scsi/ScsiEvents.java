package org.maloca.devices.virtio.scsi;

import java.util.ArrayDeque;
import org.maloca.core.memory.IoVector;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;
import org.maloca.devices.virtio.DescriptorChain;
import org.maloca.devices.virtio.VirtioQueue;

/**
 * The event queue's end: news for the driver, kept until there are buffers (virtio 1.2, section
 * 5.6.6.3). Any thread.
 */
final class ScsiEvents {
  static final int NO_EVENT = 0;
  static final int TRANSPORT_RESET = 1;
  static final int PARAMETER_CHANGE = 3;

  static final int RESET_RESCAN = 1;
  static final int RESET_REMOVED = 2;

  static final int BYTES = 16;

  private static final int MISSED = 0x8000_0000;
  private static final int MAX_WAITING = 32;

  private final VirtioQueue queue;
  private final DescriptorChain chain = new DescriptorChain();
  private final ArrayDeque<Event> waiting = new ArrayDeque<>();
  private final byte[] message = new byte[BYTES];
  private boolean isMissed;

  private record Event(int type, int target, int lun, int reason) {}

  ScsiEvents(VirtioQueue queue) {
    this.queue = queue;
  }

  /** Tells the driver now or as soon as it has a buffer. */
  void send(int type, int target, int lun, int reason) {
    queue.lock();
    try {
      if (waiting.size() < MAX_WAITING) {
        waiting.add(new Event(type, target, lun, reason));
      } else {
        isMissed = true;
      }
      deliver();
    } finally {
      queue.unlock();
    }
  }

  /** The driver has added buffers, or the machine goes on. */
  void buffersAdded() {
    queue.lock();
    try {
      deliver();
    } finally {
      queue.unlock();
    }
  }

  private void deliver() {
    boolean mayAsk = true;
    while ((!waiting.isEmpty() || isMissed) && queue.isLive()) {
      if (queue.pop(chain)) {
        Event event = waiting.poll();
        write(event == null ? new Event(NO_EVENT, 0, 0, 0) : event);
      } else if (mayAsk) {
        mayAsk = false;
        queue.setNotified(true);
      } else {
        break;
      }
    }
    queue.signal();
  }

  private void write(Event event) {
    put(0, event.type | (isMissed ? MISSED : 0));
    LunAddress.put(message, 4, event.target, event.lun);
    put(12, event.reason);
    isMissed = false;
    IoVector target = chain.writable();
    int length = (int) Math.min(BYTES, target.bytes());
    target.copyFrom(0, message, 0, length);
    queue.push(chain, length);
  }

  private void put(int offset, int value) {
    for (int i = 0; i < 4; i++) {
      message[offset + i] = (byte) (value >>> 8 * i);
    }
  }

  /** The driver is gone. */
  void clear() {
    queue.lock();
    waiting.clear();
    isMissed = false;
    queue.unlock();
  }

  void save(SnapshotWriter.Section section) {
    queue.lock();
    section.put(isMissed);
    section.put(waiting.size());
    for (Event event : waiting) {
      section.put(event.type);
      section.put(event.target);
      section.put(event.lun);
      section.put(event.reason);
    }
    queue.unlock();
  }

  void restore(SnapshotReader.Section section) {
    queue.lock();
    waiting.clear();
    isMissed = section.getBoolean();
    int count = Math.min(section.getInt(), MAX_WAITING);
    for (int i = 0; i < count; i++) {
      waiting.add(
          new Event(
              section.getInt(),
              section.getInt() & 0xff,
              section.getInt() & 0xff,
              section.getInt()));
    }
    queue.unlock();
  }
}
