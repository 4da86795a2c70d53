/**
 * Two engines in lockstep on a live machine: what the translator does is done once more by the
 * interpreter, on a copy of the machine's memory, and everything is compared.
 */
@org.jspecify.annotations.NullMarked
package org.maloca.x86.lockstep;
