; Floating-point and opcode exceptions: #NM by CR0.TS and EM, #UD by CR4.OSFXSR, #MF and when it comes,
; #XM and CR4.OSXMMEXCPT, alignment faults and checks, LOCK where it may not be, opcodes invalid in 64-bit
; mode, instructions too long; and CPUID: every advertised feature works, others are #UD.
; Intel SDM vol. 1, 8.7, 11.5; vol. 2, 3.2 CPUID; vol. 3, 2.5, 6.15; AMD APM vol. 2, 8.2; vol. 3, app. D.
%include "lib/long.inc"

%macro SET_CR0 1
  mov rax, cr0
  or eax, %1
  mov cr0, rax
%endmacro

%macro CLEAR_CR0 1
  mov rax, cr0
  and eax, ~(%1)
  mov cr0, rax
%endmacro

%macro EXPECT 3                      ; name, vector, bytes or instruction
  TRY
  %3
  CATCH %1, %2
%endmacro

; FEATURE name, leaf, subleaf, register's place (0 EAX .. 3 EDX), bit, instruction: works exactly if
; the bit is set.
%macro FEATURE 6
  mov eax, %2
  mov ecx, %3
  cpuid
  mov [leaf], eax
  mov [leaf + 4], ebx
  mov [leaf + 8], ecx
  mov [leaf + 12], edx
  mov dword [want], UD
  bt dword [leaf + 4 * (%4)], %5
  jnc %%absent
  mov dword [want], NONE
%%absent:
  mov rdi, buffer
  mov eax, 3
  xor ecx, ecx
  xor edx, edx
  TRY
  %6
  int 0x80
%$after:
  mov qword [resume_ip], unexpected
  CHECK %1, [last_trap], [want]
  %pop
%endmacro

main:
  ; x87, MMX and SSE under TS and EM.
  SET_CR0 CR0_TS
  EXPECT "x87 with TS", NM, fld1
  EXPECT "FNINIT with TS", NM, fninit
  EXPECT "MMX with TS", NM, {movq mm0, mm1}
  EXPECT "SSE with TS", NM, {movaps xmm0, xmm1}
  EXPECT "FXSAVE with TS", NM, {fxsave [buffer]}
  EXPECT "LDMXCSR with TS", NM, {ldmxcsr [mxcsr]}
  EXPECT "FWAIT with TS and MP", NM, fwait
  EXPECT "PREFETCH with TS", NONE, {prefetcht0 [buffer]}
  EXPECT "MOVNTI with TS", NONE, {movnti [buffer], eax}
  EXPECT "SFENCE with TS", NONE, sfence
  CLEAR_CR0 CR0_MP
  EXPECT "FWAIT with TS without MP", NONE, fwait
  clts
  SET_CR0 CR0_MP | CR0_EM
  EXPECT "x87 with EM", NM, fld1
  EXPECT "MMX with EM", UD, {movq mm0, mm1}
  EXPECT "SSE with EM", UD, {movaps xmm0, xmm1}
  EXPECT "FWAIT with EM", NONE, fwait
  CLEAR_CR0 CR0_EM
  mov rax, cr4
  and eax, ~CR4_OSFXSR
  mov cr4, rax
  EXPECT "SSE without OSFXSR", UD, {movaps xmm0, xmm1}
  EXPECT "MMX without OSFXSR", NONE, {movq mm0, mm1}
  mov rax, cr4
  or eax, CR4_OSFXSR
  mov cr4, rax
  ; #MF: at the next waiting instruction.
  fninit
  mov word [control], 0x37b           ; zero divide unmasked
  fldcw [control]
  fld1
  fldz
  TRY
  fdivp
  nop
  fnstsw ax
  mov ecx, eax
.waiting:
  fwait
  CATCH "#MF", MF
  CHECK "comes with the next waiting instruction", [last_rip], .waiting
  and ecx, 0x8084
  CHECK "ES and ZE are in the status word before", rcx, 0x8084
  EXPECT "FNCLEX does not wait", NONE, fnclex
  EXPECT "nothing is pending after it", NONE, fwait
  fninit
  mov word [control], 0x37e           ; invalid unmasked
  fldcw [control]
  TRY
  fldz
  fldz
  fdivp
  fld1
  CATCH "#MF at another x87 instruction", MF
  EXPECT "FNINIT does not wait", NONE, fninit
  TRY
  fldcw [control]
  fldz
  fldz
  fdivp
  movq mm0, mm1
  CATCH "#MF at an MMX instruction", MF
  fninit
  ; #XM.
  mov dword [mxcsr], 0x1d80           ; zero divide unmasked
  ldmxcsr [mxcsr]
  xorps xmm1, xmm1
  movaps xmm0, [ones]
  TRY
  divps xmm0, xmm1
  CATCH "#XM", XM
  movd ecx, xmm0
  CHECK "leaves the destination", rcx, 0x3f800000
  stmxcsr [mxcsr]
  mov ecx, [mxcsr]
  CHECK "sets the flag", rcx, 0x1d84
  mov rax, cr4
  and eax, ~CR4_OSXMMEXCPT
  mov cr4, rax
  TRY
  divps xmm0, xmm1
  CATCH "without OSXMMEXCPT", UD
  mov rax, cr4
  or eax, CR4_OSXMMEXCPT
  mov cr4, rax
  mov dword [mxcsr], 0x1f80
  ldmxcsr [mxcsr]
  mov dword [mxcsr], 0x80001f80
  EXPECT "reserved bit of MXCSR", GP, {ldmxcsr [mxcsr]}
  ; Alignment.
  EXPECT "MOVAPS misaligned", GP, {movaps xmm0, [buffer + 1]}
  EXPECT "ADDPS misaligned", GP, {addps xmm0, [buffer + 4]}
  EXPECT "MOVUPS misaligned", NONE, {movups xmm0, [buffer + 1]}
  EXPECT "FXSAVE misaligned", GP, {fxsave [buffer + 8]}
  EXPECT "CMPXCHG16B misaligned", GP, {cmpxchg16b [buffer + 8]}
  SET_CR0 CR0_AM
  TRY
  push qword FLAG_AC | 2
  popfq
  mov eax, [buffer + 1]
  CATCH "no alignment check in ring 0", NONE
  TRY
  ENTER_USER FLAG_AC | 2
  mov eax, [buffer + 2]
  CATCH "alignment check, 4 bytes", AC_, 0
  TRY
  ENTER_USER FLAG_AC | 2
  mov [buffer + 1], ax
  CATCH "alignment check, 2 bytes", AC_, 0
  TRY
  ENTER_USER FLAG_AC | 2
  mov rax, [buffer + 4]
  CATCH "alignment check, 8 bytes", AC_, 0
  TRY
  ENTER_USER FLAG_AC | 2
  mov al, [buffer + 1]
  mov rax, [buffer + 8]
  CATCH "alignment check, aligned", NONE
  TRY
  ENTER_USER FLAG_AC | 2
  sub rsp, 4
  push rax
  CATCH "alignment check of the stack", AC_, 0
  TRY
  ENTER_USER FLAG_AC | 2
  movaps xmm0, [buffer + 1]
  CATCH "MOVAPS misaligned under AC", GP
  TRY
  ENTER_USER
  mov eax, [buffer + 2]
  CATCH "AM without AC", NONE
  CLEAR_CR0 CR0_AM
  TRY
  ENTER_USER FLAG_AC | 2
  mov eax, [buffer + 2]
  CATCH "AC without AM", NONE
  ; Opcodes.
  mov rdi, buffer
  EXPECT "UD0", UD, {db 0x0f, 0xff, 0xc0}
  EXPECT "UD1", UD, {db 0x0f, 0xb9, 0xc0}
  EXPECT "LOCK MOV", UD, {db 0xf0, 0x89, 0x07}
  EXPECT "LOCK ADD to a register", UD, {db 0xf0, 0x01, 0xc0}
  EXPECT "LOCK CMP", UD, {db 0xf0, 0x39, 0x07}
  EXPECT "LOCK NOP", UD, {db 0xf0, 0x90}
  EXPECT "PUSH ES", UD, {db 0x06}
  EXPECT "DAA", UD, {db 0x27}
  EXPECT "AAA", UD, {db 0x37}
  EXPECT "PUSHA", UD, {db 0x60}
  EXPECT "opcode 82", UD, {db 0x82, 0xc0, 1}
  EXPECT "INTO", UD, {db 0xce}
  EXPECT "AAM", UD, {db 0xd4, 0x0a}
  EXPECT "SALC", UD, {db 0xd6}
  EXPECT "LES without VEX", UD, {db 0xc4, 0x07, 0, 0, 0}
  EXPECT "MOV to CS", UD, {db 0x8e, 0xc8}
  EXPECT "segment register 6", UD, {db 0x8e, 0xf0}
  EXPECT "RSM", UD, {db 0x0f, 0xaa}
  EXPECT "FE /2", UD, {db 0xfe, 0xd0}
  EXPECT "FF /7", UD, {db 0xff, 0xf8}
  EXPECT "LEA of a register", UD, {db 0x8d, 0xc0}
  EXPECT "CMPXCHG8B of a register", UD, {db 0x0f, 0xc7, 0xc8}
  EXPECT "0F 0A", UD, {db 0x0f, 0x0a}
  EXPECT "8F /1", UD, {db 0x8f, 0xc8}
  EXPECT "C6 /1", UD, {db 0xc6, 0xc8, 0}
  EXPECT "16 bytes", GP, {db 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x90}
  EXPECT "15 bytes", NONE, {db 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x90}
  EXPECT "REX before another prefix is ignored", NONE, {db 0x48, 0x66, 0x90}
  EXPECT "DIV overflow", DE, {db 0xba, 1, 0, 0, 0, 0xb9, 1, 0, 0, 0, 0xf7, 0xf1}
  TRY
  mov rax, 1 << 63
  cqo
  mov rcx, -1
  idiv rcx
  CATCH "IDIV of the least number by -1", DE
  ; What CPUID says.
  FEATURE "CPUID SSE3", 1, 0, 2, 0, {addsubps xmm0, xmm1}
  FEATURE "CPUID PCLMULQDQ", 1, 0, 2, 1, {pclmulqdq xmm0, xmm1, 0}
  FEATURE "CPUID MONITOR", 1, 0, 2, 3, {db 0x0f, 0x01, 0xc8}
  FEATURE "CPUID SSSE3", 1, 0, 2, 9, {pshufb xmm0, xmm1}
  FEATURE "CPUID CMPXCHG16B", 1, 0, 2, 13, {cmpxchg16b [rdi]}
  FEATURE "CPUID SSE4.1", 1, 0, 2, 19, {pmulld xmm0, xmm1}
  FEATURE "CPUID SSE4.2", 1, 0, 2, 20, {crc32 eax, ecx}
  FEATURE "CPUID MOVBE", 1, 0, 2, 22, {movbe eax, [rdi]}
  FEATURE "CPUID POPCNT", 1, 0, 2, 23, {popcnt eax, ecx}
  FEATURE "CPUID AES", 1, 0, 2, 25, {aesenc xmm0, xmm1}
  FEATURE "CPUID RDRAND", 1, 0, 2, 30, {rdrand eax}
  FEATURE "CPUID TSC", 1, 0, 3, 4, rdtsc
  FEATURE "CPUID CX8", 1, 0, 3, 8, {cmpxchg8b [rdi]}
  FEATURE "CPUID CMOV", 1, 0, 3, 15, {cmovz eax, ecx}
  FEATURE "CPUID CLFLUSH", 1, 0, 3, 19, {clflush [rdi]}
  FEATURE "CPUID MMX", 1, 0, 3, 23, {paddb mm0, mm1}
  FEATURE "CPUID FXSR", 1, 0, 3, 24, {fxsave [rdi]}
  FEATURE "CPUID SSE", 1, 0, 3, 25, {addps xmm0, xmm1}
  FEATURE "CPUID SSE2", 1, 0, 3, 26, {addpd xmm0, xmm1}
  FEATURE "CPUID ADX", 7, 0, 1, 19, {adcx eax, ecx}
  FEATURE "CPUID RDSEED", 7, 0, 1, 18, {rdseed eax}
  FEATURE "CPUID SMAP", 7, 0, 1, 20, stac
  FEATURE "CPUID CLFLUSHOPT", 7, 0, 1, 23, {clflushopt [rdi]}
  FEATURE "CPUID CLWB", 7, 0, 1, 24, {clwb [rdi]}
  FEATURE "CPUID SHA", 7, 0, 1, 29, {sha1msg1 xmm0, xmm1}
  FEATURE "CPUID BMI1", 7, 0, 1, 3, {andn eax, ecx, edx}
  FEATURE "CPUID BMI2", 7, 0, 1, 8, {pext eax, ecx, edx}
  FEATURE "CPUID RDPID", 7, 0, 2, 22, {db 0xf3, 0x0f, 0xc7, 0xf8}
  FEATURE "CPUID SERIALIZE", 7, 0, 3, 14, {db 0x0f, 0x01, 0xe8}
  FEATURE "CPUID RDTSCP", 0x80000001, 0, 3, 27, rdtscp
  FEATURE "CPUID LAHF in 64-bit mode", 0x80000001, 0, 2, 0, lahf
  FEATURE "CPUID SSE4A", 0x80000001, 0, 2, 6, {movntss [rdi], xmm0}
  FEATURE "CPUID PREFETCHW", 0x80000001, 0, 2, 8, {prefetchw [rdi]}
  TRY
  vaddps ymm0, ymm1, ymm2
  CATCH "AVX without OSXSAVE", UD
  TRY
  xsave [buffer]
  CATCH "XSAVE without OSXSAVE", UD
  mov eax, 1
  cpuid
  bt ecx, 27
  setc cl
  movzx ecx, cl
  CHECK "CPUID.OSXSAVE follows CR4", rcx, 0
  mov rax, cr4
  or eax, CR4_OSXSAVE
  mov cr4, rax
  mov eax, 1
  cpuid
  bt ecx, 27
  setc cl
  movzx ecx, cl
  CHECK "CPUID.OSXSAVE when it is set", rcx, 1
  TRY
  ENTER_USER
  mov eax, 0
  cpuid
  CATCH "CPUID in ring 3", NONE
  ; Address size of the physical space and 1-GiB pages agree with what paging showed.
  mov eax, 0x80000001
  cpuid
  bt edx, 20
  setc cl
  bt edx, 26
  setc ch
  bt edx, 29
  setc bl
  movzx ecx, cx
  movzx ebx, bl
  CHECK "CPUID NX and 1-GiB pages", rcx, 0x101
  CHECK "CPUID long mode", rbx, 1
  ret

  section .data
  align 64
buffer: times 1024 db 0
ones: dd 1.0, 1.0, 1.0, 1.0
mxcsr: dd 0x1f80
control: dw 0
  align 8
want: dq 0
leaf: dd 0, 0, 0, 0
