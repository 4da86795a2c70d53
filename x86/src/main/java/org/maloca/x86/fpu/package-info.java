/** The x87 unit: its registers, its instructions, and the floating-point state areas. */
@org.jspecify.annotations.NullMarked
package org.maloca.x86.fpu;
