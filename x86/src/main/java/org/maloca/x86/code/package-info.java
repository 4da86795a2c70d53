/** Decoded blocks: made, found, and kept true to memory. */
@org.jspecify.annotations.NullMarked
package org.maloca.x86.code;
