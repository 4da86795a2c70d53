package org.maloca.x86.translate;

import java.util.HashSet;
import java.util.Set;
import org.maloca.core.jvm.JitCompiler;
import org.maloca.x86.code.CodeCache;
import org.maloca.x86.translate.CompilerLane.Done;
import org.maloca.x86.translate.CompilerLane.Job;

/**
 * Has HotSpot compile regions: by its quick compiler before a region is used at all, by the
 * optimizing one when it has proved hot, the hottest first. Where the JVM cannot be asked (see
 * {@link JitCompiler}), regions are used at once and it finds out by itself. For the translator's
 * thread.
 */
final class RegionTiers implements AutoCloseable {
  /** Guest instructions that a region has executed before it is worth the optimizing compiler. */
  private static final long HOT_INSNS = 400_000;

  /** A region that was asked for a better one answers when it is entered the next time. */
  private static final long ANSWER_NANOS = 20_000_000L;

  /** What a region has executed lately that other work of HotSpot's does not go before. */
  private static final long DOMINANT_INSNS = 8_000_000;

  /**
   * Instructions that a region must execute from one nudge to the next where the guest often waits:
   * what it waits for wants a CPU, too, which the optimizing compiler has otherwise.
   */
  private static final long WORTH_A_WAIT = 1500;

  /**
   * While more methods than that wait for the optimizing compiler, it is busy with what Maloca
   * itself consists of: that concerns all guest code, and a region only its own.
   */
  private static final int MANY_QUEUED = 5;

  /** How often there is a better region even so; a boot is over by then. */
  private static final long PATIENCE_NANOS = 2_000_000_000L;

  /** How often vCPUs that stay in one loop come out, for its heat to be known. */
  private static final long NUDGE_NANOS = 10_000_000L;

  private final CompilerLane quick;
  private final CompilerLane best;
  private final LiveRegions live;
  private final TranslationJournal journal;

  /** The code caches that regions were made for. */
  private final Set<CodeCache> caches = new HashSet<>();

  private final GuestWaits waits = new GuestWaits();

  private long nextNudge;

  /** When to ask for the next better region; until then the last one may still come. */
  private long quietUntil;

  /** When to ask for it whatever else HotSpot has to do. */
  private long patientUntil = System.nanoTime() + PATIENCE_NANOS;

  /**
   * Makes it.
   *
   * @param name of the translator's thread, which those of the compilers' lanes begin with
   * @param maxRegions regions that may be in use
   */
  RegionTiers(String name, TranslationJournal journal, int maxRegions) {
    this.journal = journal;
    live = new LiveRegions(maxRegions);
    quick = new CompilerLane(name + "-quick", JitCompiler.TIER_QUICK);
    best = new CompilerLane(name + "-best", JitCompiler.TIER_BEST);
  }

  /** Whether a better region can be taken now. */
  boolean takesBest() {
    return !best.isFull();
  }

  /** Takes a new region; waits while the compiler has enough to do. */
  void add(Region region, CodeCache cache, Ticket ticket, long nowNanos)
      throws InterruptedException {
    Job job = new Job(region, cache, ticket, nowNanos);
    caches.add(cache);
    if (region.isBest()) {
      quietUntil = 0;
    }
    (region.isBest() ? best : quick).add(job);
  }

  /** Books what was compiled, and asks for better code where it pays. */
  void advance(long nowNanos) {
    quick.takeDone().forEach(this::note);
    best.takeDone().forEach(this::note);
    if (nowNanos > nextNudge) {
      live.look();
      waits.look(caches, nowNanos);
      caches.forEach(CodeCache::nudge);
      nextNudge = nowNanos + NUDGE_NANOS;
    }
    if (!best.isFull() && nowNanos > quietUntil) {
      Region hottest = live.takeDominant(DOMINANT_INSNS);
      if (hottest == null && mayOptimize(nowNanos)) {
        hottest = live.takeHottest(HOT_INSNS, waits.areFrequent() ? WORTH_A_WAIT : 0);
      }
      if (hottest != null) {
        hottest.wantBetter();
        caches.forEach(CodeCache::nudge);
        quietUntil = nowNanos + ANSWER_NANOS;
        patientUntil = nowNanos + PATIENCE_NANOS;
      }
    }
  }

  private boolean mayOptimize(long nowNanos) {
    return nowNanos > patientUntil || JitCompiler.queued(JitCompiler.TIER_BEST) <= MANY_QUEUED;
  }

  private void note(Done done) {
    Region region = done.job().region();
    journal.compiled(region, done.outcome(), done.waitNanos());
    live.add(region, done.job().cache());
  }

  @Override
  public void close() {
    quick.close();
    best.close();
  }
}
