package org.maloca.x86.translate;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.maloca.x86.jfr.FlightRecording;
import org.maloca.x86.jfr.RegionDropped;

/**
 * The regions that one vCPU uses, and what became of the others. The vCPU's thread writes; any
 * thread reads, and may see a state of a moment ago.
 */
public final class RegionLedger {
  private final Set<Region> live = ConcurrentHashMap.newKeySet();
  private final long[] installed = new long[RegionShape.Kind.values().length];
  private final long[] droppedOfKind = new long[RegionShape.Kind.values().length];
  private final long[] dropped = new long[RegionDrop.values().length];
  private long quickInsnsOfDropped;
  private RegionDrop reason = RegionDrop.OVERWRITTEN;

  /** Says why the regions are dropped that are dropped from now on; returns the reason before. */
  public RegionDrop dropsBecause(RegionDrop why) {
    RegionDrop before = reason;
    reason = why;
    return before;
  }

  /** A region was installed. */
  public void installed(Region region) {
    region.ledger = this;
    live.add(region);
    installed[region.kind().ordinal()]++;
  }

  /** A region was not even installed. */
  public void late() {
    dropped[RegionDrop.LATE.ordinal()]++;
  }

  /** A region that had been installed was dropped. */
  void dropped(Region region) {
    if (live.remove(region)) {
      dropped[reason.ordinal()]++;
      if (FlightRecording.isOn()) {
        record(region);
      }
      droppedOfKind[region.kind().ordinal()]++;
      if (!region.isBest()) {
        quickInsnsOfDropped += region.heat;
      }
    }
  }

  private void record(Region region) {
    RegionDropped event = new RegionDropped();
    event.region = region.number;
    event.rip = region.rip;
    event.kind = region.kind().label();
    event.cause = reason.label();
    event.executedInstructions = region.heat;
    event.commit();
  }

  /** Regions of a kind that are in use. */
  public long live(boolean best) {
    return installed[ordinal(best)] - droppedOfKind[ordinal(best)];
  }

  /** Regions of a kind that were ever used. */
  public long installed(boolean best) {
    return installed[ordinal(best)];
  }

  private static int ordinal(boolean best) {
    return (best ? RegionShape.Kind.BEST : RegionShape.Kind.QUICK).ordinal();
  }

  /** Regions that were dropped for a reason. */
  public long dropped(RegionDrop why) {
    return dropped[why.ordinal()];
  }

  /** Guest instructions that regions for the quick compiler executed. */
  public long quickInsns() {
    long sum = quickInsnsOfDropped;
    for (Region region : live) {
      if (!region.isBest()) {
        sum += region.heat;
      }
    }
    return sum;
  }

  /** Bytes of bytecode of the regions in use. */
  public long codeBytes() {
    long sum = 0;
    for (Region region : live) {
      sum += region.layout().codeBytes();
    }
    return sum;
  }
}
