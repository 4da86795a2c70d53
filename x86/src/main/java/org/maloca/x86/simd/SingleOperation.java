package org.maloca.x86.simd;

import org.maloca.x86.softfloat.FloatEnv;

/** A binary32 operation of a destination and a source element, as bits. */
@FunctionalInterface
interface SingleOperation {
  int apply(int destination, int source, FloatEnv env);

  /** Applies to both elements of 64 bits. */
  default long applyToPair(long destination, long source, FloatEnv env) {
    int low = apply((int) destination, (int) source, env);
    int high = apply((int) (destination >>> 32), (int) (source >>> 32), env);
    return low & 0xffff_ffffL | (long) high << 32;
  }
}
