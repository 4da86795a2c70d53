package org.maloca.block.table;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.maloca.block.file.ImageFile;
import org.maloca.core.memory.IoVector;

/**
 * A file in memory that knows what would be left of it if power failed now: everything before the
 * last flush, and of what came after it any part, sector by sector.
 */
public final class PowerCutFile implements ImageFile {
  private static final int SECTOR = 512;

  private Content live;
  private Content durable;
  private final List<Change> pending = new ArrayList<>();
  private int changesLeft = -1;

  /** Ends what was going on when power failed. */
  public static final class PowerFailure extends IOException {
    private static final long serialVersionUID = 1;
  }

  /** Bytes at a place, or without bytes a new size. */
  private record Change(long position, byte[] bytes, boolean isSize) {}

  private static final class Content {
    byte[] bytes = new byte[1 << 20];
    int size;

    Content copy() {
      Content copy = new Content();
      copy.bytes = bytes.clone();
      copy.size = size;
      return copy;
    }

    void write(long position, byte[] source, int from, int length) {
      grow((int) position + length);
      System.arraycopy(source, from, bytes, (int) position, length);
    }

    void grow(int newSize) {
      if (newSize > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(newSize, 2 * bytes.length));
      }
      size = Math.max(size, newSize);
    }

    void setSize(int newSize) {
      if (newSize < size) {
        Arrays.fill(bytes, newSize, size, (byte) 0);
      }
      grow(newSize);
      size = newSize;
    }
  }

  public PowerCutFile() {
    this(new Content());
  }

  private PowerCutFile(Content content) {
    live = content;
    durable = content.copy();
  }

  /** The file as it may be after power failed. */
  public PowerCutFile afterCut(Random random) {
    Content left = durable.copy();
    int kept = random.nextInt(5);
    for (Change change : pending) {
      if (change.isSize) {
        if (random.nextInt(4) < kept) {
          left.setSize((int) change.position);
        }
        continue;
      }
      for (int from = 0; from < change.bytes.length; ) {
        int inSector = (int) (SECTOR - (change.position + from) % SECTOR);
        int length = Math.min(inSector, change.bytes.length - from);
        if (random.nextInt(4) < kept) {
          left.write(change.position + from, change.bytes, from, length);
        }
        from += length;
      }
    }
    return new PowerCutFile(left);
  }

  /** Lets power fail in the middle of things: at the change or flush of that number from now. */
  public void failAfter(int changes) {
    changesLeft = changes;
  }

  private void burn() throws PowerFailure {
    if (changesLeft-- == 0) {
      throw new PowerFailure();
    }
  }

  private void change(Change change) throws PowerFailure {
    burn();
    pending.add(change);
    apply(live, change);
  }

  private static void apply(Content content, Change change) {
    if (change.isSize) {
      content.setSize((int) change.position);
    } else {
      content.write(change.position, change.bytes, 0, change.bytes.length);
    }
  }

  @Override
  public String name() {
    return "disk";
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public long size() {
    return live.size;
  }

  @Override
  public void setSize(long bytes) throws PowerFailure {
    change(new Change(bytes, new byte[0], true));
  }

  @Override
  public void read(long position, ByteBuffer target) {
    while (target.hasRemaining()) {
      target.put(position < live.size ? live.bytes[(int) position] : 0);
      position++;
    }
  }

  @Override
  public void write(long position, ByteBuffer source) throws PowerFailure {
    byte[] bytes = new byte[source.remaining()];
    source.get(bytes);
    change(new Change(position, bytes, false));
  }

  @Override
  public void read(long position, IoVector target) {
    int there = (int) Math.clamp(live.size - position, 0, target.bytes());
    target.fill(0, target.bytes(), (byte) 0);
    target.copyFrom(0, live.bytes, (int) Math.min(position, live.size), there);
  }

  @Override
  public void write(long position, IoVector source) throws PowerFailure {
    byte[] bytes = new byte[(int) source.bytes()];
    source.copyTo(0, bytes, 0, bytes.length);
    change(new Change(position, bytes, false));
  }

  @Override
  public void punchHole(long position, long length) throws PowerFailure {
    int inside = (int) Math.clamp(live.size - position, 0, length);
    if (inside > 0) {
      change(new Change(position, new byte[inside], false));
    }
  }

  @Override
  public void flush() throws PowerFailure {
    burn();
    pending.forEach(change -> apply(durable, change));
    pending.clear();
  }

  @Override
  public long nextData(long position) {
    return Math.min(position, live.size);
  }

  @Override
  public long nextHole(long position) {
    return live.size;
  }

  @Override
  public void close() {}
}
