package org.maloca.x86.simd;

/** A packed operation that works on 64 bits at a time: an MMX register or half an XMM register. */
@FunctionalInterface
interface LaneOperation {
  long apply(long destination, long source);
}
