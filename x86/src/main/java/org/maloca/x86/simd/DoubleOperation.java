package org.maloca.x86.simd;

import org.maloca.x86.softfloat.FloatEnv;

/** A binary64 operation of a destination and a source element, as bits. */
@FunctionalInterface
interface DoubleOperation {
  long apply(long destination, long source, FloatEnv env);
}
