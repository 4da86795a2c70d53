package org.maloca.x86.translate;

/**
 * A translation that was made, for those who count, record or write it down.
 *
 * @param rip of the first block, as the code was mapped when the region was gathered
 * @param classFile what was defined
 * @param codeBytes bytes of the bytecode of its method
 * @param attempts 1, and one more for each time that the method got too long
 */
@SuppressWarnings("ArrayRecordComponent")
record Translation(
    long rip,
    RegionShape.Kind kind,
    RegionPlan plan,
    byte[] classFile,
    int codeBytes,
    int attempts,
    long emitNanos,
    long defineNanos) {

  int guestInsns() {
    return plan.blocks().stream().mapToInt(block -> block.block().insns.length).sum();
  }
}
