package org.maloca.x86.translate;

import org.maloca.x86.code.CodeCache;

/** Takes wishes for better code in place of a region. */
interface BetterCode {
  /** Asks for it; on the vCPU's thread, while the region's code is mapped at {@code base}. */
  void request(Region region, long base, CodeCache cache);
}
