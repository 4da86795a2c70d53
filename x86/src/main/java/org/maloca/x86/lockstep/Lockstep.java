package org.maloca.x86.lockstep;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.maloca.core.cpu.EngineStatistics;
import org.maloca.core.cpu.EngineStatistics.Counter;
import org.maloca.core.cpu.EngineStatistics.Unit;
import org.maloca.x86.Cpu;
import org.maloca.x86.CpuEvents;
import org.maloca.x86.interpret.LoopObserver;
import org.maloca.x86.lockstep.InputLog.Kind;
import org.maloca.x86.translate.Region;

/**
 * Has a second CPU do what the first did, region by region, and compares. A step ends where the
 * first left compiled code; every other one is made short, so that both the ways between regions
 * and the ways out of them are met.
 */
final class Lockstep implements LoopObserver {
  /** What the interpreter does in both is compared only so often, in instructions. */
  private static final long MAX_LAG = 2000;

  /** So many stores or inputs, at most, wait for a comparison where there is a choice. */
  private static final int MAX_RECORDED = 1 << 16;

  private final Cpu leader;
  private final Follower follower;
  private final ShadowMemory shadow;
  private final InputLog log;
  private final StoreLog stores;
  private final LockstepReport report;
  private final CpuImage before = new CpuImage();
  private final CpuImage ofLeader = new CpuImage();
  private final CpuImage ofFollower = new CpuImage();
  private @Nullable Region region;

  /** An interrupt that the leading CPU was about to take when they were last compared, or -1. */
  private int pendingVector = -1;

  private boolean pendingNonMaskable;
  private long regionSteps;
  private final AtomicLong steps = new AtomicLong();
  private final AtomicLong comparedRegionRuns = new AtomicLong();
  private final AtomicLong comparedStores = new AtomicLong();

  Lockstep(Cpu leader, Follower follower, ShadowMemory shadow, InputLog log, StoreLog stores) {
    this.leader = leader;
    this.follower = follower;
    this.shadow = shadow;
    this.log = log;
    this.stores = stores;
    report = new LockstepReport(leader, follower);
  }

  /** Before the leading CPU runs: whatever has happened to it and to memory, both are the same. */
  void begin() {
    shadow.copyAll();
    copyState();
    log.paused = false;
  }

  private void copyState() {
    log.paused = true;
    follower.copy(leader);
    log.clear();
    stores.clear();
    before.take(leader);
    region = null;
    pendingVector = -1;
  }

  /**
   * After the leading CPU ran.
   *
   * @param hasShutDown whether it ended by that
   */
  void end(boolean hasShutDown) {
    try {
      compare();
      if (follower.hasShutDown() != hasShutDown) {
        throw report.of("one CPU has shut down, the other not", before, null);
      }
      long difference = shadow.firstDifference();
      if (difference >= 0) {
        throw report.of(shadow.compared(difference), before, null);
      }
    } finally {
      log.paused = true;
    }
  }

  /** Whatever comes after a divergence is not compared. */
  void abandon() {
    log.paused = true;
  }

  @Override
  public void entering(Region entered) {
    region = entered;
    if ((regionSteps++ & 1) != 0) {
      // An event that asks for nothing: the region is left as soon as it looks.
      leader.events.post(CpuEvents.STALE_CODE);
    }
  }

  /** A store of the leading CPU. */
  void stored(long ramOffset, int size) {
    if (!log.paused) {
      stores.record(ramOffset, size);
      if (stores.left() >= MAX_RECORDED) {
        leader.events.post(CpuEvents.STALE_CODE);
      }
    }
  }

  @Override
  public void ran() {
    if (region != null
        || leader.instructions - follower.cpu().instructions > MAX_LAG
        || stores.left() >= MAX_RECORDED
        || log.left() >= MAX_RECORDED) {
      compare();
    }
  }

  @Override
  public void raising(int vector, int errorCode) {
    log.record(Kind.EXCEPTION, vector, errorCode, 0);
  }

  @Override
  public void interrupting(int vector, boolean nonMaskable) {
    compare();
    // What delivery stores and faults is recorded from here on, and follows at the next comparison.
    pendingVector = vector;
    pendingNonMaskable = nonMaskable;
  }

  @Override
  public void initialising(Runnable action) {
    compare();
    action.run();
    copyState();
    log.paused = false;
  }

  private void compare() {
    try {
      if (pendingVector >= 0) {
        int vector = pendingVector;
        pendingVector = -1;
        follower.interrupt(vector, pendingNonMaskable);
      }
      follower.follow(leader);
    } catch (DivergenceException divergence) {
      throw report.of(String.valueOf(divergence.getMessage()), before, region);
    }
    ofLeader.take(leader);
    ofFollower.take(follower.cpu());
    if (!ofLeader.equalTo(ofFollower)) {
      throw report.of(String.join("\n", ofLeader.differences(ofFollower)), before, region);
    }
    comparedRegionRuns.setRelease(regionSteps);
    comparedStores.setRelease(comparedStores.getPlain() + stores.count());
    steps.setRelease(steps.getPlain() + 1);
    log.clear();
    stores.clear();
    before.take(leader);
    region = null;
  }

  Cpu leader() {
    return leader;
  }

  /** How much was compared; from any thread. */
  EngineStatistics.Group statistics() {
    return new EngineStatistics.Group(
        "lockstep",
        "compared with the interpreter",
        false,
        List.of(
            new Counter("comparisons", "comparisons", Unit.COUNT, steps.get()),
            new Counter(
                "region-runs", "runs of regions compared", Unit.COUNT, comparedRegionRuns.get()),
            new Counter("stores", "stores compared", Unit.COUNT, comparedStores.get())));
  }

  @Nullable String report() {
    return report.text();
  }
}
