package org.maloca.devices.virtio;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.maloca.core.memory.GuestMemory;

/** The driver's end of a ring, written from the specification for tests. For one thread. */
public final class DriverRing {
  private static final int NEXT = 1;
  private static final int WRITE = 2;
  private static final int INDIRECT = 4;

  /** Only keeps a broken device from holding up a build for ever. */
  private static final long PATIENCE_NANOS = 30_000_000_000L;

  /** What came back: the request's id, and the bytes written for it. */
  public record Used(int id, int written) {}

  /** A piece of a request. */
  public record Piece(long gpa, int length, boolean isWritable) {}

  public final long descriptorsGpa;
  public final long driverGpa;
  public final long deviceGpa;
  public final int size;

  private final VirtioDriver driver;
  private final GuestMemory memory;
  private final RingKind kind;
  private final int index;
  private final Map<Integer, Integer> packedCounts = new HashMap<>();
  private int nextDescriptor;
  private int nextAvailable;
  private boolean availableWrap = true;
  private int lastUsed;
  private boolean usedWrap = true;
  private int nextId;

  DriverRing(VirtioDriver driver, RingKind kind, int index, int size) {
    this.driver = driver;
    this.kind = kind;
    this.index = index;
    this.size = size;
    memory = driver.memory();
    descriptorsGpa = driver.allocate(16L * size);
    driverGpa = driver.allocate(6 + 2L * size);
    deviceGpa = driver.allocate(6 + 8L * size);
    int bytes = (int) (deviceGpa + 6 + 8L * size - descriptorsGpa);
    memory.write(descriptorsGpa, new byte[bytes], 0, bytes);
  }

  /** Offers a request, and tells the device; answers its id. */
  public int send(Piece... pieces) {
    int id = offer(pieces);
    kick();
    return id;
  }

  /** Offers a request without telling. */
  public int offer(Piece... pieces) {
    List<Piece> list = List.of(pieces);
    if (kind.isIndirect) {
      list = List.of(table(pieces));
    }
    return kind.isPacked() ? offerPacked(list) : offerSplit(list);
  }

  /** Tells the device of the queue. */
  public void kick() {
    driver.kick(index);
  }

  private Piece table(Piece[] pieces) {
    long gpa = driver.allocate(16L * pieces.length);
    for (int i = 0; i < pieces.length; i++) {
      boolean isLast = i == pieces.length - 1;
      int flags = pieces[i].isWritable ? WRITE : 0;
      if (kind.isPacked()) {
        writeDescriptor(gpa + 16L * i, pieces[i].gpa, pieces[i].length, flags << 16);
      } else {
        int tail = isLast ? flags : flags | NEXT | i + 1 << 16;
        writeDescriptor(gpa + 16L * i, pieces[i].gpa, pieces[i].length, tail);
      }
    }
    return new Piece(gpa, 16 * pieces.length, false);
  }

  /** Writes a raw descriptor; flags and next as the ring's kind has them. */
  public void writeDescriptor(long at, long gpa, int length, int tail) {
    memory.write(at, 8, gpa);
    memory.write(at + 8, 4, length);
    memory.write(at + 12, 4, tail);
  }

  private int offerSplit(List<Piece> pieces) {
    int head = nextDescriptor;
    for (int i = 0; i < pieces.size(); i++) {
      Piece piece = pieces.get(i);
      int flags = piece.isWritable ? WRITE : 0;
      if (kind.isIndirect) {
        flags |= INDIRECT;
      }
      int here = nextDescriptor;
      nextDescriptor = (nextDescriptor + 1) % size;
      if (i < pieces.size() - 1) {
        flags |= NEXT | nextDescriptor << 16;
      }
      writeDescriptor(descriptorsGpa + 16L * here, piece.gpa, piece.length, flags);
    }
    makeAvailable(head);
    return head;
  }

  /** Puts a chain's first descriptor into the available ring. */
  public void makeAvailable(int head) {
    memory.write(driverGpa + 4 + 2L * (nextAvailable % size), 2, head);
    nextAvailable = nextAvailable + 1 & 0xffff;
    memory.write(driverGpa + 2, 2, nextAvailable);
  }

  private int offerPacked(List<Piece> pieces) {
    int id = nextId;
    nextId = (nextId + 1) % size;
    packedCounts.put(id, pieces.size());
    List<Runnable> heads = new ArrayList<>();
    for (int i = 0; i < pieces.size(); i++) {
      Piece piece = pieces.get(i);
      int flags = piece.isWritable ? WRITE : 0;
      flags |= kind.isIndirect ? INDIRECT : 0;
      flags |= i < pieces.size() - 1 ? NEXT : 0;
      flags |= availableWrap ? 1 << 7 : 1 << 15;
      long at = descriptorsGpa + 16L * nextAvailable;
      int tail = id | flags << 16;
      Runnable write = () -> writeDescriptor(at, piece.gpa, piece.length, tail);
      if (i == 0) {
        heads.add(write);
      } else {
        write.run();
      }
      if (++nextAvailable == size) {
        nextAvailable = 0;
        availableWrap = !availableWrap;
      }
    }
    heads.forEach(Runnable::run);
    return id;
  }

  /** Whether a request has come back. */
  public boolean hasUsed() {
    if (!kind.isPacked()) {
      return memory.read(deviceGpa + 2, 2) != lastUsed;
    }
    long flags = memory.read(descriptorsGpa + 16L * lastUsed + 14, 2);
    boolean used = (flags & 1 << 15) != 0;
    return used == ((flags & 1 << 7) != 0) && used == usedWrap;
  }

  /** Waits for the next request that comes back. */
  public Used await() {
    long start = System.nanoTime();
    while (!hasUsed()) {
      if (System.nanoTime() - start > PATIENCE_NANOS) {
        throw new AssertionError("nothing came back on queue " + index);
      }
      Thread.yield();
    }
    return kind.isPacked() ? takePacked() : takeSplit();
  }

  private Used takeSplit() {
    long entry = deviceGpa + 4 + 8L * (lastUsed % size);
    lastUsed = lastUsed + 1 & 0xffff;
    if (kind.hasEventIndex()) {
      memory.write(driverGpa + 4 + 2L * size, 2, lastUsed);
    }
    return new Used((int) memory.read(entry, 4), (int) memory.read(entry + 4, 4));
  }

  private Used takePacked() {
    long at = descriptorsGpa + 16L * lastUsed;
    int id = (int) memory.read(at + 12, 2);
    int written = (int) memory.read(at + 8, 4);
    Integer count = packedCounts.get(id);
    if (count == null) {
      throw new AssertionError("the device gave back what it never had: " + id);
    }
    lastUsed += count;
    if (lastUsed >= size) {
      lastUsed -= size;
      usedWrap = !usedWrap;
    }
    return new Used(id, written);
  }
}
