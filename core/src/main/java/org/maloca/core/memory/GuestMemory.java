package org.maloca.core.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/**
 * The guest-physical address space: the current {@link MemoryMap}, and the door that every device's
 * memory access (DMA) and every loader goes through.
 *
 * <p>DMA here reaches RAM and (reading) ROM only; device regions and holes read as all-ones and
 * swallow writes, byte for byte, whatever address and length the guest gave. Pages can be watched:
 * a software CPU watches the pages whose code it has decoded, and hears of writes to them from
 * whichever side they come.
 *
 * <p>Safe for any thread; a map change is seen atomically.
 */
public final class GuestMemory {
  private static final VarHandle WATCHED = MethodHandles.arrayElementVarHandle(byte[].class);
  private static final int PAGE_SHIFT = 12;

  /** Hears of the things that make cached translations stale. */
  public interface Listener {
    /** The map was replaced; called on the changing thread after the new map is in force. */
    void mapChanged();

    /** A watched page was written by DMA or by another CPU. */
    void watchedPageWritten(long ramPage);
  }

  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final byte[] watched;
  private volatile MemoryMap map;

  /**
   * Makes an address space.
   *
   * @param map the first map
   * @param ramPages number of 4-KiB pages of RAM and ROM that regions' RAM offsets run over
   */
  public GuestMemory(MemoryMap map, int ramPages) {
    this.map = map;
    this.watched = new byte[ramPages];
  }

  public MemoryMap map() {
    return map;
  }

  public void addListener(Listener listener) {
    listeners.add(listener);
  }

  public void removeListener(Listener listener) {
    listeners.remove(listener);
  }

  /** Replaces the map by a function of the old one and tells the listeners. */
  public void update(UnaryOperator<MemoryMap> change) {
    synchronized (this) {
      map = change.apply(map);
    }
    listeners.forEach(Listener::mapChanged);
  }

  /** Starts watching a page of RAM, by its number in RAM (RAM offset / 4096). */
  public void watch(long ramPage) {
    WATCHED.setVolatile(watched, (int) ramPage, (byte) 1);
  }

  /** Stops watching a page. */
  public void unwatch(long ramPage) {
    WATCHED.setVolatile(watched, (int) ramPage, (byte) 0);
  }

  public boolean isWatched(long ramPage) {
    return (byte) WATCHED.getVolatile(watched, (int) ramPage) != 0;
  }

  /** Tells the listeners of a write to a watched page. */
  public void notifyWatchedPageWritten(long ramPage) {
    listeners.forEach(listener -> listener.watchedPageWritten(ramPage));
  }

  /** Number of the page of RAM or ROM behind a guest-physical address, -1 when there is none. */
  public long ramPageOf(long gpa) {
    return switch (map.find(gpa)) {
      case MemoryRegion.Ram ram -> ram.ramOffset() + (gpa - ram.gpa()) >>> PAGE_SHIFT;
      case MemoryRegion.Rom rom -> rom.ramOffset() + (gpa - rom.gpa()) >>> PAGE_SHIFT;
      case null, default -> -1;
    };
  }

  /** Reads bytes; whatever is not RAM or ROM reads as 0xff. */
  public void read(long gpa, byte[] destination, int offset, int length) {
    MemoryMap view = map;
    int done = 0;
    while (done < length) {
      long at = gpa + done;
      MemoryRegion region = view.find(at);
      long host = hostAddress(region, at);
      int piece = pieceLength(region, at, length - done);
      if (host != 0) {
        HostMemory.read(host, destination, offset + done, piece);
      } else {
        java.util.Arrays.fill(destination, offset + done, offset + done + piece, (byte) 0xff);
      }
      done += piece;
    }
  }

  /** Writes bytes; whatever is not RAM is left alone. */
  public void write(long gpa, byte[] source, int offset, int length) {
    MemoryMap view = map;
    int done = 0;
    while (done < length) {
      long at = gpa + done;
      MemoryRegion region = view.find(at);
      int piece = pieceLength(region, at, length - done);
      if (region instanceof MemoryRegion.Ram ram) {
        long inRegion = at - ram.gpa();
        HostMemory.write(ram.hostAddress() + inRegion, source, offset + done, piece);
        noteWritten(ram.ramOffset() + inRegion, piece);
      }
      done += piece;
    }
  }

  /** Reads a little-endian value of 1, 2, 4 or 8 bytes, zero-extended. */
  public long read(long gpa, int size) {
    byte[] bytes = new byte[size];
    read(gpa, bytes, 0, size);
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | bytes[i] & 0xff;
    }
    return value;
  }

  /** Writes a little-endian value of 1, 2, 4 or 8 bytes. */
  public void write(long gpa, int size, long value) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (value >>> 8 * i);
    }
    write(gpa, bytes, 0, size);
  }

  /**
   * Finds the host's memory behind guest-physical addresses, for a transfer that goes past {@link
   * #read} and {@link #write}; one that wrote tells {@link #written} afterwards.
   *
   * @return false when a byte of it is not RAM; then nothing was added
   */
  public boolean map(long gpa, long length, IoVector target) {
    if (length < 0) {
      return false;
    }
    MemoryMap view = map;
    long before = target.bytes();
    for (long done = 0; done < length; ) {
      if (!(view.find(gpa + done) instanceof MemoryRegion.Ram ram)) {
        target.truncate(before);
        return false;
      }
      long inRegion = gpa + done - ram.gpa();
      long piece = Math.min(ram.size() - inRegion, length - done);
      target.add(ram.hostAddress() + inRegion, piece);
      done += piece;
    }
    return true;
  }

  /** Says that a transfer has written to RAM that {@link #map} found. */
  public void written(long gpa, long length) {
    MemoryMap view = map;
    for (long done = 0; done < length; ) {
      MemoryRegion region = view.find(gpa + done);
      if (!(region instanceof MemoryRegion.Ram ram)) {
        return;
      }
      long inRegion = gpa + done - ram.gpa();
      long piece = Math.min(ram.size() - inRegion, length - done);
      noteWritten(ram.ramOffset() + inRegion, piece);
      done += piece;
    }
  }

  /**
   * Gives the whole 4-KiB pages of a range back to the host, as far as they are RAM; they read as
   * zeros afterwards and take memory again when they are written.
   */
  public void release(long gpa, long length) {
    MemoryMap view = map;
    long page = 1L << PAGE_SHIFT;
    long start = gpa + page - 1 & -page;
    long end = gpa + length & -page;
    for (long at = start; at >= gpa && at < end; ) {
      if (!(view.find(at) instanceof MemoryRegion.Ram ram)) {
        at += page;
        continue;
      }
      long inRegion = at - ram.gpa();
      long piece = Math.min(ram.size() - inRegion, end - at) & -page;
      if (piece == 0) {
        return;
      }
      HostPages.release(ram.hostAddress() + inRegion, piece);
      noteWritten(ram.ramOffset() + inRegion, piece);
      at += piece;
    }
  }

  private void noteWritten(long ramOffset, long length) {
    // Who starts to watch a page sets the watch and then reads the bytes.
    VarHandle.fullFence();
    long last = ramOffset + length - 1 >>> PAGE_SHIFT;
    for (long page = ramOffset >>> PAGE_SHIFT; page <= last; page++) {
      if (isWatched(page)) {
        notifyWatchedPageWritten(page);
      }
    }
  }

  private static long hostAddress(@org.jspecify.annotations.Nullable MemoryRegion region, long at) {
    return switch (region) {
      case MemoryRegion.Ram ram -> ram.hostAddress() + (at - ram.gpa());
      case MemoryRegion.Rom rom -> rom.hostAddress() + (at - rom.gpa());
      case null, default -> 0;
    };
  }

  private static int pieceLength(
      @org.jspecify.annotations.Nullable MemoryRegion region, long at, int wanted) {
    // Outside any region go page by page: the next page may be in one.
    long room = region != null ? region.end() - at : 0x1000 - (at & 0xfff);
    return (int) Math.min(room, wanted);
  }
}
