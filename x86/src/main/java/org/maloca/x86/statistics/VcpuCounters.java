package org.maloca.x86.statistics;

/**
 * What one vCPU counts about itself. Its thread alone writes, without ordering; others read what
 * they get, which may lag. Counting happens where control has left the fast path already.
 */
public final class VcpuCounters {
  // Compiled code.

  /** Guest instructions of regions, added whenever compiled code gives control back. */
  public long regionInstructions;

  /** Regions run right after another, without the loop in between. */
  public long chained;

  /** Of those, after a jump whose target was computed. */
  public long computedJumps;

  /** Of those, the same region again after it was left for an instruction's handler. */
  public long resumed;

  /** Links that found a region to lead to. */
  public long linksConnected;

  /** Guest calls that were calls of the JVM. */
  public long nestedCalls;

  /** Of those, the ones after which the caller could not go on. */
  public long unwoundCalls;

  /** What compiled code is being left for; {@link #leftRegions} takes it. */
  public RegionExit exit = RegionExit.RETURN;

  private final long[] exits = new long[RegionExit.values().length];

  // Code.

  /** Blocks decoded, and decoded again. */
  public long blocksDecoded;

  /** Stores, of any CPU or device, that hit decoded code. */
  public long codeWrites;

  /** Stores to pages with decoded code that hit none of it. */
  public long harmlessWrites;

  /** Pages whose code was given up, because it was in the way of data or was overwritten whole. */
  public long pagesDropped;

  /** Times that code which was executed seldom was dropped to make room. */
  public long evictions;

  /** Times that all code was dropped. */
  public long codeFlushes;

  // Memory.

  /** Loads, stores and updates that the TLB's fast path did not serve. */
  public long slowAccesses;

  /** Page walks for data. */
  public long dataWalks;

  /** Page walks for code. */
  public long fetchWalks;

  /** Entries of the TLB filled. */
  public long tlbFills;

  /** Loads from and stores to device registers. */
  public long deviceAccesses;

  /** Times that all translations were dropped, or all that are not global. */
  public long tlbFlushes;

  /** Times that the translations of one page were dropped. */
  public long pageFlushes;

  /** Loads of CR3. */
  public long addressSpaceChanges;

  // Events.

  /** External interrupts taken. */
  public long interrupts;

  /** Non-maskable interrupts taken. */
  public long nmis;

  /** Times that the CPU halted. */
  public long halts;

  /** How long it was halted. */
  public long haltedNanos;

  private final long[] exceptions = new long[32];

  /** Says why compiled code is about to be left, unless a pending event is known to be why. */
  public void leaveRegion(RegionExit why) {
    if (exit != RegionExit.EVENT) {
      exit = why;
    }
  }

  /** A jump whose target was computed left a region, and found another or did not. */
  public void computedJump(boolean found) {
    if (found) {
      computedJumps++;
    } else {
      leaveRegion(RegionExit.NO_COMPUTED_REGION);
    }
  }

  /** A compiled call came back and the caller cannot go on; the first reason there was stays. */
  public void callUnwound(boolean eventPending) {
    unwoundCalls++;
    if (exit == RegionExit.RETURN) {
      exit = eventPending ? RegionExit.EVENT : RegionExit.CALL_UNWOUND;
    }
  }

  /** Counts a return of compiled code to the loop, for the reason told before. */
  public void leftRegions(long instructions) {
    regionInstructions += instructions;
    exits[exit.ordinal()]++;
    exit = RegionExit.RETURN;
  }

  public long exits(RegionExit why) {
    return exits[why.ordinal()];
  }

  /** Returns of compiled code to the loop, whatever for. */
  public long allExits() {
    long sum = 0;
    for (long count : exits) {
      sum += count;
    }
    return sum;
  }

  /** Counts the delivery of an exception. */
  public void exception(int vector) {
    exceptions[vector & 31]++;
  }

  public long exceptions(int vector) {
    return exceptions[vector];
  }

  /** Exceptions of all vectors. */
  public long allExceptions() {
    long sum = 0;
    for (long count : exceptions) {
      sum += count;
    }
    return sum;
  }
}
