package org.maloca.x86.translate;

import org.jspecify.annotations.Nullable;
import org.maloca.x86.code.Block;

/** Finds blocks that have been executed. */
public interface BlockFinder {
  /** The executed block at a linear address in a mode, as memory is mapped now; or null. */
  @Nullable Block executedBlock(long linear, int mode);
}
