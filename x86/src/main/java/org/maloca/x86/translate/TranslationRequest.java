package org.maloca.x86.translate;

import org.maloca.x86.code.Block;
import org.maloca.x86.code.CodeCache;

/**
 * A region that a vCPU asked for.
 *
 * @param start the hot block that it begins with
 * @param ticket closed when there is no more to wait for
 */
record TranslationRequest(Block start, RegionShape shape, CodeCache cache, Ticket ticket) {
  /** The more, the sooner it should be served; it grows while the block is interpreted. */
  int urgency() {
    return isBest() ? Integer.MAX_VALUE : start.executions;
  }

  /** Whether nothing else served it meanwhile. */
  boolean isWanted() {
    return start.valid && (isBest() || start.region == null);
  }

  /** Whether it is for a better region. */
  boolean isBest() {
    return shape.kind() == RegionShape.Kind.BEST;
  }
}
