package org.maloca.x86.translate;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.maloca.core.jvm.JitCompiler;
import org.maloca.x86.Cpu;
import org.maloca.x86.code.CodeCache;
import org.maloca.x86.translate.TranslationCounters.Outcome;

/**
 * One of HotSpot's compilers at work for one translator: it compiles regions one after another, on
 * a thread that waits for it, and each is put to use as soon as its code is there. One more region
 * may be ready for it; others wait where they can still be put into order. Where the JVM cannot be
 * asked, regions are put to use without.
 */
final class CompilerLane implements AutoCloseable {
  private final int tier;
  private final BlockingQueue<Job> ready = new ArrayBlockingQueue<>(1);
  private final ConcurrentLinkedQueue<Done> done = new ConcurrentLinkedQueue<>();
  private final Thread thread;

  /** A region that is to be compiled and given to its vCPU. */
  record Job(Region region, CodeCache cache, Ticket ticket, long sinceNanos) {}

  /** What became of it. */
  record Done(Job job, Outcome outcome, long waitNanos) {}

  CompilerLane(String name, int tier) {
    this.tier = tier;
    thread = new Thread(this::work, name);
    thread.setDaemon(true);
    thread.start();
  }

  /** Whether {@link #add} would have to wait. */
  boolean isFull() {
    return ready.remainingCapacity() == 0;
  }

  /** Hands a region over; waits while another is ready. */
  void add(Job job) throws InterruptedException {
    ready.put(job);
  }

  /** Takes what was done since the last time. */
  Collection<Done> takeDone() {
    List<Done> taken = new ArrayList<>();
    for (Done next = done.poll(); next != null; next = done.poll()) {
      taken.add(next);
    }
    return taken;
  }

  private void work() {
    try {
      while (true) {
        Job job = ready.take();
        Outcome outcome = compile(job.region);
        publish(job);
        done.add(new Done(job, outcome, System.nanoTime() - job.sinceNanos));
      }
    } catch (InterruptedException closing) {
      // There is nothing to be put away.
    }
  }

  private Outcome compile(Region region) {
    if (!region.valid) {
      return Outcome.OBSOLETE;
    }
    return JitCompiler.compile(methodOf(region), tier) ? Outcome.DONE : Outcome.REFUSED;
  }

  /** Gives a region to its vCPU; without code of HotSpot's it is slow, but right. */
  private static void publish(Job job) {
    if (job.region.valid) {
      job.cache.offerRegion(job.region);
    }
    job.ticket.close();
  }

  private static Method methodOf(Region region) {
    try {
      return region.getClass().getDeclaredMethod("run", Cpu.class, int.class);
    } catch (NoSuchMethodException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
