package org.maloca.x86.translate;

import org.jspecify.annotations.Nullable;

/**
 * What of a region is looked at whenever it is entered or left. A class of its own, since the JVM
 * lays out an object's fields class by class: so they are in one or two lines of the host's cache,
 * of which each costs a miss where much code takes turns.
 */
public abstract class RegionEntrance {
  /** False once any of its code was overwritten, or it was dropped to make room. */
  public volatile boolean valid = true;

  /** A larger region is to be asked for when it is entered the next time. */
  volatile boolean betterWanted;

  /** {@link org.maloca.x86.mmu.FetchStamps#generation} when it was last found to be mapped. */
  long mappedGeneration = -1;

  /** Linear address of its base, since it was found to be mapped there; where it runs from. */
  protected long mappedBase;

  /** Guest instructions that it executed; written by the vCPU, looked at by the translator. */
  public long heat;

  /**
   * The regions that were found at the fixed places which ways out lead to, by number of the link.
   * All links are the vCPU's own.
   */
  final @Nullable Region[] targets;

  /**
   * How each target is entered, see {@link Landing}. Here, not in the targets or an object for each
   * link: what is far apart costs a miss each.
   */
  final long[] landings;

  RegionEntrance(int links) {
    targets = new Region[links];
    landings = new long[links];
  }
}
