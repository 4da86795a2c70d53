package org.maloca.x86.translate;

import org.maloca.x86.ir.Insn;

/**
 * An instruction of a region that is left to its handler.
 *
 * @param notReached instructions of its block from this one on
 * @param resume the entry behind it, -1 if there is none or the region does not leave for it
 */
record LeftInsn(Insn insn, int notReached, int resume) {}
