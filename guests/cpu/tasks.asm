; Hardware task switches: JMP, CALL and IRET to TSSs of 32 and 16 bits, task gates in the GDT and the
; IDT, busy bits, NT, the back link, CR0.TS, the T bit, LDT and CR3 of a task, double fault by a task
; gate, and the faults of the target's state, which happen in the new task.
; Intel SDM vol. 3, chapter 8; AMD APM vol. 2, chapter 12.
%include "lib/protected.inc"

TASK equ 0x60000                     ; the second task's TSS
TASK16 equ 0x60100                   ; a 16-bit one
FAULT_TASK equ 0x60200               ; for #TS, #NP, #SS, #GP and #DF by task gates
TASK_STACK equ 0x62000
FAULT_STACK equ 0x63000
LDT_AT equ 0x61000
TASK_SEL equ FREE(0)
TASK16_SEL equ FREE(1)
GATE_SEL equ FREE(2)
LDT_SEL equ FREE(3)
FAULT_SEL equ FREE(4)

; A fresh 32-bit TSS: address, EIP, stack.
%macro TSS32 3
  mov edi, %1
  xor eax, eax
  mov ecx, 0x68 / 4
  rep stosd
  mov dword [(%1) + 0x20], %2
  mov dword [(%1) + 0x24], 2
  mov dword [(%1) + 0x38], %3
  mov dword [(%1) + 0x48], KDATA
  mov dword [(%1) + 0x4c], KCODE32
  mov dword [(%1) + 0x50], KDATA
  mov dword [(%1) + 0x54], KDATA
  mov dword [(%1) + 0x58], KDATA
  mov dword [(%1) + 0x5c], KDATA
  mov dword [(%1) + 0x64], 0x680000
%endmacro

%macro RESET_TASK 1
  TSS32 TASK, %1, TASK_STACK
  SET_FREE 0, TASK, 0x67, 0x89, 0
%endmacro

; An interrupt vector by a task gate to the fault task, which keeps the error code and returns.
%macro FAULT_GATE 1
  mov dword [idt + 8 * (%1)], FAULT_SEL << 16
  mov dword [idt + 8 * (%1) + 4], 0x8500
%endmacro

main:
  ; CALL to a task and IRET from it.
  RESET_TASK task_called
  mov dword [TASK + 0x28], 0xaaaa0000  ; EAX..EDI
  mov dword [TASK + 0x2c], 0xcccc0000
  mov dword [TASK + 0x34], 0xbbbb0000
  mov dword [TASK + 0x44], 0xdddd0000
  mov edi, 0x12345678
  mov ebx, 0x87654321
  call TASK_SEL:0
after_call:
  CHECK "EDI is the caller's again", edi, 0x12345678
  CHECK "EBX is the caller's again", ebx, 0x87654321
  CHECK "EAX of the task", [seen], 0xaaaa0000
  CHECK "ECX of the task", [seen + 4], 0xcccc0000
  CHECK "EBX of the task", [seen + 8], 0xbbbb0000
  CHECK "EDI of the task", [seen + 12], 0xdddd0000
  CHECK "NT in the task", [seen + 16], FLAG_NT | 2
  CHECK "TR in the task", [seen + 20], TASK_SEL
  CHECK "CR0.TS in the task", [seen + 24], CR0_TS
  movzx eax, word [TASK]
  CHECK "back link", eax, TSS_SEL
  CHECK "EIP kept in the old TSS", [tss + 0x20], after_call
  CHECK "EDI kept in the old TSS", [tss + 0x44], 0x12345678
  movzx eax, word [tss + 0x4c]
  CHECK "CS kept in the old TSS", eax, KCODE32
  movzx eax, byte [gdt_free + 5]
  CHECK "IRET makes the task available", eax, 0x89
  CHECK "both were busy in the nested task", [seen + 28], 0x8b8b
  str eax
  CHECK "TR is back", eax, TSS_SEL
  pushfd
  pop eax
  and eax, FLAG_NT
  CHECK "NT is clear", eax, 0
  and dword [TASK + 0x24], FLAG_NT
  CHECK "IRET clears NT in the left TSS", [TASK + 0x24], 0
  CHECK "EIP after the task's IRET", [TASK + 0x20], task_called_again
  clts
  ; The task goes on after its IRET when it is called again.
  mov dword [seen], 0
  call TASK_SEL:0
  clts
  CHECK "the task goes on where it was", [seen], 0x600d
  ; JMP: no nesting.
  RESET_TASK task_jumped
  jmp TASK_SEL:0
after_jump:
  clts
  CHECK "JMP: NT in the task", [seen], 2
  CHECK "JMP: the old task is available, the new one busy", [seen + 4], 0x8b89
  ; By a task gate in the GDT, from ring 3.
  RESET_TASK task_simple
  mov dword [gdt_free + 8 * 2], TASK_SEL << 16
  mov dword [gdt_free + 8 * 2 + 4], 0xe500
  TRY
  ENTER_USER
  call (GATE_SEL | 3):0
  CATCH "task gate from ring 3", NONE
  clts
  CHECK "its task ran", [seen], 0x51
  ; By a task gate in the IDT.
  RESET_TASK task_simple
  mov dword [idt + 8 * 0x60], TASK_SEL << 16
  mov dword [idt + 8 * 0x60 + 4], 0x8500
  mov dword [seen], 0
  TRY
  int 0x60
  CATCH "task gate in the IDT", NONE
  clts
  CHECK "its task ran", [seen], 0x51
  TRY
  ENTER_USER
  int 0x60
  CATCH "task gate in the IDT beyond DPL", GP, 0x60 * 8 + 2
  ; Privilege, types, limits.
  TRY
  ENTER_USER
  call TASK_SEL:0
  CATCH "TSS beyond DPL", GP, TASK_SEL
  TRY
  jmp TSS_SEL:0
  CATCH "TSS that is busy", GP, TSS_SEL
  SET_FREE 0, TASK, 0x66, 0x89, 0
  TRY
  jmp TASK_SEL:0
  CATCH "TSS too small", TS, TASK_SEL
  SET_FREE 0, TASK, 0x67, 0x09, 0
  TRY
  jmp TASK_SEL:0
  CATCH "TSS not present", NP, TASK_SEL
  mov dword [gdt_free + 8 * 2 + 4], 0x6500
  TRY
  jmp GATE_SEL:0
  CATCH "task gate not present", NP, GATE_SEL
  mov dword [gdt_free + 8 * 2 + 4], 0xe500
  mov word [gdt_free + 8 * 2 + 2], KDATA
  TRY
  jmp GATE_SEL:0
  CATCH "task gate to data", GP, KDATA
  mov word [gdt_free + 8 * 2 + 2], TASK_SEL
  TRY
  pushfd
  or dword [esp], FLAG_NT
  popfd
  mov word [tss], KDATA
  iretd
  CATCH "IRET with NT to a link that is no TSS", TS, KDATA
  TRY
  pushfd
  or dword [esp], FLAG_NT
  popfd
  mov word [tss], TASK_SEL
  SET_FREE 0, TASK, 0x67, 0x89, 0
  iretd
  CATCH "IRET with NT to a link that is not busy", TS, TASK_SEL
  ; 16-bit TSS.
  mov edi, TASK16
  xor eax, eax
  mov ecx, 44 / 4
  rep stosd
  mov word [TASK16 + 14], task16
  mov word [TASK16 + 16], 2
  mov word [TASK16 + 18], 0x1111       ; AX
  mov word [TASK16 + 26], 0x7a00       ; SP
  mov word [TASK16 + 34], KDATA
  mov word [TASK16 + 36], KCODE32
  mov word [TASK16 + 38], KDATA
  mov word [TASK16 + 40], KDATA
  SET_FREE 1, TASK16, 0x2b, 0x81, 0
  mov eax, 0x99999999
  mov fs, [null_selector]
  call TASK16_SEL:0
  clts
  CHECK "AX of a 16-bit task", [seen], 0x1111
  CHECK "SP of a 16-bit task", [seen + 4], 0x7a00
  CHECK "FS of a 16-bit task is null", [seen + 8], 0
  mov ax, KDATA
  mov fs, ax
  ; LDT and CR3 of the task.
  RESET_TASK task_simple
  mov dword [LDT_AT], 0x0000ffff
  mov dword [LDT_AT + 4], 0x00cf9300
  SET_FREE 3, LDT_AT, 7, 0x82, 0
  mov word [TASK + 0x60], LDT_SEL
  mov word [TASK + 0x58], 4            ; FS from the LDT
  mov dword [TASK + 0x20], task_ldt
  mov dword [TASK + 0x1c], 0x12345000  ; without paging CR3 stays
  call TASK_SEL:0
  clts
  CHECK "LDTR of the task", [seen], LDT_SEL
  CHECK "FS from the task's LDT", [seen + 4], 4
  CHECK "CR3 without paging", [seen + 8], 0
  sldt ecx
  CHECK "LDTR is null again", ecx, 0
  ; Faults of the new state: in the new task, taken by a task of their own.
  TSS32 FAULT_TASK, fault_task, FAULT_STACK
  SET_FREE 4, FAULT_TASK, 0x67, 0x89, 0
  FAULT_GATE TS
  FAULT_GATE NP
  FAULT_GATE SS_
  FAULT_GATE GP
  FAULT_GATE DF
  mov dword [return_to], .after_cs
  RESET_TASK task_simple
  mov dword [TASK + 0x4c], KDATA
  jmp TASK_SEL:0
.after_cs:
  clts
  CHECK "CS that is data: #TS", [fault_code], KDATA
  CHECK "the fault is the new task's", [fault_link], TASK_SEL
  mov dword [return_to], .after_ss
  RESET_TASK task_simple
  mov dword [TASK + 0x50], UDATA
  jmp TASK_SEL:0
.after_ss:
  clts
  CHECK "SS of another ring: #TS", [fault_code], UDATA & ~3
  mov dword [return_to], .after_ds
  RESET_TASK task_simple
  mov dword [TASK + 0x54], 0x1f8
  jmp TASK_SEL:0
.after_ds:
  clts
  CHECK "DS beyond the GDT: #TS", [fault_code], 0x1f8
  mov dword [return_to], .after_ldt
  RESET_TASK task_simple
  mov dword [TASK + 0x60], KDATA
  jmp TASK_SEL:0
.after_ldt:
  clts
  CHECK "LDT that is data: #TS", [fault_code], KDATA
  mov dword [return_to], .after_np
  RESET_TASK task_simple
  SET_FREE 5, 0, 0xfffff, 0x1b, 0xc
  mov dword [TASK + 0x4c], FREE(5)
  jmp TASK_SEL:0
.after_np:
  clts
  CHECK "CS not present: #NP", [fault_code], FREE(5)
  mov dword [return_to], .after_eip
  RESET_TASK task_simple
  SET_FREE 5, 0, 0xff, 0x9b, 4
  mov dword [TASK + 0x4c], FREE(5)
  jmp TASK_SEL:0
.after_eip:
  clts
  CHECK "EIP beyond the limit: #GP(0)", [fault_code], 0
  CHECK "in the new task", [fault_link], TASK_SEL
  ; Double fault by task gate: #SS whose gate is not present.
  mov dword [return_to], .after_df
  SET_FREE 5, 0, 0xfffff, 0x13, 0xc
  mov byte [idt + 8 * SS_ + 5], 0x05
  mov ebx, 0x5a5a5a5a
  mov ax, FREE(5)
  mov ss, ax
.after_df:
  clts
  CHECK "double fault's error code", [fault_code], 0
  CHECK "its task's link", [fault_link], TSS_SEL
  CHECK "the old task goes on", ebx, 0x5a5a5a5a
  ; T bit: debug trap in the new task.
  mov dword [idt + 8 * GP], KCODE32 << 16
  RESET_TASK task_simple
  mov word [TASK + 0x64], 1
  mov eax, 0xffff0ff0
  mov dr6, eax
  TRY
  call TASK_SEL:0
  CATCH "T bit", DB_
  clts
  mov eax, dr6
  and eax, 0xe00f
  CHECK "DR6.BT", eax, 0x8000
  CHECK "before the task's first instruction", [last_rip], task_simple
  str eax
  CHECK "in the new task", eax, TASK_SEL
  ret

task_called:
  mov [seen], eax
  mov [seen + 4], ecx
  mov [seen + 8], ebx
  mov [seen + 12], edi
  pushfd
  pop dword [seen + 16]
  xor eax, eax
  str ax
  mov [seen + 20], eax
  mov eax, cr0
  and eax, CR0_TS
  mov [seen + 24], eax
  call busy_bytes
  mov [seen + 28], eax
  iretd
task_called_again:
  mov dword [seen], 0x600d
  iretd

busy_bytes:
  xor eax, eax
  mov ah, [gdt_free + 5]
  mov al, [gdt + TSS_SEL + 5]
  ret

task_jumped:
  pushfd
  pop dword [seen]
  call busy_bytes
  mov [seen + 4], eax
  jmp TSS_SEL:0

task_simple:
  mov dword [seen], 0x51
  iretd

task16:
  mov [seen], ax
  mov word [seen + 2], 0
  movzx eax, sp
  mov [seen + 4], eax
  mov eax, fs
  mov [seen + 8], eax
  iretd

task_ldt:
  sldt eax
  mov [seen], eax
  mov eax, fs
  mov [seen + 4], eax
  mov eax, cr3
  mov [seen + 8], eax
  iretd

; Takes the error code; then makes the main task available and goes on in it at return_to.
fault_task:
  pop dword [fault_code]
  movzx eax, word [FAULT_TASK]
  mov [fault_link], eax
  mov byte [gdt + TSS_SEL + 5], 0x89
  mov eax, [return_to]
  mov [tss + 0x20], eax
  and dword [tss + 0x24], ~FLAG_NT
  jmp TSS_SEL:0
  jmp fault_task

  section .data
seen: times 8 dd 0
fault_code: dd 0
fault_link: dd 0
return_to: dd 0
null_selector: dw 0
