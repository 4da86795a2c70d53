; The switches between all modes: real, unreal, 16- and 32-bit protected, virtual-8086, long mode with
; compatibility and 64-bit code, and back to real; real mode's own rules (IVT, segment limits, IDTR,
; wrap of IP and SP), what LMA, PG and PE demand of each other.
; Intel SDM vol. 3, 10.9, 20.1, 4.1; AMD APM vol. 2, 14.
%include "lib/common.inc"

  org 0x7c00
  bits 16
start:
  cli
  xor ax, ax
  mov ds, ax
  mov es, ax
  mov ss, ax
  mov sp, STACK_TOP
  jmp 0:main

; CHECK NAME, what is, what should be, in real mode with DS = SS = 0: 32 bits.
%macro CHECK 3
  STRING %%name, %1
  mov eax, %2
  mov edx, %3
  mov si, %%name
  call report
%endmacro

print:
  lodsb
  test al, al
  jz .end
  out CONSOLE, al
  jmp print
.end:
  ret

print_hex:
  mov edx, eax
  mov cx, 8
.next:
  rol edx, 4
  mov al, dl
  and al, 15
  cmp al, 10
  jb .digit
  add al, 'a' - 10 - '0'
.digit:
  add al, '0'
  out CONSOLE, al
  loop .next
  ret

report:
  cmp eax, edx
  jne .wrong
  push si
  mov si, ok_text
  call print
  pop si
  call print
  jmp .line_end
.wrong:
  push edx
  push eax
  push si
  mov si, fail_text
  call print
  pop si
  call print
  mov si, got_text
  call print
  pop eax
  call print_hex
  mov si, want_text
  call print
  pop eax
  call print_hex
.line_end:
  mov al, 10
  out CONSOLE, al
  ret

; Real-mode handler of a vector: counts, keeps what was pushed, goes on at [resume].
%macro HANDLER 1
  mov word [(%1) * 4], %%code
  mov word [(%1) * 4 + 2], 0
  jmp %%past
%%code:
  mov word [cs:vector], %1
  jmp caught
%%past:
%endmacro

caught:
  push bp
  mov bp, sp
  push eax
  mov eax, [bp + 2]
  mov [cs:pushed], eax
  mov ax, [bp + 6]
  mov [cs:pushed_flags], ax
  mov [cs:frame], bp
  pop eax
  pop bp
  add sp, 6
  xor cx, cx
  mov ds, cx
  mov ss, cx
  mov sp, STACK_TOP
  jmp [resume]

%macro TRY 0
  %push try
  mov word [resume], %$after
  mov word [vector], 0xffff
  mov word [pushed], 0
%endmacro

; CATCH NAME, vector (0xffff: none)
%macro CATCH 2
%$after:
  xor cx, cx
  mov ds, cx
  movzx eax, word [vector]
  mov [got], eax
  CHECK %1, [got], %2
  %pop
%endmacro

main:
  HANDLER DE
  HANDLER UD
  HANDLER GP
  HANDLER SS_
  HANDLER BR
  HANDLER 0x21
  ; Real mode.
  TRY
.divide:
  xor cx, cx
  div cx
  CATCH "real: DIV by zero", DE
  CHECK "real: CS:IP pushed", [pushed], .divide + 2
  TRY
  ud2
  CATCH "real: UD2", UD
  TRY
  sti
  int 0x21
.after_int:
  CATCH "real: INT n", 0x21
  CHECK "real: return address", [pushed], .after_int
  movzx ebx, word [pushed_flags]
  and ebx, FLAG_IF
  cli
  CHECK "real: IF in the pushed flags", ebx, FLAG_IF
  movzx ebx, word [frame]
  CHECK "real: three words pushed", ebx, STACK_TOP - 8
  TRY
  mov ax, [0xffff]
  CATCH "real: word at 0xffff", GP
  TRY
  mov eax, [0xfffd]
  CATCH "real: doubleword at 0xfffd", GP
  TRY
  mov bp, 0xffff
  mov ax, [bp]
  CATCH "real: word at SS:0xffff", SS_
  TRY
  mov eax, 0x10000
  mov al, [eax]
  CATCH "real: 32-bit offset beyond 64 KiB", GP
  TRY
  lldt ax
  CATCH "real: LLDT", UD
  TRY
  arpl ax, cx
  CATCH "real: ARPL", UD
  TRY
  sysenter
  CATCH "real: SYSENTER", GP
  TRY
  ltr ax
  CATCH "real: LTR", UD
  mov sp, 0
  push eax
  mov ebx, esp
  mov sp, STACK_TOP
  movzx ebx, bx
  CHECK "real: SP wraps", ebx, 0xfffc
  mov ax, 0x50
  mov es, ax
  mov dword [es:0x10], 0x5a5a5a5a
  CHECK "real: base is selector * 16", [0x510], 0x5a5a5a5a
  ; IDTR moves the IVT.
  mov si, 0
  mov di, 0x600
  push es
  xor ax, ax
  mov es, ax
  mov cx, 0x100
  rep movsw
  pop es
  mov word [0x600 + 0x21 * 4], .moved
  lidt [ivt_moved]
  int 0x21
.not_moved:
  jmp .ivt_done
.moved:
  mov dword [got], 0x1d
  add sp, 6
.ivt_done:
  CHECK "real: LIDT moves the interrupt table", [got], 0x1d
  lidt [ivt_short]
  TRY
  int 0x21
  CATCH "real: vector beyond the IDT's limit", GP
  lidt [ivt]
  ; Protected mode, 16-bit, then unreal.
  lgdt [gdtr]
  mov eax, cr0
  or al, 1
  mov cr0, eax
  mov bx, cs                         ; still the real-mode segment
  jmp KCODE16:.protected16
.protected16:
  mov cx, cs
  mov ax, KDATA
  mov fs, ax                         ; 4 GiB limit
  mov ax, KDATA16
  mov ds, ax
  mov es, ax
  mov ss, ax
  mov eax, cr0
  and al, ~1
  mov cr0, eax
  jmp 0:.unreal
.unreal:
  xor ax, ax
  mov ds, ax
  mov ss, ax
  mov es, ax
  movzx ebx, bx
  movzx ecx, cx
  mov [seen], ecx
  CHECK "PE alone does not change CS", ebx, 0
  CHECK "far jump loads CS in 16-bit protected mode", [seen], KCODE16
  mov edi, 0x200000
  TRY
  mov dword [fs:edi], 0x12345678
  CATCH "unreal: limit of FS stays 4 GiB", 0xffff
  mov eax, [fs:edi]
  mov [got], eax
  CHECK "unreal: beyond 1 MiB", [got], 0x12345678
  mov ax, 0x1234
  mov fs, ax
  TRY
  mov al, [fs:edi]
  CATCH "unreal: loading FS keeps the limit", 0xffff
  mov ax, fs
  mov dword [fs:0x10], 0x76543210
  xor ax, ax
  mov fs, ax
  CHECK "unreal: loading FS sets the base", [fs:dword 0x12350], 0x76543210
  ; 32-bit protected mode, virtual-8086 mode, and back.
  mov eax, cr0
  or al, 1
  mov cr0, eax
  jmp dword KCODE32:.protected32
  bits 32
.protected32:
  mov ax, KDATA
  mov ds, ax
  mov es, ax
  mov ss, ax
  mov esp, STACK_TOP
  mov [seen], cs
  ; TSS and a #UD gate, to come back from virtual-8086 mode.
  mov edi, tss
  xor eax, eax
  mov ecx, 0x68 / 4
  rep stosd
  mov dword [tss + 4], RING0_STACK
  mov dword [tss + 8], KDATA
  mov ax, TSS_SEL
  ltr ax
  mov dword [idt + 8 * UD + 4], 0x8e00
  mov dword [idt + 8 * UD], .from_v86 + (KCODE32 << 16)
  lidt [idtr]
  push dword 0
  push dword 0
  push dword 0
  push dword 0
  push dword 0x5000
  push dword 0x100
  push dword FLAG_VM | 2
  push dword 0
  push dword .v86
  iretd
  bits 16
.v86:
  smsw ax
  mov [cs:seen + 4], ax
  mov eax, ss
  mov [cs:seen + 8], eax
  ud2
  bits 32
.from_v86:
  mov esp, STACK_TOP
  mov ax, KDATA
  mov ds, ax
  mov es, ax
  mov ss, ax
  ; Long mode: page tables, PAE, LME, PG.
  mov edi, PAGE_TABLES
  xor eax, eax
  mov ecx, 0x3000 / 4
  rep stosd
  mov dword [PAGE_TABLES], PAGE_TABLES + 0x1007
  mov dword [PAGE_TABLES + 0x1000], 0x87
  mov dword [idt + 8 * GP + 4], 0x8e00
  mov dword [idt + 8 * GP], .no_pae + (KCODE32 << 16)
  mov eax, PAGE_TABLES
  mov cr3, eax
  mov ecx, EFER
  mov eax, EFER_LME
  xor edx, edx
  wrmsr
  mov dword [seen + 12], 0
  mov eax, cr0
  or eax, CR0_PG
  mov cr0, eax                       ; LME without PAE
  jmp .pae
.no_pae:
  mov dword [seen + 12], GP
  mov esp, STACK_TOP
.pae:
  mov eax, cr4
  or eax, CR4_PAE
  mov cr4, eax
  rdmsr
  mov [seen + 16], eax
  mov eax, cr0
  or eax, CR0_PG
  mov cr0, eax
  mov ecx, EFER
  rdmsr
  mov [seen + 20], eax
  mov dword [seen + 24], 0x12345678
  inc dword [seen + 24]              ; still compatibility mode
  jmp KCODE64:.long
  bits 64
.long:
  mov rax, 0x123456789abcdef0
  shr rax, 32
  mov [abs seen + 28], eax
  mov eax, cs
  mov [abs seen + 32], eax
  ; Writes that would contradict the mode.
  mov rdi, 0x6d800                   ; a 64-bit IDT
  xor eax, eax
  mov ecx, 32
  rep stosq
  mov word [abs 0x6d800 + GP * 16], long_gp
  mov word [abs 0x6d800 + GP * 16 + 2], KCODE64
  mov dword [abs 0x6d800 + GP * 16 + 4], 0x8e00
  lidt [abs idtr64]
  mov ebx, long1
  mov rax, cr4
  and eax, ~CR4_PAE
  mov dword [abs seen + 36], 0
  mov cr4, rax                       ; PAE cannot be cleared
long1:
  mov ebx, long2
  mov ecx, EFER
  xor eax, eax
  xor edx, edx
  mov dword [abs seen + 40], 0
  wrmsr                              ; LME cannot be changed while PG is set
long2:
  mov ebx, long3
  mov rax, cr0
  and eax, ~1
  mov dword [abs seen + 44], 0
  mov cr0, rax                       ; PE cannot be cleared with PG
long3:
  mov ebx, long4
  mov rax, cr0
  mov eax, eax
  btr rax, 31
  mov dword [abs seen + 48], 0
  mov cr0, rax                       ; PG cannot be cleared in 64-bit mode: #GP
long4:
  mov ebx, long5
  mov rax, 1 << 32
  mov rcx, cr0
  or rax, rcx
  mov dword [abs seen + 52], 0
  mov cr0, rax                       ; upper half of CR0
long5:
  jmp dword far [abs to_compatibility]
long_gp:
  add rsp, 8
  mov [rsp], rbx
  cmp ebx, long1
  je .first
  mov edi, seen + 40
  cmp ebx, long2
  je .mark
  mov edi, seen + 44
  cmp ebx, long3
  je .mark
  mov edi, seen + 48
  cmp ebx, long4
  je .mark
  mov edi, seen + 52
  jmp .mark
.first:
  mov edi, seen + 36
.mark:
  mov dword [rdi], GP
  iretq
  bits 32
compatibility:
  mov ax, KDATA
  mov ds, ax
  mov ss, ax
  mov eax, cr0
  and eax, 0x7fffffff
  mov cr0, eax
  mov ecx, EFER
  rdmsr
  mov [seen + 56], eax               ; LMA went with PG
  xor eax, eax
  wrmsr
  mov eax, cr4
  and eax, ~CR4_PAE
  mov cr4, eax
  jmp KCODE16:to_real
  bits 16
to_real:
  mov ax, KDATA16
  mov ds, ax
  mov es, ax
  mov fs, ax
  mov gs, ax
  mov ss, ax
  mov eax, cr0
  and al, ~1
  mov cr0, eax
  jmp 0:real_again
real_again:
  xor ax, ax
  mov ds, ax
  mov es, ax
  mov ss, ax
  mov sp, STACK_TOP
  lidt [ivt]
  CHECK "32-bit protected mode", [seen], KCODE32
  movzx ebx, word [seen + 4]
  and ebx, 1
  CHECK "SMSW in virtual-8086 mode shows PE", ebx, 1
  CHECK "SS in virtual-8086 mode", [seen + 8], 0x5000
  CHECK "PG with LME but without PAE", [seen + 12], GP
  CHECK "LMA follows PG, not LME", [seen + 16], EFER_LME
  CHECK "LMA is set with PG", [seen + 20], EFER_LME | EFER_LMA
  CHECK "compatibility mode before the far jump", [seen + 24], 0x12345679
  CHECK "64-bit mode", [seen + 28], 0x12345678
  CHECK "its CS", [seen + 32], KCODE64
  CHECK "clearing PAE in long mode", [seen + 36], GP
  CHECK "changing LME with PG", [seen + 40], GP
  CHECK "clearing PE with PG", [seen + 44], GP
  CHECK "clearing PG in 64-bit mode", [seen + 48], GP
  CHECK "upper half of CR0", [seen + 52], GP
  CHECK "LMA goes with PG", [seen + 56], EFER_LME
  TRY
  int 0x21
  CATCH "real mode again", 0x21
  mov edi, 0x10000
  TRY
  mov al, [fs:edi]
  CATCH "with 64-KiB limits again", GP
  mov si, done_text
  call print
  xor al, al
  out EXIT_PORT, al
  cli
  hlt
  jmp $ - 1

  section .data
  align 16
  GDT_ENTRIES
idtr:
  dw 256 * 8 - 1
  dd idt
idtr64:
  dw 32 * 16 - 1
  dq 0x6d800
ivt:
  dw 0x3ff
  dd 0
ivt_moved:
  dw 0x3ff
  dd 0x600
ivt_short:
  dw 0x21 * 4 + 2
  dd 0
to_compatibility:
  dd compatibility
  dw KCODE32
  align 4
seen: times 16 dd 0
got: dd 0
pushed: dd 0
pushed_flags: dw 0
frame: dw 0
vector: dw 0
resume: dw 0
ok_text: db "ok ", 0
fail_text: db "FAIL ", 0
got_text: db " got ", 0
want_text: db " want ", 0
done_text: db "done", 10, 0
