package org.maloca.x86.translate;

/**
 * A translation that was made, for those who count, record or write it down.
 *
 * @param classFile what was defined
 * @param codeBytes bytes of the bytecode of its method
 * @param attempts 1, and one more for each time that the method got too long
 */
@SuppressWarnings("ArrayRecordComponent")
record Translation(
    Region region,
    RegionPlan plan,
    byte[] classFile,
    int codeBytes,
    int attempts,
    long emitNanos,
    long defineNanos) {

  int guestInsns() {
    return region.layout().insnCount();
  }
}
