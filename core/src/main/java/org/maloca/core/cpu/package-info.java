/** The contract between a machine and its virtual CPUs, and the one architectural CPU state. */
@org.jspecify.annotations.NullMarked
package org.maloca.core.cpu;
