; External interrupts and NMIs: IF, the shadows of STI, MOV SS and POP SS, HLT with and without
; interrupts, NMI blocking until IRET (whichever it is), NMI through IST, priority of vectors.
; Intel SDM vol. 3, 6.7, 6.8; AMD APM vol. 2, 8.1.3, 8.5.
%include "lib/long.inc"
%include "lib/ipi.inc"

; An interrupt to this CPU, with time for it to arrive.
%macro RAISE 1
  IPI 0, %1
  mov ecx, 2000
%%wait:
  pause
  loop %%wait
%endmacro

; Time for an interrupt that should come, or should not.
%macro WAIT 0
  mov ecx, 2000
%%wait:
  pause
  loop %%wait
%endmacro

main:
  APIC_ENABLE
  ; Masked.
  TRY
  RAISE IPI_FIXED | 0x60
  CATCH "interrupt with IF clear", NONE
  TRY
  sti
  WAIT
  CATCH "the one that waited", 0x60
  mov rax, [last_flags]
  shr eax, 9
  and eax, 1
  CHECK "IF in the pushed flags", rax, 1
  APIC_EOI
  ; STI shadow: the instruction after STI runs first; STI; CLI lets nothing in.
  RAISE IPI_FIXED | 0x60
  mov ebx, 0
  TRY
  sti
  mov ebx, 1
  mov ebx, 2
  mov ebx, 3
  CATCH "STI", 0x60
  CHECK "after one more instruction", rbx, 1
  APIC_EOI
  RAISE IPI_FIXED | 0x60
  TRY
  sti
  cli
  CATCH "STI, CLI", NONE
  ; STI while IF is set makes no shadow; the second of two does not extend it.
  mov ebx, 0
  TRY
  sti
  sti
after_second:
  mov ebx, 1
  CATCH "STI, STI", 0x60
  CHECK "after the second STI", [last_rip], after_second
  APIC_EOI
  ; POPF, MOV SS.
  RAISE IPI_FIXED | 0x60
  TRY
  mov ebx, 0
  push qword FLAG_IF | 2
  popfq                              ; has no shadow
after_popf:
  mov ebx, 1
  CATCH "POPF sets IF", 0x60
  CHECK "without a shadow", [last_rip], after_popf
  APIC_EOI
  RAISE IPI_FIXED | 0x60
  mov edx, KDATA
  mov ebx, 0
  TRY
  sti
  mov ss, dx
  mov ebx, 1
  mov ebx, 2
  mov ebx, 3
  CATCH "STI, MOV SS", 0x60
  cmp ebx, 3                         ; one shadow or two: the manuals leave it open
  setb al
  movzx eax, al
  CHECK "before the third instruction", rax, 1
  APIC_EOI
  ; HLT.
  TRY
  RAISE IPI_FIXED | 0x60
  sti
  hlt
after_hlt:
  jmp $
  CATCH "STI, HLT with an interrupt pending", 0x60
  CHECK "its return address is after HLT", [last_rip], after_hlt
  APIC_EOI
  ; NMI.
  TRY
  RAISE IPI_NMI
  CATCH "NMI with IF clear", NMI_
  ; NMIs are blocked until an IRET; one more is kept.
  TRY
  RAISE IPI_NMI
  CATCH "a second NMI in its handler", NONE
  TRY
  push qword KDATA
  push qword STACK_TOP - 0x200
  push qword 2
  push qword KCODE64
  push qword .unblocked
  iretq
.unblocked:
  WAIT
  CATCH "IRET unblocks NMIs", NMI_
  ; Even an IRET of an interrupt's handler inside.
  TRY
  RAISE IPI_NMI
  CATCH "blocked again", NONE
  TRY
  mov qword [hook], return_hook
  int 0x41
  WAIT
  CATCH "IRET of another handler unblocks, too", NMI_
  mov qword [hook], 0
  TRY
  push qword KDATA
  push qword STACK_TOP - 0x200
  push qword 2
  push qword KCODE64
  push qword .free
  iretq
.free:
  WAIT
  CATCH "no NMI is left", NONE
  ; NMI through IST.
  mov byte [abs idt + 2 * 16 + 4], 2
  TRY
  RAISE IPI_NMI
  CATCH "NMI", NMI_
  CHECK "on IST2", [last_frame], IST2_STACK - 40
  push qword KDATA
  push qword STACK_TOP - 0x200
  push qword 2
  push qword KCODE64
  push qword .again
  iretq
.again:
  mov rsp, STACK_TOP - 0x200
  mov byte [abs idt + 2 * 16 + 4], 0
  ; NMI wakes HLT with IF clear.
  IPI 0, IPI_FIXED | 0x60
  TRY
  IPI 0, IPI_NMI
  hlt
  jmp $
  CATCH "HLT with IF clear wakes by NMI only", NMI_
  push qword KDATA
  push qword STACK_TOP - 0x200
  push qword 2
  push qword KCODE64
  push qword .third
  iretq
.third:
  TRY
  sti
  WAIT
  CATCH "the masked interrupt is still there", 0x60
  APIC_EOI
  ; Vectors by priority.
  IPI 0, IPI_FIXED | 0x61
  IPI 0, IPI_FIXED | 0x71
  WAIT
  TRY
  sti
  WAIT
  CATCH "the higher vector first", 0x71
  APIC_EOI
  TRY
  sti
  WAIT
  CATCH "then the lower", 0x61
  APIC_EOI
  ; User mode is interrupted with IF set.
  IPI 0, IPI_FIXED | 0x60
  TRY
  ENTER_USER FLAG_IF | 2
  WAIT
  CATCH "interrupt of ring 3", 0x60
  CHECK "its CS", [last_cs], UCODE64
  APIC_EOI
  jmp finish

; Vector 0x41 returns; others end the attempt.
return_hook:
  cmp dword [rsp], 0x41
  jne .other
  add rsp, 8
  iretq
.other:
  mov qword [hook], 0
  mov rsp, [resume_sp]
  jmp [resume_ip]
