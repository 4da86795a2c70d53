/** System instructions, interrupts and everything else that changes how the CPU runs. */
@org.jspecify.annotations.NullMarked
package org.maloca.x86.system;
