package org.maloca.x86;

import org.jspecify.annotations.Nullable;
import org.maloca.x86.translate.Region;

/**
 * What compiled code touches with nearly every instruction. A class of its own, and the first of
 * {@link Cpu}'s, since the JVM lays out an object's fields class by class: what is in the first 128
 * bytes is reached by a machine instruction three bytes shorter.
 */
public abstract class RegionState {
  /** What {@link #faultOffset} is when RIP and the count of instructions are exact. */
  public static final int EXACT = Integer.MIN_VALUE;

  /**
   * While a small region executes: offset from its base of the instruction that may fault; see
   * {@link org.maloca.x86.translate.Region#settle}.
   */
  public int faultOffset = EXACT;

  /** Guest instructions executed, counted block by block. */
  public long instructions;

  /**
   * Those that the small region which executes has begun since it was entered: {@link
   * #instructions} has them when it is left. An int, since the quick compiler adds to one by half
   * the code that a long takes.
   */
  public int regionInstructions;

  /**
   * How many more regions may be called by the one that leads to them: each has a frame on the
   * JVM's stack until control is back in the loop.
   */
  public int callsLeft;

  /**
   * The small region that executes, or the last one that did, which notes this itself; whoever
   * catches its fault settles it.
   */
  public @Nullable Region running;

  /** The lazy arithmetic flags: see {@link Flags}. */
  public int flagKind;

  public long flagResult;
  public long flagSource;

  RegionState() {}
}
