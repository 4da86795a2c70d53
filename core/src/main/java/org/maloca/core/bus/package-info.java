/** How CPUs reach devices: I/O ports and memory-mapped registers. */
@org.jspecify.annotations.NullMarked
package org.maloca.core.bus;
