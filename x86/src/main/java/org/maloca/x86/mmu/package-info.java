/** Linear memory: page tables, the software TLB, atomic and slow accesses. */
@org.jspecify.annotations.NullMarked
package org.maloca.x86.mmu;
