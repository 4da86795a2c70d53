; Interrupts, gates and far transfers of 64-bit mode: IDT limits, types, DPL and presence with their
; error codes, stack alignment and switch, IST, trap and interrupt gates, double fault, 64-bit call
; gates, far returns and IRET to every kind of code, with their checks.
; Intel SDM vol. 3, 6.14, 5.8; vol. 2 CALL, RET, IRET; AMD APM vol. 2, 8.9.
%include "lib/long.inc"

IDT_ERROR equ 2                     ; error-code bits: IDT, EXT
EXT     equ 1

%macro GATE_ATTRIBUTES 2            ; vector, type byte
  mov byte [abs idt + (%1) * 16 + 5], %2
%endmacro

%macro SET_FREE 2                   ; index of free descriptor, value
  mov rax, %2
  mov [gdt_free + 8 * (%1)], rax
%endmacro

FREE    equ FREE_SEL

main:
  ; Software interrupts.
  TRY
  int 0x40
after_int:
  CATCH "INT n", 0x40
  CHECK "rip after INT n", [last_rip], after_int
  TRY
  int3
  CATCH "INT3", BP_
  TRY
  db 0xcd, 3
  CATCH "INT 3", BP_
  TRY
  ud2
  CATCH "UD2", UD
  TRY
  xor ecx, ecx
  div ecx
  CATCH "DIV by zero", DE
  TRY
  ENTER_USER
  int 0x40
  CATCH "INT n beyond DPL", GP, 0x40 * 8 + IDT_ERROR
  TRY
  ENTER_USER
  int3
  CATCH "INT3 beyond DPL", GP, 3 * 8 + IDT_ERROR
  TRY
  ENTER_USER
  ud2
  CATCH "an exception passes any DPL", UD
  CHECK "user SS saved", [last_ss], UDATA
  ; The frame, aligned to 16 bytes, SS:RSP always pushed.
  mov rbp, rsp
  sub rsp, 8
  and rsp, ~15
  sub rsp, 8
  TRY
  ud2
  CATCH "fault with RSP at 8 mod 16", UD
  mov rax, rsp
  mov [saved], rax
  CHECK "RSP pushed in ring 0", [last_rsp], [saved]
  sub qword [saved], 8 + 40
  CHECK "frame is aligned", [last_frame], [saved]
  mov rsp, rbp
  CHECK "SS pushed in ring 0", [last_ss], KDATA
  CHECK "CS pushed", [last_cs], KCODE64
  TRY
  ENTER_USER
  ud2
  CATCH "fault in ring 3", UD
  CHECK "stack of the TSS", [last_frame], RING0_STACK - 40
  mov word [abs tss + 4], (RING0_STACK & 0xffff) - 3
  TRY
  ENTER_USER
  ud2
  CATCH "fault with odd RSP0", UD
  CHECK "RSP0 is aligned down", [last_frame], RING0_STACK - 16 - 40
  mov dword [abs tss + 4], RING0_STACK
  ; Interrupt gates clear IF, trap gates keep it; both clear TF, NT, RF.
  mov qword [hook], flags_hook
  GATE_ATTRIBUTES 0x41, 0x8f
  push qword FLAG_IF | FLAG_NT | 2
  popfq
  int 0x40
  CHECK "interrupt gate clears IF and NT", [saved], 2
  push qword FLAG_IF | FLAG_NT | 2
  popfq
  int 0x41
  CHECK "trap gate clears NT only", [saved], FLAG_IF | 2
  cli
  push qword 2
  popfq
  ; IST.
  mov qword [hook], 0
  mov byte [abs idt + 0x42 * 16 + 4], 2
  TRY
  int 0x42
  CATCH "INT through IST", 0x42
  CHECK "frame on IST2", [last_frame], IST2_STACK - 40
  TRY
  ENTER_USER
  push rax
  mov byte [rsp], 1
  pop rax
  ud2
  CATCH "no IST for others", UD
  CHECK "frame on RSP0", [last_frame], RING0_STACK - 40
  ; Gates that are wrong.
  GATE_ATTRIBUTES 0x43, 0x0e
  TRY
  int 0x43
  CATCH "gate not present", NP, 0x43 * 8 + IDT_ERROR
  GATE_ATTRIBUTES 0x43, 0x85
  TRY
  int 0x43
  CATCH "task gate in long mode", GP, 0x43 * 8 + IDT_ERROR
  GATE_ATTRIBUTES 0x43, 0x86
  TRY
  int 0x43
  CATCH "16-bit gate in long mode", GP, 0x43 * 8 + IDT_ERROR
  GATE_ATTRIBUTES 0x43, 0x8e
  mov word [abs idt + 0x43 * 16 + 2], 0
  TRY
  int 0x43
  CATCH "gate with null selector", GP, 0
  mov word [abs idt + 0x43 * 16 + 2], KDATA
  TRY
  int 0x43
  CATCH "gate to data", GP, KDATA
  mov word [abs idt + 0x43 * 16 + 2], KCODE32
  TRY
  int 0x43
  CATCH "gate to 32-bit code", GP, KCODE32
  mov word [abs idt + 0x43 * 16 + 2], 0x1f8
  TRY
  int 0x43
  CATCH "gate to a selector beyond the GDT", GP, 0x1f8
  mov word [abs idt + 0x43 * 16 + 2], UCODE64
  TRY
  int 0x43
  CATCH "gate to less privileged code", GP, UCODE64 & ~3
  SET_FREE 0, 0x00af1b000000ffff
  mov word [abs idt + 0x43 * 16 + 2], FREE
  TRY
  int 0x43
  CATCH "gate to absent code", NP, FREE
  mov word [abs idt + 0x43 * 16 + 2], KCODE64
  mov word [idtr], 0x43 * 16 + 14
  lidt [idtr]
  TRY
  int 0x43
  CATCH "vector beyond the IDT's limit", GP, 0x43 * 8 + IDT_ERROR
  mov word [idtr], 256 * 16 - 1
  lidt [idtr]
  ; A fault while delivering another becomes a double fault, on IST1.
  GATE_ATTRIBUTES UD, 0x0e
  TRY
  ud2
  CATCH "#NP while delivering #UD is delivered itself", NP, UD * 8 + IDT_ERROR + EXT
  GATE_ATTRIBUTES UD, 0x8e
  GATE_ATTRIBUTES DE, 0x0e
  TRY
  xor ecx, ecx
  div ecx
  CATCH "#NP while delivering #DE is a double fault", DF, 0
  CHECK "double fault on IST1", [last_frame], DF_STACK - 40
  GATE_ATTRIBUTES DE, 0x8e
  GATE_ATTRIBUTES GP, 0x0e
  TRY
  mov rax, 0x800000000000
  mov al, [rax]
  CATCH "#NP while delivering #GP is a double fault", DF, 0
  GATE_ATTRIBUTES GP, 0x8e
  GATE_ATTRIBUTES PF, 0x0e
  TRY
  mov rax, 0x7000000000
  mov al, [rax]
  CATCH "#NP while delivering #PF is a double fault", DF, 0
  GATE_ATTRIBUTES PF, 0x8e
  TRY
  mov rsp, 0x800000000000
  ud2
  CATCH "non-canonical stack: #SS while delivering #UD", DF, 0
  TRY
  mov rsp, 0x7000000000
  ud2
  CATCH "stack fault while delivering #UD is a page fault, then double", DF, 0
  mov rax, 0x800000000000
  mov [abs tss + 4], rax
  TRY
  ENTER_USER
  int 0x80
  CATCH "non-canonical RSP0: #SS, and again while delivering it", DF, 0
  mov qword [abs tss + 4], RING0_STACK

  ; Call gates: 16-byte descriptors.
  call make_call_gate
  TRY
  call dword far [gate_pointer]
  CATCH "call gate from ring 0", 0x44
  CHECK "CS of the call gate's code", [last_cs], KCODE64
  mov rax, [saved]
  sub rax, rsp
  neg rax
  mov [saved], rax
  CHECK "two quadwords pushed", [saved], 16
  CHECK "return CS pushed", [saved2], KCODE64
  mov byte [gdt_free + 13], 1
  TRY
  call dword far [gate_pointer]
  CATCH "call gate whose upper type is not zero", GP, FREE
  mov byte [gdt_free + 13], 0
  TRY
  ENTER_USER
  call dword far [gate_pointer]
  CATCH "call gate beyond DPL", GP, FREE
  mov byte [gdt_free + 5], 0xec
  TRY
  ENTER_USER
  call dword far [gate_pointer]
  CATCH "call gate from ring 3", 0x44
  CHECK "stack of the call gate", [saved], RING0_STACK - 32
  CHECK "return CS", [saved2], UCODE64
  CHECK "pushed SS", [saved3], UDATA
  CHECK "pushed RSP", [saved4], [user_stack_pointer]
  CHECK "SS is null after the switch", [saved5], 0
  mov qword [gate_target], gate_return
  call make_call_gate
  mov byte [gdt_free + 5], 0xec
  TRY
  ENTER_USER
  call dword far [gate_pointer]
  mov rcx, rsp
  mov edx, cs
  int 0x45
  CATCH "RETFQ back to ring 3", GP, 0x45 * 8 + IDT_ERROR
  CHECK "RSP restored", rcx, [user_stack_pointer]
  CHECK "CS restored", rdx, UCODE64
  mov qword [gate_target], gate_jumped
  call make_call_gate
  TRY
  jmp dword far [gate_pointer]
  CATCH "JMP through call gate in ring 0", 0x45
  mov word [gdt_free + 2], KDATA
  TRY
  call dword far [gate_pointer]
  CATCH "call gate to data", GP, KDATA
  mov word [gdt_free + 2], KCODE32
  TRY
  call dword far [gate_pointer]
  CATCH "call gate to 32-bit code", GP, KCODE32
  mov word [gdt_free + 2], 0
  TRY
  call dword far [gate_pointer]
  CATCH "call gate with null selector", GP, 0
  mov byte [gdt_free + 5], 0x6c
  TRY
  call dword far [gate_pointer]
  CATCH "call gate not present", NP, FREE
  SET_FREE 0, 0x00008b0000000067     ; busy TSS
  TRY
  jmp dword far [gate_pointer]
  CATCH "task switch in long mode", GP, FREE
  ; Far transfers.
  TRY
  jmp dword far [to_data]
  CATCH "far jump to data", GP, KDATA
  TRY
  jmp dword far [to_null]
  CATCH "far jump to null", GP, 0
  TRY
  jmp dword far [to_beyond]
  CATCH "far jump beyond the GDT", GP, 0x1f8
  TRY
  jmp dword far [to_user]
  CATCH "far jump to ring 3", GP, UCODE64 & ~3
  SET_FREE 1, 0x00ef9b000000ffff     ; L and D
  TRY
  jmp dword far [to_free1]
  CATCH "far jump to L and D", GP, FREE + 8
  SET_FREE 1, 0x00af9f000000ffff     ; conforming
  TRY
  ENTER_USER
  push qword FREE + 8 + 3
  push qword [to_conforming]
  o64 retf
conforming:
  mov edx, cs
  int 0x46
  CATCH "RETFQ to conforming code keeps CPL", GP, 0x46 * 8 + IDT_ERROR
  CHECK "RPL is CPL in CS", rdx, FREE + 8 + 3
  TRY
  db 0xea
  dd 0
  dw 0
  CATCH "direct far jump is undefined", UD
  ; Compatibility mode, both bitnesses.
  TRY
  jmp dword far [to_code32]
  bits 32
code32:
  mov ecx, 0x12345678
  inc ecx                            ; a REX prefix in 64-bit mode
  int 0x47
  bits 64
  CATCH "32-bit code of ring 0", 0x47
  CHECK "INC in compatibility mode", rcx, 0x12345679
  CHECK "its CS", [last_cs], KCODE32
  TRY
  jmp dword far [to_code16]
  bits 16
code16:
  mov cx, 0x1234
  mov ecx, 0x89abcdef
  int 0x47
  bits 64
  CATCH "16-bit code of ring 0", 0x47
  CHECK "operand sizes", rcx, 0x89abcdef
  ; IRET.
  TRY
  push qword KDATA
  push qword STACK_TOP - 0x100
  push qword 2
  push qword KCODE64
  push qword iret_target
  iretq
iret_target:
  mov rcx, rsp
  CATCH "IRETQ in ring 0 pops SS:RSP", NONE
  CHECK "RSP popped", rcx, STACK_TOP - 0x100
  TRY
  push qword 0
  push qword STACK_TOP - 0x100
  push qword 2
  push qword KCODE64
  push qword .null_ss
  iretq
.null_ss:
  mov ecx, ss
  CATCH "IRETQ with null SS in ring 0", NONE
  CHECK "SS is null", rcx, 0
  TRY
  push qword 3
  push qword [user_stack_pointer]
  push qword 2
  push qword UCODE64
  push qword iret_target + USER
  iretq
  CATCH "IRETQ with null SS to ring 3", GP, 0
  TRY
  push qword UDATA
  push qword STACK_TOP - 0x100
  push qword FLAG_NT | 2
  popfq
  iretq
  CATCH "IRETQ with NT in long mode", GP, 0
  TRY
  push qword KDATA
  push qword STACK_TOP
  push qword 2
  push qword KDATA
  push qword iret_target
  iretq
  CATCH "IRETQ to data", GP, KDATA
  TRY
  push qword UDATA
  push qword STACK_TOP
  push qword 2
  push qword KCODE64
  push qword iret_target
  iretq
  CATCH "IRETQ with SS of another RPL", GP, UDATA & ~3
  TRY
  mov rax, 0x800000000000
  push qword KDATA
  push qword STACK_TOP
  push qword 2
  push qword KCODE64
  push rax
  iretq
  CATCH "IRETQ to non-canonical", GP, 0
  TRY
  push qword KDATA
  push qword STACK_TOP
  push qword 2
  push qword 0x1f8
  push qword iret_target
  iretq
  CATCH "IRETQ to a selector beyond the GDT", GP, 0x1f8
  TRY
  ENTER_USER
  push qword KDATA
  push qword STACK_TOP
  push qword 2
  push qword KCODE64
  push qword iret_target
  iretq
  CATCH "IRETQ inwards", GP, KCODE64
  ; To 32-bit user code, and its flags.
  TRY
  push qword UDATA
  push qword 0x12345678
  push qword FLAG_IF | 0x3000 | 2
  push qword UCODE32
  push qword .compat
  iretq
.compat:
  bits 32
  db 0x0f, 0x0b                      ; UD2
  bits 64
  CATCH "IRETQ to a page of the supervisor", PF, 0x15
  CHECK "RSP of compatibility mode", [last_rsp], 0x12345678
  CHECK "flags that IRETQ gave", [last_flags], FLAG_IF | FLAG_RF | 0x3000 | 2
  CHECK "CS that IRETQ gave", [last_cs], UCODE32
  ; IOPL 0 in ring 3: POPF leaves IF and IOPL alone.
  TRY
  ENTER_USER FLAG_IF | 2
  push qword 0x3000 | 2
  popfq
  pushfq
  pop rcx
  CATCH "POPF in ring 3", NONE
  CHECK "IF and IOPL stay", rcx, FLAG_IF | 2
  TRY
  ENTER_USER
  cli
  CATCH "CLI in ring 3", GP
  TRY
  ENTER_USER
  hlt
  CATCH "HLT in ring 3", GP
  TRY
  ENTER_USER
  in al, 0xe9
  CATCH "IN in ring 3 without a bitmap", GP
  TRY
  ENTER_USER 0x3002
  in al, 0xe9
  CATCH "IN in ring 3 with IOPL 3", NONE
  ; The I/O permission bitmap.
  mov word [abs tss + 0x66], 0x68
  mov rdi, tss + 0x68
  mov eax, 0xff
  mov ecx, 0x40
  rep stosb
  mov byte [abs tss + 0x68 + 0xe9 / 8], ~(1 << (0xe9 % 8)) & 0xff
  mov word [gdt + TSS_SEL], 0x68 + 0x3f
  mov byte [gdt + TSS_SEL + 5], 0x89
  mov ax, TSS_SEL
  ltr ax
  TRY
  ENTER_USER
  in al, 0xe9
  CATCH "IN of a permitted port", NONE
  TRY
  ENTER_USER
  in ax, 0xe9
  CATCH "IN of two ports, one forbidden", GP
  TRY
  ENTER_USER
  in al, 0xea
  CATCH "IN of a forbidden port", GP
  TRY
  ENTER_USER
  mov edx, 0x3f8
  in al, dx
  CATCH "IN of a port beyond the bitmap", GP
  movzx ecx, byte [gdt + TSS_SEL + 5]
  CHECK "LTR makes the TSS busy", rcx, 0x8b
  TRY
  mov ax, TSS_SEL
  ltr ax
  CATCH "LTR of a busy TSS", GP, TSS_SEL
  TRY
  xor eax, eax
  ltr ax
  CATCH "LTR of null", GP, 0
  TRY
  mov ax, KDATA
  ltr ax
  CATCH "LTR of data", GP, KDATA
  TRY
  xor eax, eax
  lldt ax
  CATCH "LLDT of null", NONE
  TRY
  mov ax, KDATA
  lldt ax
  CATCH "LLDT of data", GP, KDATA
  TRY
  mov ax, UCODE64 | 4
  mov ds, ax
  CATCH "LDT selector without LDT", GP, (UCODE64 | 4) & ~3
  TRY
  ENTER_USER
  mov eax, KDATA
  mov ds, eax
  CATCH "data of ring 0 in ring 3", GP, KDATA
  TRY
  mov ax, KCODE64
  mov ss, ax
  CATCH "code in SS", GP, KCODE64
  TRY
  mov eax, UDATA
  mov ss, ax
  CATCH "SS of ring 3 in ring 0", GP, UDATA & ~3
  TRY
  xor eax, eax
  mov ss, ax
  CATCH "null SS in ring 0 of 64-bit mode", NONE
  TRY
  mov eax, 3
  mov ss, ax
  CATCH "null SS whose RPL is not CPL", GP, 0
  TRY
  ENTER_USER
  mov eax, 3
  mov ss, ax
  CATCH "null SS in ring 3", GP, 0
  ret

flags_hook:
  pushfq
  pop qword [saved]
  and qword [saved], FLAG_IF | FLAG_NT | FLAG_TF | FLAG_RF | 2
  add rsp, 8
  iretq

; A 64-bit call gate in the first free descriptors.
make_call_gate:
  mov rax, [gate_target]
  mov [gdt_free], ax
  mov word [gdt_free + 2], KCODE64
  mov word [gdt_free + 4], 0x8c00
  shr rax, 16
  mov [gdt_free + 6], ax
  mov qword [gdt_free + 8], 0
  ret

gate_code:
  mov [saved], rsp
  mov rax, [rsp + 8]
  mov [saved2], rax
  mov rax, [rsp + 16]
  mov [saved4], rax
  mov rax, [rsp + 24]
  mov [saved3], rax
  mov eax, ss
  mov [saved5], rax
  int 0x44

gate_return:
  o64 retf

; Where refused jumps would arrive.
landed:
  int 0x48

gate_jumped:
  int 0x45

  section .data
  align 8
gate_target: dq gate_code
saved: dq 0
saved2: dq 0
saved3: dq 0
saved4: dq 0
saved5: dq 0
gate_pointer: dd 0
  dw FREE
to_data: dd landed
  dw KDATA
to_null: dd landed
  dw 0
to_beyond: dd landed
  dw 0x1f8
to_user: dd landed
  dw UCODE64
to_free1: dd landed
  dw FREE + 8
to_code32: dd code32
  dw KCODE32
to_code16: dd code16
  dw KCODE16
to_conforming: dq conforming + USER
