/** Guest memory: blocks of host memory, the guest-physical map, and the door for DMA. */
@org.jspecify.annotations.NullMarked
package org.maloca.core.memory;
