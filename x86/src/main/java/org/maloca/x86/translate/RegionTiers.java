package org.maloca.x86.translate;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.maloca.core.jvm.JitCompiler;
import org.maloca.x86.Cpu;
import org.maloca.x86.code.CodeCache;
import org.maloca.x86.translate.TranslationCounters.Outcome;

/**
 * Has HotSpot compile regions: by its quick compiler before a region is used at all, by the
 * optimizing one when it has proved hot, the hottest first. Where the JVM cannot be asked (see
 * {@link JitCompiler}), regions are used at once and it finds out by itself. For the translator's
 * thread.
 */
final class RegionTiers {
  /** Guest instructions that a region has executed before it is worth the optimizing compiler. */
  private static final long HOT_INSNS = 400_000;

  /** More at once would only wait in the JVM's queue, out of our order. */
  private static final int MAX_OPTIMIZING = 2;

  /** A compilation that takes so long was dropped or is stuck behind others. */
  private static final long QUICK_TIMEOUT_NANOS = 1_000_000_000L;

  /** A region that was asked for a better one answers when it is entered the next time. */
  private static final long ANSWER_NANOS = 20_000_000L;

  /** How often vCPUs that stay in one loop come out, for its heat to be known. */
  private static final long NUDGE_NANOS = 10_000_000L;

  private static final long BEST_TIMEOUT_NANOS = 10_000_000_000L;

  private final List<Job> quick = new ArrayList<>();
  private final List<Job> best = new ArrayList<>();
  private final LiveRegions live;
  private final TranslationJournal journal;

  /**
   * Makes it.
   *
   * @param maxRegions regions that may be in use
   */
  RegionTiers(TranslationJournal journal, int maxRegions) {
    this.journal = journal;
    live = new LiveRegions(maxRegions);
  }

  private record Job(Region region, CodeCache cache, Ticket ticket, Method method, long since) {
    @Nullable Outcome outcome(int tier, long nowNanos, long timeoutNanos) {
      if (!region.valid) {
        return Outcome.OBSOLETE;
      }
      if (JitCompiler.tierOf(method) >= tier) {
        return Outcome.DONE;
      }
      return nowNanos - since > timeoutNanos ? Outcome.TIMED_OUT : null;
    }

    void publish() {
      if (region.valid) {
        cache.offerRegion(region);
      }
      ticket.close();
    }
  }

  /** The code caches that regions were made for. */
  private final Set<CodeCache> caches = new HashSet<>();

  private long nextNudge;

  /** When to ask for the next better region; until then the last one may still come. */
  private long quietUntil;

  /** Whether compilations are under way that {@link #advance} should look at soon. */
  boolean isBusy() {
    return !quick.isEmpty();
  }

  /** Takes a new region. */
  void add(Region region, CodeCache cache, Ticket ticket, long nowNanos) {
    Job job = new Job(region, cache, ticket, methodOf(region), nowNanos);
    caches.add(cache);
    int tier = JitCompiler.TIER_QUICK;
    if (region.isBest()) {
      tier = JitCompiler.TIER_BEST;
      quietUntil = 0;
    }
    if (JitCompiler.request(job.method, tier)) {
      (region.isBest() ? best : quick).add(job);
    } else {
      journal.compiled(region, Outcome.REFUSED, 0);
      publish(job);
    }
  }

  /** Publishes what is compiled, and asks for better code where it pays. */
  void advance(long nowNanos) {
    publishDone(quick, JitCompiler.TIER_QUICK, nowNanos, QUICK_TIMEOUT_NANOS);
    publishDone(best, JitCompiler.TIER_BEST, nowNanos, BEST_TIMEOUT_NANOS);
    if (nowNanos > nextNudge) {
      caches.forEach(CodeCache::nudge);
      nextNudge = nowNanos + NUDGE_NANOS;
    }
    if (best.size() < MAX_OPTIMIZING && nowNanos > quietUntil) {
      Region hottest = live.takeHottest(HOT_INSNS);
      if (hottest != null) {
        hottest.wantBetter();
        caches.forEach(CodeCache::nudge);
        quietUntil = nowNanos + ANSWER_NANOS;
      }
    }
  }

  private void publish(Job job) {
    job.publish();
    live.add(job.region, job.cache);
  }

  private void publishDone(List<Job> jobs, int tier, long nowNanos, long timeoutNanos) {
    jobs.removeIf(job -> {
      Outcome outcome = job.outcome(tier, nowNanos, timeoutNanos);
      if (outcome != null) {
        journal.compiled(job.region, outcome, nowNanos - job.since);
        publish(job);
      }
      return outcome != null;
    });
  }

  private static Method methodOf(Region region) {
    try {
      return region.getClass().getDeclaredMethod("run", Cpu.class, int.class);
    } catch (NoSuchMethodException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
