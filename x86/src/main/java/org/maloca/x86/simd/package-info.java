/**
 * MMX and SSE to SSE4.2, AES, PCLMULQDQ and SHA instructions (Intel SDM vol. 1, chapters 9 to 12;
 * AMD APM vols. 4 and 5).
 *
 * <p>An XMM operand is the index of its low half in {@link org.maloca.x86.Cpu#xmm}; a 128-bit
 * memory operand is first brought into the scratch slot there, so that one body serves both. Every
 * handler reads its whole source before it writes its destination, because they may be one
 * register.
 */
@NullMarked
package org.maloca.x86.simd;

import org.jspecify.annotations.NullMarked;
