; Debug facilities: single step by TF with its shadows, instruction, data and I/O breakpoints, RF,
; general detect, DR4/DR5, DR6 and DR7 rules, ICEBP.
; Intel SDM vol. 3, 19.2, 19.3; AMD APM vol. 2, 13.1.
%include "lib/long.inc"

BS      equ 1 << 14
BD      equ 1 << 13

; DR6 without the bits that are always set.
%macro CHECK_DR6 2
  mov rax, dr6
  and eax, 0xe00f
  mov [seen], rax
  CHECK %1, [seen], %2
  mov eax, 0xffff0ff0
  mov dr6, rax
%endmacro

%macro SET_TF 0
  push qword FLAG_TF | 2
  popfq
%endmacro

main:
  ; Single step: the trap comes after the instruction that follows POPF.
  TRY
  SET_TF
  nop
after_nop:
  nop
  CATCH "TF traps", DB_
  CHECK "after one instruction", [last_rip], after_nop
  CHECK "TF is in the pushed flags", [last_flags], FLAG_TF | 2
  CHECK_DR6 "DR6.BS", BS
  ; A fault is not followed by a trap; the handler runs without TF.
  TRY
  SET_TF
  ud2
  CATCH "a fault under TF is the fault", UD
  CHECK_DR6 "and sets no BS", 0
  ; INT n under TF: the handler runs untraced, the trap is lost to it.
  TRY
  SET_TF
  int 0x40
  CATCH "INT n under TF", 0x40
  CHECK "TF is pushed by INT n", [last_flags], FLAG_TF | 2
  ; MOV SS holds the trap off for an instruction.
  mov ecx, KDATA
  TRY
  SET_TF
  mov ss, cx
  nop
after_shadow:
  nop
  CATCH "MOV SS under TF", DB_
  CHECK "trap after the next instruction", [last_rip], after_shadow
  CHECK_DR6 "BS after MOV SS", BS
  ; POPF that clears TF is still traced.
  TRY
  push qword 2
  SET_TF
  popfq
after_popf:
  nop
  CATCH "POPF that clears TF", DB_
  CHECK "is traced itself", [last_rip], after_popf
  CHECK_DR6 "BS", BS
  ; REP: a trap after each iteration.
  mov qword [hook], count_hook
  mov dword [count], 0
  mov rdi, buffer
  mov ecx, 3
  SET_TF
  rep stosb
  push qword 2
  popfq
  mov qword [hook], 0
  CHECK "REP STOS of three, PUSH and POPF: five traps", [count], 5
  ; A taken jump, a counted loop.
  mov qword [hook], count_hook
  mov dword [count], 0
  SET_TF
  mov ecx, 3
.loop:
  dec ecx
  jnz .loop
  push qword 2
  popfq
  mov qword [hook], 0
  CHECK "every instruction of a loop traps", [count], 9
  CHECK_DR6 "BS of the last", BS
  ; IRET to code with TF: one instruction of it runs.
  TRY
  push qword KDATA
  push qword STACK_TOP - 0x200
  push qword FLAG_TF | 2
  push qword KCODE64
  push qword .stepped
  iretq
.stepped:
  nop
after_stepped:
  nop
  CATCH "IRET sets TF", DB_
  CHECK "one instruction ran", [last_rip], after_stepped
  CHECK_DR6 "BS after IRET", BS
  ; Instruction breakpoint: a fault, before; RF passes it once.
  mov rax, breakpoint
  mov dr0, rax
  mov eax, 0x402                     ; G0
  mov dr7, rax
  mov ebx, 0
  TRY
  mov ebx, 1
breakpoint:
  mov ebx, 2
  int 0x4f
  CATCH "instruction breakpoint", DB_
  CHECK "comes before the instruction", rbx, 1
  CHECK "its RIP", [last_rip], breakpoint
  mov rax, [last_flags]
  and eax, FLAG_RF
  mov [seen], rax
  CHECK "RF is not set for it", [seen], 0
  CHECK_DR6 "DR6.B0", 1
  TRY
  push qword KDATA
  push qword STACK_TOP - 0x200
  push qword FLAG_RF | 2
  push qword KCODE64
  push qword breakpoint
  iretq
  CATCH "IRET with RF passes the breakpoint", 0x4f
  CHECK "the instruction ran", rbx, 2
  ; POPF cannot set RF.
  TRY
  push qword FLAG_RF | 2
  popfq
  jmp breakpoint
  CATCH "POPF does not set RF", DB_
  CHECK_DR6 "B0 again", 1
  ; After MOV SS a breakpoint on the next instruction is not met.
  mov rax, in_shadow
  mov dr0, rax
  TRY
  mov ecx, KDATA
  mov ss, cx
in_shadow:
  nop
  CATCH "breakpoint after MOV SS is held off", NONE
  CHECK_DR6 "and not seen", 0
  ; The shadow of MOV SS is over long before: the breakpoint is met at once.
  mov eax, 0x400
  mov dr7, rax
  mov rax, behind_dr7
  mov dr0, rax
  TRY
  mov ecx, KDATA
  mov ss, cx
  jmp .later
.later:
  mov eax, 0x402
  mov dr7, rax
behind_dr7:
  nop
  CATCH "breakpoint right behind MOV DR7", DB_
  CHECK_DR6 "B0 of it", 1
  mov eax, 0x400
  mov dr7, rax
  ; Data breakpoints: traps, after.
  mov rax, watched
  mov dr1, rax
  mov eax, 0x400 | 1 << 3 | 1 << 20 | 3 << 22   ; G1, write, 4 bytes
  mov dr7, rax
  TRY
  mov eax, [watched]
  CATCH "write breakpoint: a read", NONE
  TRY
  mov dword [watched], 5
after_write:
  nop
  CATCH "write breakpoint: a write", DB_
  CHECK "comes after the instruction", [last_rip], after_write
  movzx eax, byte [watched]
  mov [seen], rax
  CHECK "which wrote", [seen], 5
  CHECK_DR6 "DR6.B1", 2
  TRY
  mov byte [watched + 3], 5
  CATCH "its last byte", DB_
  CHECK_DR6 "B1", 2
  TRY
  mov byte [watched + 4], 5
  CATCH "the byte after", NONE
  TRY
  mov qword [watched - 7], 0
  CATCH "a wide write that touches it", DB_
  CHECK_DR6 "B1", 2
  TRY
  inc dword [watched]
  CATCH "read-modify-write", DB_
  CHECK_DR6 "B1", 2
  TRY
  mov rdi, watched - 2
  mov ecx, 6
  rep stosb
  CATCH "REP STOS over it", DB_
  CHECK "stops after the iteration", rcx, 3
  CHECK_DR6 "B1", 2
  mov eax, 0x400 | 1 << 3 | 3 << 20  ; reads and writes, 1 byte
  mov dr7, rax
  TRY
  mov al, [watched]
  CATCH "read breakpoint", DB_
  CHECK_DR6 "B1", 2
  TRY
  ENTER_USER
  mov al, [watched]
  CATCH "is a linear address: the alias is another", NONE
  ; Breakpoint on an instruction with data: 8 bytes.
  mov eax, 0x400 | 1 << 3 | 1 << 20 | 2 << 22
  mov dr7, rax
  TRY
  mov byte [watched + 7], 1
  CATCH "8-byte breakpoint", DB_
  CHECK_DR6 "B1", 2
  ; Disabled ones may show in DR6, but do not trap.
  mov eax, 0x400 | 1 << 20
  mov dr7, rax
  TRY
  mov byte [watched], 1
  CATCH "disabled breakpoint", NONE
  mov eax, 0xffff0ff0
  mov dr6, rax
  ; I/O breakpoint with CR4.DE.
  mov rax, cr4
  or eax, CR4_DE
  mov cr4, rax
  mov eax, 0x80
  mov dr2, rax
  mov eax, 0x400 | 1 << 5 | 2 << 24
  mov dr7, rax
  TRY
  out 0x80, al
after_out:
  nop
  CATCH "I/O breakpoint", DB_
  CHECK "after the instruction", [last_rip], after_out
  CHECK_DR6 "DR6.B2", 4
  TRY
  out 0x81, al
  CATCH "another port", NONE
  ; DR4 and DR5.
  TRY
  mov rax, dr4
  CATCH "DR4 with CR4.DE", UD
  TRY
  mov dr5, rax
  CATCH "DR5 with CR4.DE", UD
  mov eax, 0x400
  mov dr7, rax
  mov rax, cr4
  and eax, ~CR4_DE
  mov cr4, rax
  TRY
  mov rax, dr5
  CATCH "DR5 without CR4.DE", NONE
  CHECK "is DR7", rax, 0x400
  ; General detect.
  mov eax, 0x2400
  mov dr7, rax
  TRY
  mov rax, dr0
gd_end:
  CATCH "DR access under GD", DB_
  lea rax, [gd_end - 3]
  mov [seen], rax
  CHECK "a fault", [last_rip], [seen]
  CHECK_DR6 "DR6.BD", BD
  mov rax, dr7
  CHECK "GD is clear in the handler and after", rax, 0x400
  ; Rules of DR6 and DR7.
  TRY
  mov rax, 1 << 32
  mov dr7, rax
  CATCH "upper half of DR7", GP
  TRY
  mov rax, 1 << 32
  mov dr6, rax
  CATCH "upper half of DR6", GP
  mov rax, 0x123456789abcdef0
  mov dr3, rax
  mov rcx, dr3
  mov [seen], rax
  CHECK "DR3 has 64 bits", rcx, [seen]
  xor eax, eax
  mov dr6, rax
  mov rcx, dr6
  and ecx, ~(1 << 16)                ; RTM, where there is it
  CHECK "DR6's fixed bits", rcx, 0xfffe0ff0
  TRY
  ENTER_USER
  mov rax, dr0
  CATCH "DR in ring 3", GP
  TRY
  db 0xf1
after_icebp:
  CATCH "ICEBP", DB_
  CHECK "is a trap", [last_rip], after_icebp
  CHECK_DR6 "without DR6 bits", 0
  ret

count_hook:
  inc qword [count]
  add rsp, 8
  iretq

  section .data
  align 8
seen: dq 0
count: dq 0
buffer: dq 0
  dq 0
  align 16
  dq 0
watched: dq 0
  dq 0
