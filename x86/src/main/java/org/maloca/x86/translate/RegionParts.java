package org.maloca.x86.translate;

import org.maloca.x86.interpret.InsnHandler;

/**
 * What an instance of a region's class is made of.
 *
 * @param left the instructions that are left to handlers
 * @param handlers their handlers
 * @param returnOffsets for each way out to a fixed place the offset that a call there is returned
 *     to, or {@link Region#NO_CALL}
 * @param better whom to ask for a larger region in its place
 */
@SuppressWarnings("ArrayRecordComponent")
record RegionParts(
    LeftInsn[] left,
    InsnHandler[] handlers,
    int[] returnOffsets,
    RegionLayout layout,
    RegionShape.Kind kind,
    BetterCode better) {}
