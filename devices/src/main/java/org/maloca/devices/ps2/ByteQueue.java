package org.maloca.devices.ps2;

import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/** A small ring of bytes between a PS/2 device and its controller. Not thread-safe. */
final class ByteQueue {
  private final byte[] bytes;
  private int head;
  private int count;

  ByteQueue(int capacity) {
    bytes = new byte[capacity];
  }

  boolean isEmpty() {
    return count == 0;
  }

  int size() {
    return count;
  }

  int room() {
    return bytes.length - count;
  }

  /** Adds a byte; one that has no room is lost. */
  void add(int value) {
    if (count < bytes.length) {
      bytes[(head + count++) % bytes.length] = (byte) value;
    }
  }

  /** Takes the oldest byte, 0..255; the queue is not empty. */
  int take() {
    int value = bytes[head] & 0xff;
    head = (head + 1) % bytes.length;
    count--;
    return value;
  }

  void clear() {
    head = 0;
    count = 0;
  }

  void save(SnapshotWriter.Section section) {
    byte[] content = new byte[count];
    for (int i = 0; i < count; i++) {
      content[i] = bytes[(head + i) % bytes.length];
    }
    section.put(content);
  }

  void restore(SnapshotReader.Section section) {
    byte[] content = section.getBytes(bytes.length);
    System.arraycopy(content, 0, bytes, 0, content.length);
    head = 0;
    count = content.length;
  }
}
