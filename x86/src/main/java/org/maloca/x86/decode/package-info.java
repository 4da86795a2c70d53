/**
 * From bytes to {@link org.maloca.x86.ir.Insn}: every encoding question is answered here, so that
 * what executes instructions sees operations, sizes and operands only. Follows the Intel SDM volume
 * 2 and the AMD APM volume 3; where they differ, AMD, because that is what our CPUID says we are.
 *
 * <h2>Results</h2>
 *
 * An encoding that is not an instruction (in this mode, on this CPU) becomes {@code UD}, with the
 * length of what was read. More than 15 bytes are no instruction: {@link Decoder#TOO_LONG}, #GP(0).
 * Privilege, CR0.TS and EM, CR4.OSFXSR and the like are the handlers' business.
 *
 * <h2>Operands</h2>
 *
 * <ul>
 *   <li>Destination first, as the manuals list them. Operands that an operation always implies are
 *       not listed: those of MUL, IMUL_WIDE, DIV, IDIV, CBW, CWD, CPUID, string operations, XLAT,
 *       LAHF, PUSHF, CMPXCHG's accumulator, ... The accumulator of {@code ADD AL,imm}, {@code IN},
 *       {@code OUT}, {@code TEST}, {@code XCHG} and {@code MOV moffs} is listed, as GPR 0; so is DX
 *       of IN and OUT (GPR 2; the port is IMMEDIATE otherwise).
 *   <li>{@code operandSize} is the operation's, override prefixes, REX.W and the 64-bit defaults
 *       applied. Where nothing has an integer size it is 0. Instructions on which it still matters
 *       have it too: near branches, calls and returns (2: RIP is cut to 16 bits), far transfers,
 *       IRET, PUSHF/POPF, PUSHA, ENTER, LEAVE, string operations, CBW (size of the result), CWD
 *       (size of each half), FLDENV/FNSTENV/FRSTOR/FNSAVE (2 or 4), FXSAVE/XSAVE (8 with REX.W,
 *       else 4), LGDT/LIDT/SGDT/SIDT (8 in 64-bit code), SYSRET/SYSEXIT (8 with REX.W, else 4), MOV
 *       CR/DR (8 in 64-bit code, else 4).
 *   <li>SIMD: 4 or 8 where a general register (or memory in its place) takes part, else 0; memory
 *       operands then have the size that the operation implies. {@code MOVD} with operandSize 8 is
 *       the manuals' MOVQ to or from a general register; {@code MOVQ} has MMX, XMM and memory
 *       operands only. PEXTRB, PEXTRW, PINSRB, PINSRW have size 4 (the register's); memory is a
 *       byte or word.
 *   <li>MOVZX, MOVSX, MOVSXD, CRC32: {@code operandSize} is the destination's, {@code sourceSize}
 *       the source's.
 *   <li>Byte registers AH, CH, DH, BH are {@code HIGH_BYTE} 0-3.
 *   <li>{@code immediate} is sign-extended to 64 bits for arithmetic, MOV, PUSH and branches (cut
 *       it to the operand size); zero-extended for shift counts, bit offsets, INT, IN, OUT, RET,
 *       ENTER, AAM, AAD and SIMD. Shifts by one (D0, D1) have IMMEDIATE 1; shifts by CL have GPR 1.
 *   <li>MOV_TO_SEG: SEGMENT, then GPR or MEMORY of size 2. MOV_FROM_SEG, SLDT, STR, SMSW: GPR of
 *       the operand size, or MEMORY of size 2. PUSH_SEG and POP_SEG: SEGMENT. LOAD_FAR_POINTER:
 *       GPR, MEMORY, SEGMENT. Far CALL and JMP: FAR_POINTER or MEMORY. A far pointer in memory is
 *       an offset of operandSize, but of 4 bytes at most, then the selector: on AMD, REX.W widens
 *       what CALL pushes but no pointer.
 *   <li>RET, RET_FAR: IMMEDIATE (0 when the encoding has none). ENTER: IMMEDIATE is the frame's
 *       size, {@code immediate2} the raw nesting level. INT: IMMEDIATE.
 *   <li>Strings, XLAT, MASKMOV, MONITOR, OUTS: {@code segment} is that of rSI (rDI for MASKMOV, rAX
 *       for MONITOR, rBX for XLAT), override applied; STOS, SCAS, INS have ES. {@code repeat} is
 *       filled for string operations only.
 *   <li>x87: FADD, FMUL, FSUB, FSUBR, FDIV, FDIVR: destination X87, source X87 or MEMORY in {@code
 *       x87Format}. FCOM, FICOM, FUCOM, FCOMI, FUCOMI, FCMOVcc: X87 0, then the source. FLD, FST,
 *       FILD, FIST, FISTTP, FBLD, FBSTP, FXCH, FFREE, FFREEP: one operand. {@code x87Pops} is
 *       filled for whatever pops by encoding: FSTP, FADDP, FCOMPP, FISTTP, FBSTP, FFREEP, ...;
 *       operations that always pop as part of their arithmetic (FYL2X, FYL2XP1, FPATAN) have 0.
 *       FNSTSW AX: GPR 0 of size 2.
 *   <li>XMM0 of BLENDVPS, BLENDVPD, PBLENDVB and SHA256RNDS2 is listed last.
 *   <li>CMPXCHG8B, CMPXCHG16B: MEMORY, operandSize 8, 16. BMI: as the manuals list them; MULX has
 *       the high half's register first.
 *   <li>XCHG with memory has {@code lock} set, with or without the prefix. {@code lock} is set only
 *       where operand 0 is MEMORY; LOCK elsewhere decodes to UD. LOCK MOV CR0 is MOV CR8.
 * </ul>
 *
 * <h2>Memory operand</h2>
 *
 * {@code base} and {@code index} are {@link org.maloca.x86.ir.Insn#NO_REGISTER} when absent; 16-bit
 * forms are resolved into them. The sum is to be cut to {@code addressSize}. {@code segment} is
 * never absent with a memory operand; in 64-bit code overrides to ES, CS, SS and DS are ignored.
 */
@NullMarked
package org.maloca.x86.decode;

import org.jspecify.annotations.NullMarked;
