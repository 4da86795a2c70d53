package org.maloca.x86.translate;

/** Why a region is no longer used. */
public enum RegionDrop {
  /** Its code was written to. */
  OVERWRITTEN("overwritten", "code was written to"),
  /** The page's code was given up: data there is written often, or all of it is overwritten. */
  PAGE_DROPPED("page-dropped", "page's code was given up"),
  /**
   * All code was dropped: there was too much of it, memory's layout changed, or the CPU's state.
   */
  FLUSHED("flushed", "all code was dropped"),
  /** It was executed seldom, and there was no room for other code. */
  COLD("cold", "no room for seldom executed code"),
  /** A better region took its place. */
  REPLACED("replaced", "replaced by a better region"),
  /** There were too many, and it was used little. */
  EVICTED("evicted", "there were too many regions"),
  /** Its code was gone before it was ready. */
  LATE("late", "code was gone before the region was ready");

  private final String counterName;
  private final String label;

  RegionDrop(String counterName, String label) {
    this.counterName = counterName;
    this.label = label;
  }

  /** As a counter's name. */
  public String counterName() {
    return counterName;
  }

  /** For people. */
  public String label() {
    return label;
  }
}
