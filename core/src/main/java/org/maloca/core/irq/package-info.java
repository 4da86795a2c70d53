/** Interrupt wires and messages. */
@org.jspecify.annotations.NullMarked
package org.maloca.core.irq;
