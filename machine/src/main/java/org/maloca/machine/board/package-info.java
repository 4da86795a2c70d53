/** The PC: which devices there are, at which addresses, and how they are wired. */
@org.jspecify.annotations.NullMarked
package org.maloca.machine.board;
