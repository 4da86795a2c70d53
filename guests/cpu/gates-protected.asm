; Gates of 32-bit protected mode: call gates of 32 and 16 bits with parameters copied to the inner
; stack, far returns that release them, 16-bit interrupt gates, the stack of the TSS and its faults,
; virtual-8086 mode with its interrupts, IOPL and VME's interrupt redirection.
; Intel SDM vol. 3, 5.8, 6.12, 7.2, chapter 20; AMD APM vol. 2, 4.11, 8.6, 8.7.
%include "lib/protected.inc"

EXT     equ 1                         ; error-code bit: not by an INT instruction

; A call gate in free slot n: offset, parameters, access byte.
%macro CALL_GATE 4
  mov dword [gdt_free + 8 * (%1)], KCODE32 << 16
  mov dword [gdt_free + 8 * (%1) + 4], (%3) | (%4) << 8
  mov word [gdt_free + 8 * (%1)], %2
%endmacro

; The end of an attempt that went to conforming_trap.
%macro CATCH_CONFORMING 2
%$after:
  %strcat check_name %1, ": #TS"
  CHECK check_name, [conforming_error], %2
  %strcat check_name %1, ": #TS in ring 3"
  CHECK check_name, [conforming_cs], FREE(3) | 3
  %pop
%endmacro

; Goes to virtual-8086 mode, to the next instruction at CS 0x7c0, with the given flags.
%macro V86 1
  push dword 0                       ; GS
  push dword 0x5678                  ; FS
  push dword 0                       ; DS
  push dword 0x4321                  ; ES
  push dword USER_STACK >> 4
  push dword 0x1000
  push dword (%1) | FLAG_VM
  push dword 0x7c0
  push dword %%here - 0x7c00
  iretd
%%here:
%endmacro

; Leaves virtual-8086 mode at an attempt's good end, which there is UD2: INT 0x80 may be refused.
%macro V86_DONE 0
  bits 16
  db 0x0f, 0x0b
  bits 32
%endmacro

main:
  ; 32-bit call gate with 3 parameters from ring 3.
  CALL_GATE 0, inner32, 3, 0xec
  TRY
  ENTER_USER
  push dword 0x11111111
  push dword 0x22222222
  push dword 0x33333333
  call (FREE(0) | 3):0xdeadbeef
back32:
  mov ecx, esp
  mov edx, cs
  CATCH "call gate of ring 3, and back", NONE
  CHECK "RETF n releases the outer stack", ecx, USER_STACK
  CHECK "CS of ring 3 again", edx, UCODE32
  CHECK "inner stack", [frame], RING0_STACK - 28
  CHECK "inner SS", [frame_ss], KDATA
  CHECK "return EIP", [frame + 4], back32
  CHECK "return CS", [frame + 8], UCODE32
  CHECK "parameter 3", [frame + 12], 0x33333333
  CHECK "parameter 2", [frame + 16], 0x22222222
  CHECK "parameter 1", [frame + 20], 0x11111111
  CHECK "outer ESP", [frame + 24], USER_STACK - 12
  CHECK "outer SS", [frame + 28], UDATA
  ; From ring 0: no parameters copied.
  TRY
  call FREE(0):0
  CATCH "call gate of ring 0", 0x45
  ; 16-bit call gate.
  CALL_GATE 1, inner16, 2, 0xe4
  TRY
  ENTER_USER
  push word 0x1111
  push word 0x2222
  call (FREE(1) | 3):0
back16:
  mov ecx, esp
  CATCH "16-bit call gate, and back", NONE
  CHECK "16-bit RETF n releases the outer stack", ecx, USER_STACK & 0xffff
  CHECK "16-bit inner stack", [frame], RING0_STACK - 12
  CHECK "16-bit return CS:IP", [frame + 4], back16 + (UCODE32 << 16)
  CHECK "16-bit parameters", [frame + 8], 0x11112222
  CHECK "16-bit outer SS:SP", [frame + 12], ((USER_STACK - 4) & 0xffff) + (UDATA << 16)
  ; Gates that are wrong.
  TRY
  ENTER_USER
  call FREE(0):0
  CATCH "RPL 0 with a gate of DPL 3", NONE
  CALL_GATE 2, inner32, 0, 0x8c
  TRY
  ENTER_USER
  call (FREE(2) | 3):0
  CATCH "gate beyond DPL", GP, FREE(2)
  TRY
  call (FREE(2) | 3):0
  CATCH "gate beyond RPL", GP, FREE(2)
  CALL_GATE 2, inner32, 0, 0x6c
  TRY
  ENTER_USER
  call (FREE(2) | 3):0
  CATCH "gate not present", NP, FREE(2)
  CALL_GATE 2, inner32, 0, 0xec
  mov word [gdt_free + 8 * 2 + 2], KDATA
  TRY
  ENTER_USER
  call (FREE(2) | 3):0
  CATCH "gate to data", GP, KDATA
  mov word [gdt_free + 8 * 2 + 2], 0
  TRY
  ENTER_USER
  call (FREE(2) | 3):0
  CATCH "gate to null", GP
  mov word [gdt_free + 8 * 2 + 2], KCODE32
  TRY
  ENTER_USER
  jmp (FREE(2) | 3):0
  CATCH "JMP through a gate inwards", GP, KCODE32
  TRY
  jmp FREE(0):0
  CATCH "JMP through a gate in ring 0", 0x45
  ; Faults of the inner stack: its selector with #TS. #TS itself then needs a good one: the hook
  ; cannot run, so it goes to ring 3 code by a conforming segment.
  SET_FREE 3, 0, 0xfffff, 0x9f, 0xc
  mov word [idt + 8 * TS + 2], FREE(3)
  mov byte [idt + 8 * TS + 5], 0x8e
  mov dword [idt + 8 * TS], (FREE(3) << 16)
  mov word [idt + 8 * TS], conforming_trap
  mov dword [tss + 8], UDATA
  TRY
  ENTER_USER
  ud2
  CATCH_CONFORMING "SS0 of ring 3", (UDATA & ~3) | EXT
  mov dword [tss + 8], 0
  TRY
  ENTER_USER
  ud2
  CATCH_CONFORMING "SS0 null", (0) | EXT
  mov dword [tss + 8], KCODE32
  TRY
  ENTER_USER
  ud2
  CATCH_CONFORMING "SS0 code", (KCODE32) | EXT
  mov dword [tss + 8], 0x1f8
  TRY
  ENTER_USER
  ud2
  CATCH_CONFORMING "SS0 beyond the GDT", (0x1f8) | EXT
  mov dword [tss + 8], KDATA
  ; 16-bit interrupt gate.
  mov dword [idt + 8 * 0x50 + 4], 0x8600
  mov word [idt + 8 * 0x50], word_trap
  mov [frame], esp
  int 0x50
after_word:
  mov eax, [frame]
  sub eax, [frame + 4]
  CHECK "16-bit interrupt gate pushes three words", eax, 6
  CHECK "IP and CS of it", [frame + 8], after_word + (KCODE32 << 16)
  ; IDT errors.
  mov byte [idt + 8 * 0x51 + 5], 0x0e
  TRY
  int 0x51
  CATCH "gate not present", NP, 0x51 * 8 + 2
  mov byte [idt + 8 * 0x51 + 5], 0x8c
  TRY
  int 0x51
  CATCH "call gate in the IDT", GP, 0x51 * 8 + 2
  mov byte [idt + 8 * 0x51 + 5], 0x8e
  mov word [idt + 8 * 0x51 + 2], KDATA
  TRY
  int 0x51
  CATCH "interrupt gate to data", GP, KDATA
  TRY
  ENTER_USER
  int 0x50
  CATCH "INT n beyond DPL", GP, 0x50 * 8 + 2

  ; Virtual-8086 mode.
  TRY
  V86 2
  bits 16
  mov ax, 0x1234
  mov ds, ax
  mov ax, [0x10]
  mov bx, cs
  ud2
  bits 32
  CATCH "exception in virtual-8086 mode", UD
  mov eax, [last_flags]
  and eax, FLAG_VM | FLAG_RF | 0x3000
  CHECK "VM and RF in its image", eax, FLAG_VM | FLAG_RF
  CHECK "stack of the TSS with nine doublewords", [last_frame], RING0_STACK - 36
  mov esi, [last_frame]
  mov eax, [esi + 24]
  CHECK "DS in the image", eax, 0x1234
  mov eax, [esi + 20]
  CHECK "ES in the image", eax, 0x4321
  mov eax, [esi + 28]
  CHECK "FS in the image", eax, 0x5678
  CHECK "SS in the image", [last_ss], USER_STACK >> 4
  movzx ebx, bx
  CHECK "CS is a paragraph", ebx, 0x7c0
  TRY
  V86 2
  bits 16
  cli
  bits 32
  CATCH "CLI with IOPL 0", GP
  TRY
  V86 2
  bits 16
  pushf
  bits 32
  CATCH "PUSHF with IOPL 0", GP
  TRY
  V86 2
  bits 16
  iret
  bits 32
  CATCH "IRET with IOPL 0", GP
  TRY
  V86 2
  bits 16
  int 0x41
  bits 32
  CATCH "INT with IOPL 0", GP
  TRY
  V86 2
  bits 16
  int3
  bits 32
  CATCH "INT3 with a gate of DPL 0", GP, 3 * 8 + 2
  TRY
  V86 2
  bits 16
  hlt
  bits 32
  CATCH "HLT", GP
  TRY
  V86 2
  bits 16
  mov eax, cr0
  bits 32
  CATCH "MOV from CR0", GP
  TRY
  V86 2
  bits 16
  lldt ax
  bits 32
  CATCH "LLDT", UD
  TRY
  V86 2
  bits 16
  arpl ax, cx
  bits 32
  CATCH "ARPL", UD
  TRY
  V86 0x3002
  bits 16
  sti
  pushf
  cli
  pop cx
  bits 32
  V86_DONE
  CATCH "IOPL 3", UD
  movzx ecx, cx
  and ecx, 0x3200
  CHECK "STI and PUSHF", ecx, 0x3200
  TRY
  V86 0x3002
  bits 16
  int 0x41
  bits 32
  CATCH "INT with IOPL 3 and a gate of DPL 0", GP, 0x41 * 8 + 2
  TRY
  V86 0x3002
  bits 16
  in al, 0xe9
  bits 32
  CATCH "IN obeys the bitmap even with IOPL 3", GP
  TRY
  V86 2
  bits 16
  mov ax, [0xffff]
  bits 32
  CATCH "word at 0xffff", GP
  TRY
  V86 2
  bits 16
  mov ax, 0xffff
  mov ds, ax
  mov byte [0x10], 0x77              ; 1 MiB: no wrap
  bits 32
  V86_DONE
  CATCH "FFFF:0010", UD
  movzx eax, byte [0x100000]
  CHECK "is at 1 MiB", eax, 0x77
  ; VME: INT redirected to the virtual-8086 interrupt table, VIF instead of IF.
  mov eax, cr4
  or eax, CR4_VME
  mov cr4, eax
  ; Redirection bitmap of 32 bytes below the I/O bitmap.
  mov word [tss + 0x66], 0x68 + 32
  mov byte [gdt + TSS_SEL + 5], 0x89
  mov word [gdt + TSS_SEL], 0x68 + 32 + 0x40
  mov edi, tss + 0x68
  xor eax, eax
  mov ecx, 0x70 / 4
  rep stosd
  mov byte [tss + 0x68 + 0x42 / 8], 1 << (0x42 % 8)
  mov ax, TSS_SEL
  ltr ax
  mov word [0x41 * 4], v86_service - 0x7c00
  mov word [0x41 * 4 + 2], 0x7c0
  TRY
  V86 2
  bits 16
  sti
  pushf
  pop dx
  mov cx, sp
  int 0x41
after_service:
  pushf
  pop di
  bits 32
  V86_DONE
  CATCH "VME: redirected INT", UD
  movzx ebx, bx
  CHECK "its handler ran", ebx, 0xbeef
  movzx edx, dx
  and edx, 0x3200
  CHECK "PUSHF shows VIF as IF and IOPL 3", edx, 0x3200
  movzx esi, si
  and esi, 0x3200
  CHECK "handler runs with VIF clear", esi, 0x3000
  movzx edi, di
  and edi, 0x3200
  CHECK "IRET restores VIF", edi, 0x3200
  TRY
  V86 2
  bits 16
  int 0x42
  bits 32
  CATCH "VME: INT that is not redirected", GP
  TRY
  V86 (1 << 20) | 2                  ; VIP
  bits 16
  sti
  bits 32
  CATCH "VME: STI with VIP", GP
  ret

  bits 16
v86_service:
  mov bx, 0xbeef
  pushf
  pop si
  iret
  bits 32

; Called by gates: keeps what is on its stack.
inner32:
  push eax
  push ecx
  mov ax, KDATA
  mov ds, ax
  lea eax, [esp + 8]
  mov [frame], eax
  mov [frame_ss], ss
  mov ecx, 7
.copy:
  mov eax, [esp + 4 + ecx * 4]
  mov [frame + ecx * 4], eax
  loop .copy
  cmp word [frame + 8], UCODE32
  jne .from_ring0
  pop ecx
  pop eax
  push dword UDATA
  pop ds
  retf 12
.from_ring0:
  int 0x45

inner16:
  push eax
  mov ax, KDATA
  mov ds, ax
  lea eax, [esp + 4]
  mov [frame], eax
  mov eax, [esp + 4]
  mov [frame + 4], eax
  mov eax, [esp + 8]
  mov [frame + 8], eax
  mov eax, [esp + 12]
  mov [frame + 12], eax
  pop eax
  push dword UDATA
  pop ds
  o16 retf 4

word_trap:
  mov [frame + 4], esp
  mov eax, [esp]
  mov [frame + 8], eax
  o16 iret

; #TS arrives here in ring 3: error code on the user's stack.
conforming_trap:
  pop dword [conforming_error]
  mov [conforming_cs], cs
  mov dword [tss + 8], KDATA
  int 0x80

  section .data
frame: times 10 dd 0
frame_ss: dd 0
conforming_error: dd 0
conforming_cs: dd 0
