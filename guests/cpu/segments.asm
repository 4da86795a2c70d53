; Segmentation of protected mode: limits, granularity, types, privilege, presence, null selectors,
; expand-down and conforming segments, the accessed bit, LAR, LSL, VERR, VERW, ARPL, the LDT, and the
; faults of far transfers.
; Intel SDM vol. 3, 3.4, 5.2-5.8; AMD APM vol. 2, 4.5-4.12.
%include "lib/protected.inc"

DATA equ 0x100000                     ; test segments' base

main:
  ; Byte-granular limit 0xfff.
  SET_FREE 0, DATA, 0xfff, 0x93, 4
  mov ax, FREE(0)
  mov fs, ax
  TRY
  mov byte [fs:0xfff], 1
  CATCH "last byte", NONE
  TRY
  mov cl, [fs:0x1000]
  CATCH "byte beyond the limit", GP
  TRY
  mov ecx, [fs:0xffc]
  CATCH "last doubleword", NONE
  TRY
  mov ecx, [fs:0xffd]
  CATCH "doubleword over the limit", GP
  TRY
  mov cx, [fs:0xfff]
  CATCH "word over the limit", GP
  TRY
  mov [fs:0xffffffff], cl
  CATCH "far beyond the limit", GP
  TRY
  mov ecx, [fs:0xffffffff]
  CATCH "offset that wraps", GP
  mov eax, FREE(0)
  TRY
  mov ss, ax
  mov esp, 0x1000
  push eax
  pop ecx
  mov ebp, 0x1000
  mov ecx, [ebp]
  CATCH "SS limit by EBP", SS_
  SET_FREE 0, DATA, 0xfff, 0xf3, 4
  TRY
  ENTER_USER
  mov eax, FREE(0) | 3
  mov ss, ax
  mov esp, 0x1004
  push ecx
  CATCH "PUSH over the limit", SS_
  CHECK "ESP is as before", [last_rsp], 0x1004
  TRY
  ENTER_USER
  mov eax, FREE(0) | 3
  mov ss, ax
  mov esp, 2
  push ecx
  CATCH "PUSH that wraps at 0", SS_
  TRY
  ENTER_USER
  mov eax, FREE(0) | 3
  mov ss, ax
  mov esp, 0xffd
  pop ecx
  CATCH "POP over the limit", SS_
  ; Page granularity: limit 1 is 0x1fff.
  SET_FREE 0, DATA, 1, 0x93, 0xc
  mov ax, FREE(0)
  mov fs, ax
  TRY
  mov cl, [fs:0x1fff]
  CATCH "last byte, page-granular", NONE
  TRY
  mov cl, [fs:0x2000]
  CATCH "beyond, page-granular", GP
  ; Read-only data.
  SET_FREE 0, DATA, 0xfff, 0x90, 4
  mov ax, FREE(0)
  mov fs, ax
  movzx ecx, byte [gdt_free + 5]
  CHECK "loading sets the accessed bit", ecx, 0x91
  TRY
  mov cl, [fs:0]
  CATCH "read of read-only data", NONE
  TRY
  mov [fs:0], cl
  CATCH "write of read-only data", GP
  TRY
  inc byte [fs:0]
  CATCH "read-modify-write of read-only data", GP
  TRY
  mov ss, ax
  CATCH "read-only data in SS", GP, FREE(0)
  ; Expand-down: offsets above the limit, up to 64 KiB or 4 GiB.
  SET_FREE 0, DATA, 0xfff, 0x97, 0
  mov ax, FREE(0)
  mov fs, ax
  TRY
  mov cl, [fs:0xfff]
  CATCH "expand-down: at the limit", GP
  TRY
  mov cl, [fs:0x1000]
  CATCH "expand-down: above the limit", NONE
  TRY
  mov cl, [fs:0xffff]
  CATCH "expand-down, 16-bit: last byte", NONE
  TRY
  mov cl, [fs:0x10000]
  CATCH "expand-down, 16-bit: beyond 64 KiB", GP
  TRY
  mov cx, [fs:0xffff]
  CATCH "expand-down, 16-bit: word over 64 KiB", GP
  SET_FREE 0, 0, 0xff, 0x97, 0xc     ; limit 0xfffff
  mov ax, FREE(0)
  mov fs, ax
  TRY
  mov cl, [fs:0xfffff]
  CATCH "expand-down, 32-bit, page-granular: at the limit", GP
  TRY
  mov cl, [fs:0x200000]
  CATCH "expand-down, 32-bit: beyond 64 KiB", NONE
  ; Code: execute-only and readable.
  SET_FREE 0, 0, 0xfffff, 0x99, 0xc
  TRY
  mov ax, FREE(0)
  mov fs, ax
  CATCH "execute-only code in FS", GP, FREE(0)
  TRY
  jmp FREE(0):.execute_only
.execute_only:
  mov cl, [cs:main]
  CATCH "read by CS of execute-only code", GP
  TRY
  jmp KCODE32:.readable
.readable:
  mov cl, [cs:main]
  CATCH "read by CS of readable code", NONE
  TRY
  mov [cs:main], cl
  CATCH "write by CS", GP
  mov ax, KCODE32
  mov fs, ax
  TRY
  mov cl, [fs:main]
  CATCH "readable code in FS", NONE
  TRY
  mov [fs:main], cl
  CATCH "write of code", GP
  ; Null.
  xor eax, eax
  TRY
  mov fs, ax
  CATCH "null in FS", NONE
  TRY
  mov eax, 3
  mov fs, ax
  mov cl, [fs:main]
  CATCH "use of null FS", GP
  TRY
  xor eax, eax
  mov ss, ax
  CATCH "null in SS", GP
  TRY
  mov cs, ax
  CATCH "MOV to CS", UD
  ; Presence, types, limits of tables.
  SET_FREE 0, DATA, 0xfff, 0x13, 4
  mov eax, FREE(0)
  TRY
  mov fs, ax
  CATCH "data not present", NP, FREE(0)
  TRY
  mov ss, ax
  CATCH "stack not present", SS_, FREE(0)
  TRY
  mov eax, 0x100 | 3
  mov fs, ax
  CATCH "selector beyond the GDT", GP, 0x100
  TRY
  mov eax, TSS_SEL
  mov fs, ax
  CATCH "TSS in FS", GP, TSS_SEL
  TRY
  mov eax, 0xc | 3
  mov fs, ax
  CATCH "LDT selector without LDT", GP, 0xc
  TRY
  lds esi, [null_pointer]
  mov cl, [esi]
  CATCH "use of null DS", GP
  TRY
  lss esp, [null_pointer]
  CATCH "LSS of null", GP
  ; LDT.
  mov dword [ldt], 0x0000ffff
  mov dword [ldt + 4], 0x00cf9300
  mov dword [ldt + 8], 0x0000ffff
  mov dword [ldt + 12], 0x00cff300
  SET_FREE 1, ldt_base, 15, 0x82, 0
  mov eax, FREE(1)
  TRY
  lldt ax
  mov eax, 4
  mov fs, ax
  mov cl, [fs:main]
  CATCH "data of the LDT", NONE
  TRY
  mov eax, 0x14
  mov fs, ax
  CATCH "selector beyond the LDT", GP, 0x14
  sldt ecx
  CHECK "SLDT", ecx, FREE(1)
  TRY
  mov eax, 4
  lldt ax
  CATCH "LLDT of a selector in the LDT", GP, 4
  ; Privilege.
  TRY
  ENTER_USER
  mov eax, KDATA | 3
  mov fs, ax
  CATCH "data of ring 0 in ring 3", GP, KDATA
  TRY
  ENTER_USER
  mov eax, 0xf
  mov fs, ax
  mov cl, [fs:main]
  CATCH "user data of the LDT in ring 3", NONE
  TRY
  ENTER_USER
  mov eax, UDATA & ~3
  mov ss, ax
  CATCH "SS with RPL 0 in ring 3", GP, UDATA & ~3
  TRY
  mov eax, UDATA
  mov fs, ax
  CATCH "user data in ring 0", NONE
  TRY
  mov eax, KDATA | 3
  mov fs, ax
  CATCH "RPL 3 on ring 0 data", GP, KDATA
  ; Data segments more privileged than the outer ring are nulled on return to it.
  TRY
  mov ax, KDATA
  mov fs, ax
  mov gs, ax
  push dword UDATA
  push dword USER_STACK
  push dword 2
  push dword UCODE32
  push dword .returned
  iretd
.returned:
  mov ecx, fs
  mov edx, gs
  CATCH "IRET outwards", NONE
  CHECK "IRET outwards nulls FS", ecx, 0
  CHECK "IRET outwards nulls GS", edx, 0
  ; Conforming code in FS is not nulled, and is readable from anywhere.
  SET_FREE 0, 0, 0xfffff, 0x9f, 0xc
  TRY
  ENTER_USER
  mov eax, FREE(0) | 3
  mov fs, ax
  mov cl, [fs:main]
  CATCH "conforming ring 0 code read in ring 3", NONE
  TRY
  ENTER_USER
  jmp (FREE(0) | 3):.conforming
.conforming:
  mov ecx, cs
  cli
  CATCH "conforming ring 0 code runs in ring 3", GP
  CHECK "with RPL 3", ecx, FREE(0) | 3
  SET_FREE 0, 0, 0xfffff, 0xff, 0xc
  TRY
  jmp FREE(0):landed
  CATCH "conforming code of ring 3 from ring 0", GP, FREE(0)
  ; Far transfers.
  TRY
  jmp KDATA:landed
  CATCH "far jump to data", GP, KDATA
  TRY
  jmp 0:landed
  CATCH "far jump to null", GP
  TRY
  jmp UCODE32:landed
  CATCH "far jump to ring 3", GP, UCODE32 & ~3
  TRY
  ENTER_USER
  jmp KCODE32:landed
  CATCH "far jump to ring 0", GP, KCODE32
  SET_FREE 0, 0, 0xfffff, 0x1b, 0xc
  TRY
  jmp FREE(0):landed
  CATCH "far jump to absent code", NP, FREE(0)
  SET_FREE 0, 0, 0x7bff, 0x9b, 4
  TRY
  jmp FREE(0):landed
  CATCH "far jump beyond the limit", GP
  TRY
  call FREE(0):landed
  CATCH "far call beyond the limit", GP
  SET_FREE 0, 0, 0, 0x9b, 4
  mov word [gdt_free], limit_end - 1
  TRY
  jmp FREE(0):limit_start
  CATCH "execution runs into the limit", GP
  CHECK "after instructions before it", ebx, 0x1111
  CHECK "its address", [last_rip], limit_end
  mov word [gdt_free], limit_end + 2
  TRY
  jmp FREE(0):limit_start
  CATCH "instruction over the limit", GP
  CHECK "its address", [last_rip], limit_end
  CHECK "EBX untouched", ebx, 0x1111
  TRY
  push dword 0x102                    ; TF: the instruction that IRET leads to is stepped
  push dword FREE(0)
  push dword limit_end
  iret
  CATCH "stepped instruction over the limit", GP
  CHECK "its address when stepped", [last_rip], limit_end
  mov word [gdt_free], limit_end + 4
  TRY
  jmp FREE(0):limit_start
  CATCH "instruction that ends at the limit", GP
  CHECK "it was executed", ebx, 0x2222
  TRY
  push dword KCODE32
  push dword .far_returned
  retf
.far_returned:
  CATCH "RETF", NONE
  TRY
  push dword UDATA
  push dword USER_STACK
  push dword 0x55
  push dword UCODE32
  push dword .outer
  retf 4
.outer:
  mov ecx, esp
  mov edx, cs
  CATCH "RETF n outwards", NONE
  CHECK "releases parameters on the outer stack", ecx, USER_STACK + 4
  CHECK "its CS", edx, UCODE32
  TRY
  push dword KDATA
  push dword USER_STACK
  push dword UCODE32
  push dword landed
  retf
  CATCH "RETF outwards with SS of ring 0", GP, KDATA
  TRY
  ENTER_USER
  push dword KCODE32
  push dword landed
  retf
  CATCH "RETF inwards", GP, KCODE32
  ; LAR, LSL, VERR, VERW, ARPL.
  mov eax, KCODE32
  lar ecx, eax
  setz dl
  movzx edx, dl
  and ecx, 0xf0ff00                  ; AMD's CPUs show the limit's bits, too
  CHECK "LAR of code", ecx, 0x00c09b00
  CHECK "LAR sets ZF", edx, 1
  mov eax, KDATA
  lsl ecx, eax
  CHECK "LSL page-granular", ecx, 0xffffffff
  mov eax, TSS_SEL
  lsl ecx, eax
  CHECK "LSL of a TSS", ecx, 0x67
  lar ecx, eax
  CHECK "LAR of a busy TSS", ecx, 0x8b00
  xor eax, eax
  mov ecx, 0x5555
  lar ecx, eax
  setz dl
  movzx edx, dl
  CHECK "LAR of null leaves the register", ecx, 0x5555
  CHECK "LAR of null clears ZF", edx, 0
  mov eax, 0x1f8
  lsl ecx, eax
  setz dl
  movzx edx, dl
  CHECK "LSL beyond the GDT clears ZF", edx, 0
  mov dword [gdt_free], KCODE32 << 16 ; a call gate
  mov dword [gdt_free + 4], 0x8c00
  mov eax, FREE(0)
  lar ecx, eax
  setz dl
  movzx edx, dl
  CHECK "LAR of a call gate", edx, 1
  lsl ecx, eax
  setz dl
  movzx edx, dl
  CHECK "LSL of a call gate", edx, 0
  mov eax, KDATA
  verw ax
  setz dl
  movzx edx, dl
  CHECK "VERW of data", edx, 1
  mov eax, KCODE32
  verw ax
  setz dl
  movzx edx, dl
  CHECK "VERW of code", edx, 0
  verr ax
  setz dl
  movzx edx, dl
  CHECK "VERR of readable code", edx, 1
  TRY
  ENTER_USER
  mov eax, KDATA
  verr ax
  setz dl
  movzx ecx, dl
  CATCH "VERR in ring 3", NONE
  CHECK "VERR of ring 0 data in ring 3", ecx, 0
  mov eax, 0x10
  mov ecx, 0x13
  arpl ax, cx
  setz dl
  movzx edx, dl
  CHECK "ARPL raises RPL", eax, 0x13
  CHECK "ARPL sets ZF", edx, 1
  mov ecx, 0x11
  arpl ax, cx
  setz dl
  movzx edx, dl
  CHECK "ARPL leaves a higher RPL", eax, 0x13
  CHECK "ARPL clears ZF", edx, 0
  ; BOUND and INTO.
  TRY
  mov eax, 5
  bound eax, [bounds]
  mov eax, 10
  bound eax, [bounds]
  CATCH "BOUND within", NONE
  TRY
  mov eax, 11
  bound eax, [bounds]
  CATCH "BOUND beyond", BR
  TRY
  mov al, 0x7f
  inc al
  into
  CATCH "INTO", OF_
  TRY
  xor eax, eax
  into
  CATCH "INTO without overflow", NONE
  ret

landed:
  int 0x48

limit_start:
  mov ebx, 0x1111
limit_end:
  mov ebx, 0x2222
  int 0x49

ldt_base equ 0x110000
ldt equ ldt_base

  section .data
null_pointer: dd 0
  dw 0
  align 4
bounds: dd 5, 10
