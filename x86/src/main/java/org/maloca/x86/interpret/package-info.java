/** The interpreter: its loop, its ops, and the table of reference behaviours. */
@org.jspecify.annotations.NullMarked
package org.maloca.x86.interpret;
