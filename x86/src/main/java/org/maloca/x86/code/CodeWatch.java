package org.maloca.x86.code;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.maloca.core.memory.GuestMemory;
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

  private final GuestMemory memory;
  private final List<CodeCache> caches = new CopyOnWriteArrayList<>();

  /** Per page of RAM, a bit for each vCPU whose TLB may let stores through; the last is shared. */
  private final byte[] writers;

  /** Per page of RAM, a bit for each vCPU that has decoded code of it. */
  private final long[] holders;

  /** Makes the watch of one machine. */
  public CodeWatch(GuestMemory memory, int ramPages) {
    this.memory = memory;
    this.writers = new byte[ramPages];
    this.holders = new long[ramPages];
    memory.addListener(this);
  }

  void register(CodeCache cache) {
    caches.add(cache);
  }

  /** Number of pages of RAM. */
  int ramPages() {
    return holders.length;
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
    byte mine = writerBit(self);
    byte present = (byte) BYTE.getVolatile(writers, page);
    if ((present & mine) != 0) {
      self.mmu.protectRamPage(ramPage);
    }
    for (CodeCache cache : caches) {
      if (cache.cpu() != self && (present & writerBit(cache.cpu())) != 0) {
        cache.requestProtection(ramPage);
      }
    }
    for (CodeCache cache : caches) {
      if (cache.cpu() != self && (present & writerBit(cache.cpu())) != 0) {
        awaitProtection(self, cache);
      }
    }
    byte ignored = (byte) BYTE.getAndBitwiseAnd(writers, page, (byte) ~present);
  }

  /** While it waits, the vCPU serves requests itself: two may wait for each other. */
  private void awaitProtection(Cpu self, CodeCache other) {
    CodeCache own = cacheOf(self);
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

  private CodeCache cacheOf(Cpu cpu) {
    for (CodeCache cache : caches) {
      if (cache.cpu() == cpu) {
        return cache;
      }
    }
    throw new IllegalStateException("vCPU %d has no code cache".formatted(cpu.index));
  }

  /** A vCPU holds no more code of a page; the last one ends the watch. */
  void release(Cpu cpu, long ramPage) {
    synchronized (this) {
      long left = (long) LONG.getAndBitwiseAnd(holders, (int) ramPage, ~holderBit(cpu));
      if ((left & ~holderBit(cpu)) == 0) {
        memory.unwatch(ramPage);
      }
    }
  }

  /**
   * A vCPU stored to a watched page. Its own code changes at once, that of others when they look.
   */
  public void written(Cpu by, long ramOffset, int size) {
    long ramPage = ramOffset >>> 12;
    long holding = (long) LONG.getVolatile(holders, (int) ramPage);
    for (CodeCache cache : caches) {
      if ((holding & holderBit(cache.cpu())) == 0) {
        continue;
      }
      if (cache.cpu() == by) {
        cache.codeWritten(ramOffset, size);
      } else {
        int from = (int) ramOffset & 0xfff;
        cache.requestInvalidation(ramPage, from, from + size);
      }
    }
  }

  /** Whether a vCPU has decoded code of its own among those bytes of a watched page. */
  public boolean hasCodeOf(Cpu cpu, long ramOffset, int size) {
    long holding = (long) LONG.getVolatile(holders, (int) (ramOffset >>> 12));
    return (holding & holderBit(cpu)) != 0 && cacheOf(cpu).hasCodeAt(ramOffset, size);
  }

  @Override
  public void watchedPageWritten(long ramPage) {
    for (CodeCache cache : caches) {
      cache.requestInvalidation(ramPage, 0, 0x1000);
    }
  }

  @Override
  public void mapChanged() {
    for (CodeCache cache : caches) {
      cache.requestFlush();
    }
  }
}
