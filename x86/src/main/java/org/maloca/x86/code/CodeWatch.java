package org.maloca.x86.code;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.MemoryRegion;
import org.maloca.x86.Cpu;

/**
 * Keeps decoded code true to memory, for all vCPUs of a machine.
 *
 * <p>A page that any vCPU has decoded code of is watched: no TLB lets stores to it through, so that
 * each one comes by {@link #written}. Two races are closed here. A vCPU that is about to let stores
 * through announces itself in the page's writer bits and then looks whether the page is watched; a
 * vCPU that starts to watch sets the watch and then looks at the writer bits, and waits until those
 * writers have dropped their entries. And a store to code of another vCPU posts its request before
 * the storing vCPU goes on, so that whoever sees later stores sees the request at its next block.
 */
public final class CodeWatch implements GuestMemory.Listener {
  private static final VarHandle BYTE = MethodHandles.arrayElementVarHandle(byte[].class);
  private static final VarHandle LONG = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle CACHE = MethodHandles.arrayElementVarHandle(CodeCache[].class);

  private final GuestMemory memory;

  /** By vCPU, as far as they have registered. */
  private final @Nullable CodeCache[] caches = new CodeCache[Long.SIZE];

  /** Per page of RAM, a bit for each vCPU whose TLB may let stores through; the last is shared. */
  private final byte[] writers;

  /** Per page of RAM, a bit for each vCPU that has decoded code of it. */
  private final long[] holders;

  /** RAM and ROM, as the map has them. */
  private List<MemoryRegion> codeRegions;

  private @Nullable StoreListener storeListener;

  /** Makes the watch of one machine. */
  public CodeWatch(GuestMemory memory, int ramPages) {
    this.memory = memory;
    this.writers = new byte[ramPages];
    this.holders = new long[ramPages];
    codeRegions = codeRegions();
    memory.addListener(this);
  }

  void register(CodeCache cache) {
    CACHE.setVolatile(caches, Objects.checkIndex(cache.cpu().index, Long.SIZE), cache);
  }

  /** Number of pages of RAM. */
  int ramPages() {
    return holders.length;
  }

  /** Tells of every store from now on, for which no page is written to directly any more. */
  public void onStore(StoreListener listener) {
    storeListener = listener;
    for (int page = 0; page < holders.length; page++) {
      memory.watch(page);
    }
  }

  private static byte writerBit(Cpu cpu) {
    return (byte) (1 << Math.min(cpu.index, 7));
  }

  /** One that two vCPUs shared would be taken from both when one gives it back. */
  private static long holderBit(Cpu cpu) {
    return 1L << Objects.checkIndex(cpu.index, Long.SIZE);
  }

  /** Whether a vCPU's TLB may let stores to a page through; remembers that it does. */
  public boolean mayWriteDirectly(Cpu cpu, long ramPage) {
    byte bit = writerBit(cpu);
    if (((byte) BYTE.getVolatile(writers, (int) ramPage) & bit) == 0) {
      byte ignored = (byte) BYTE.getAndBitwiseOr(writers, (int) ramPage, bit);
    }
    return !memory.isWatched(ramPage);
  }

  /** Starts watching a page on behalf of a vCPU; when it returns no store to it goes unseen. */
  void watch(Cpu self, long ramPage) {
    int page = (int) ramPage;
    synchronized (this) {
      long ignored = (long) LONG.getAndBitwiseOr(holders, page, holderBit(self));
      memory.watch(ramPage);
    }
    byte present = (byte) BYTE.getVolatile(writers, page);
    if (present == 0) {
      return;
    }
    if ((present & writerBit(self)) != 0) {
      self.mmu.protectRamPage(ramPage);
    }
    for (int i = 0; i < Long.SIZE; i++) {
      CodeCache cache = cache(i);
      if (cache != null && cache.cpu() != self && (present & writerBit(cache.cpu())) != 0) {
        cache.requestProtection(ramPage);
      }
    }
    for (int i = 0; i < Long.SIZE; i++) {
      CodeCache cache = cache(i);
      if (cache != null && cache.cpu() != self && (present & writerBit(cache.cpu())) != 0) {
        awaitProtection(self, cache);
      }
    }
    byte ignored = (byte) BYTE.getAndBitwiseAnd(writers, page, (byte) ~present);
  }

  private @Nullable CodeCache cache(int index) {
    return (CodeCache) CACHE.getVolatile(caches, index);
  }

  /** While it waits, the vCPU serves requests itself: two may wait for each other. */
  private void awaitProtection(Cpu self, CodeCache other) {
    CodeCache own = Objects.requireNonNull(cache(self.index));
    int spins = 0;
    while (other.hasUnservedRequests()) {
      own.serveRequests();
      if (++spins < 200) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
  }

  /** A vCPU holds no more code of a page; the last one ends the watch. */
  void release(Cpu cpu, long ramPage) {
    synchronized (this) {
      long left = (long) LONG.getAndBitwiseAnd(holders, (int) ramPage, ~holderBit(cpu));
      if ((left & ~holderBit(cpu)) == 0 && storeListener == null) {
        memory.unwatch(ramPage);
      }
    }
  }

  /**
   * A vCPU stored to a watched page. Its own code changes at once, that of others when they look.
   */
  public void written(Cpu by, long ramOffset, int size) {
    StoreListener listener = storeListener;
    if (listener != null) {
      listener.stored(ramOffset, size);
    }
    long ramPage = ramOffset >>> 12;
    long holding = (long) LONG.getVolatile(holders, (int) ramPage);
    int from = (int) ramOffset & 0xfff;
    while (holding != 0) {
      int index = Long.numberOfTrailingZeros(holding);
      holding &= holding - 1;
      CodeCache cache = cache(index);
      if (cache == null) {
        continue;
      }
      if (index == by.index) {
        cache.codeWritten(ramOffset, size);
      } else {
        cache.requestInvalidation(ramPage, from, from + size);
      }
    }
  }

  /** Whether a vCPU has compiled code of its own among those bytes of a watched page. */
  public boolean hasCompiledCodeOf(Cpu cpu, long ramOffset, int size) {
    CodeCache cache = cache(cpu.index);
    return cache != null && cache.hasCompiledCodeAt(ramOffset, size);
  }

  /**
   * A vCPU is about to overwrite much of a watched page, so that its code is of no more use; not
   * called from compiled code.
   */
  public void abandon(Cpu by, long ramPage) {
    CodeCache cache = cache(by.index);
    if (cache != null) {
      cache.abandonPage(ramPage);
    }
  }

  @Override
  public void watchedPageWritten(long ramPage) {
    long holding = (long) LONG.getVolatile(holders, (int) ramPage);
    while (holding != 0) {
      CodeCache cache = cache(Long.numberOfTrailingZeros(holding));
      holding &= holding - 1;
      if (cache != null) {
        cache.requestInvalidation(ramPage, 0, 0x1000);
      }
    }
  }

  /** Devices come and go without harm: nothing is kept of what lies in their registers. */
  @Override
  public void mapChanged() {
    synchronized (this) {
      List<MemoryRegion> now = codeRegions();
      if (now.equals(codeRegions)) {
        return;
      }
      codeRegions = now;
    }
    for (int i = 0; i < Long.SIZE; i++) {
      CodeCache cache = cache(i);
      if (cache != null) {
        cache.requestFlush();
      }
    }
  }

  private List<MemoryRegion> codeRegions() {
    return memory.map().regions().stream()
        .filter(region -> !(region instanceof MemoryRegion.Mmio))
        .toList();
  }
}
