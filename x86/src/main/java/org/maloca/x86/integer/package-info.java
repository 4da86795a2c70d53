/** The general-purpose instructions: arithmetic, bits, moves, stack, strings, near branches. */
@org.jspecify.annotations.NullMarked
package org.maloca.x86.integer;
