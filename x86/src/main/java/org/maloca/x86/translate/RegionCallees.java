package org.maloca.x86.translate;

import java.lang.constant.ClassDesc;
import java.lang.invoke.MethodHandles;

/**
 * The classes whose members compiled regions refer to, loaded before a region is compiled. In place
 * of a call to a class that is not loaded HotSpot's optimizing compiler leaves a trap: the first
 * time that it is reached, all of the region's code is thrown away, and the vCPU waits until it has
 * been compiled once more.
 */
final class RegionCallees {
  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

  private RegionCallees() {}

  /** Has loaded and initialized a class when this returns. */
  static void ensureLoaded(ClassDesc callee) {
    if (callee.equals(RegionCompiler.THIS)) {
      return;
    }
    try {
      Class<?> ignored = LOOKUP.ensureInitialized((Class<?>) callee.resolveConstantDesc(LOOKUP));
    } catch (ReflectiveOperationException missing) {
      throw new IllegalStateException("a class that compiled code needs is missing", missing);
    }
  }
}
