; System instructions of 64-bit mode: SYSCALL, SYSRET, SYSENTER, SYSEXIT, SWAPGS, RDFSBASE and its
; kin, MSRs and EFER, control registers and their rules, UMIP, TSC and CR4.TSD, RDPMC, XSETBV, and what
; ring 3 may not do.
; Intel SDM vol. 2 (each instruction), vol. 3, 2.5, 5.8.7; AMD APM vol. 2, 3.1, 6.1.
%include "lib/long.inc"

STAR    equ 0xc0000081
LSTAR   equ 0xc0000082
CSTAR   equ 0xc0000083
SFMASK  equ 0xc0000084
FS_BASE equ 0xc0000100
GS_BASE equ 0xc0000101
KERNEL_GS_BASE equ 0xc0000102
TSC_AUX equ 0xc0000103
SYSENTER_CS equ 0x174
SYSENTER_ESP equ 0x175
SYSENTER_EIP equ 0x176
PAT     equ 0x277
ARITHMETIC equ 0x8d5

%macro SET_CR4 1
  mov rax, cr4
  or rax, %1
  mov cr4, rax
%endmacro

%macro CLEAR_CR4 1
  mov rax, cr4
  and rax, ~(%1)
  mov cr4, rax
%endmacro

main:
  ; SYSCALL and SYSRET.
  WRITE_MSR STAR, (KCODE64 | (UCODE32 << 16)) << 32
  WRITE_MSR LSTAR, syscall_entry
  WRITE_MSR SFMASK, FLAG_IF | FLAG_TF
  mov qword [entry_action], entry_stop
  TRY
  ENTER_USER FLAG_IF | FLAG_CF | 2
  stc
  syscall
after_syscall:
  CATCH "SYSCALL", 0x50
  mov rax, after_syscall
  mov rdx, USER
  add rax, rdx
  mov [seen], rax
  CHECK "RCX is the return address", rcx, [seen]
  and r11, ~ARITHMETIC | FLAG_CF
  CHECK "R11 is RFLAGS", r11, FLAG_IF | FLAG_CF | 2
  CHECK "CS", [entry_cs], KCODE64
  CHECK "SS", [entry_ss], KDATA2
  mov rax, [entry_flags]
  and eax, FLAG_IF | FLAG_TF | FLAG_CF
  mov [seen], rax
  CHECK "SFMASK clears flags", [seen], FLAG_CF
  mov qword [entry_action], entry_return
  TRY
  ENTER_USER FLAG_IF | 2
  syscall
  mov r8d, cs
  mov r9d, ss
  pushfq
  pop r10
  CATCH "SYSCALL and SYSRETQ", NONE
  CHECK "CS after SYSRETQ", r8, UCODE64
  CHECK "SS after SYSRETQ", r9, UDATA
  and r10, FLAG_IF
  CHECK "IF after SYSRETQ", r10, FLAG_IF
  TRY
  mov rcx, .compat + USER
  mov r11d, 2
  o32 sysret
.compat:
  ud2
  CATCH "SYSRETL goes to 32-bit code", PF, 0x15
  CHECK "CS after SYSRETL", [last_cs], UCODE32
  CHECK "RIP after SYSRETL has 32 bits", [last_rip], .compat
  TRY
  ENTER_USER
  o64 sysret
  CATCH "SYSRET in ring 3", GP
  WRITE_MSR EFER, EFER_LME | EFER_NXE
  TRY
  syscall
  CATCH "SYSCALL without SCE", UD
  TRY
  o64 sysret
  CATCH "SYSRET without SCE", UD
  WRITE_MSR EFER, EFER_LME | EFER_NXE | EFER_SCE
  TRY
  WRITE_MSR LSTAR, 0x800000000000
  CATCH "non-canonical LSTAR", GP
  ; SYSENTER and SYSEXIT.
  WRITE_MSR SYSENTER_CS, 0
  mov eax, 0
  cpuid
  mov [vendor], ebx
  cmp ebx, 'Auth'                    ; AMD's CPUs have no SYSENTER in long mode
  jne .intel
  TRY
  sysenter
  CATCH "SYSENTER in long mode", UD
  TRY
  sysexit
  CATCH "SYSEXIT in long mode", UD
  jmp .sysenter_done
.intel:
  TRY
  sysenter
  CATCH "SYSENTER with a null CS", GP
  TRY
  ENTER_USER
  sysexit
  CATCH "SYSEXIT in ring 3", GP
.sysenter_done:
  ; SWAPGS, FS and GS bases.
  WRITE_MSR GS_BASE, 0x0000222233334444
  WRITE_MSR KERNEL_GS_BASE, 0xffffe66677778888
  TRY
  swapgs
  CATCH "SWAPGS", NONE
  READ_MSR GS_BASE
  mov [seen], rax
  mov rax, 0xffffe66677778888
  mov [want], rax
  CHECK "GS base after SWAPGS", [seen], [want]
  TRY
  ENTER_USER
  swapgs
  CATCH "SWAPGS in ring 3", GP
  WRITE_MSR FS_BASE, marker
  mov rax, [fs:0]
  CHECK "FS base", rax, 0x4d41524b
  WRITE_MSR FS_BASE, 0xffff888000000000
  TRY
  mov al, [fs:0]
  CATCH "access by FS base", PF, 0
  mov rax, 0xffff888000000000
  mov [want], rax
  CHECK "its address", [last_cr2], [want]
  TRY
  WRITE_MSR FS_BASE, 0x800000000000
  CATCH "non-canonical FS base", GP
  WRITE_MSR FS_BASE, 0x12345
  mov eax, KDATA
  mov fs, ax
  READ_MSR FS_BASE
  CHECK "loading FS sets its base", rax, 0
  TRY
  rdfsbase rax
  CATCH "RDFSBASE without CR4.FSGSBASE", UD
  SET_CR4 CR4_FSGSBASE
  TRY
  ENTER_USER
  mov rax, 0x123456789abc
  wrfsbase rax
  rdfsbase rcx
  wrgsbase eax
  rdgsbase rdx
  CATCH "FSGSBASE in ring 3", NONE
  CHECK "RDFSBASE", rcx, 0x123456789abc
  CHECK "32-bit WRGSBASE zero-extends", rdx, 0x56789abc
  TRY
  mov rax, 0x800000000000
  wrfsbase rax
  CATCH "WRFSBASE non-canonical", GP
  ; MSRs.
  TRY
  mov ecx, 0x12345678
  rdmsr
  CATCH "RDMSR of an unknown MSR", GP
  TRY
  mov ecx, 0x12345678
  wrmsr
  CATCH "WRMSR of an unknown MSR", GP
  TRY
  ENTER_USER
  mov ecx, EFER
  rdmsr
  CATCH "RDMSR in ring 3", GP
  TRY
  WRITE_MSR EFER, EFER_LME | EFER_SCE | EFER_NXE | 1 << 9
  CATCH "reserved bit of EFER", GP
  TRY
  WRITE_MSR EFER, EFER_SCE | EFER_NXE
  CATCH "clearing LME with paging", GP
  WRITE_MSR EFER, EFER_LME | EFER_SCE | EFER_NXE
  READ_MSR EFER
  CHECK "LMA is read-only and stays", rax, EFER_LME | EFER_SCE | EFER_NXE | EFER_LMA
  TRY
  WRITE_MSR PAT, 0x0007040600070402
  CATCH "reserved memory type in PAT", GP
  TRY
  WRITE_MSR PAT, 0x0007040600070405
  CATCH "PAT", NONE
  READ_MSR PAT
  mov [seen], rax
  mov rax, 0x0007040600070405
  mov [want], rax
  CHECK "PAT reads back", [seen], [want]
  WRITE_MSR TSC_AUX, 0x1234
  rdtscp
  CHECK "RDTSCP gives TSC_AUX", rcx, 0x1234
  TRY
  ENTER_USER
  rdtsc
  CATCH "RDTSC in ring 3", NONE
  SET_CR4 CR4_TSD
  TRY
  ENTER_USER
  rdtsc
  CATCH "RDTSC with TSD", GP
  TRY
  ENTER_USER
  rdtscp
  CATCH "RDTSCP with TSD", GP
  TRY
  rdtsc
  CATCH "RDTSC with TSD in ring 0", NONE
  CLEAR_CR4 CR4_TSD
  TRY
  ENTER_USER
  xor ecx, ecx
  rdpmc
  CATCH "RDPMC in ring 3 without PCE", GP
  ; Time goes on.
  rdtsc
  shl rdx, 32
  or rax, rdx
  mov rbx, rax
  rdtsc
  shl rdx, 32
  or rax, rdx
  cmp rax, rbx
  setae cl
  movzx ecx, cl
  CHECK "TSC does not go back", rcx, 1
  ; Control registers.
  TRY
  mov rax, cr4
  bts rax, 31
  mov cr4, rax
  CATCH "reserved bit of CR4", GP
  TRY
  mov rax, cr4
  bts rax, 40
  mov cr4, rax
  CATCH "upper half of CR4", GP
  TRY
  mov rax, cr0
  btr eax, 0
  mov cr0, rax
  CATCH "PE cleared with PG set", GP
  TRY
  mov rax, cr0
  or eax, 1 << 29
  and eax, ~(1 << 30)
  mov cr0, rax
  CATCH "NW without CD", GP
  TRY
  mov rax, 1 << 63
  mov rcx, cr3
  or rax, rcx
  mov cr3, rax
  CATCH "bit 63 of CR3 without PCIDE", GP
  TRY
  db 0x0f, 0x20, 0xc8                ; MOV RAX, CR1
  CATCH "CR1", UD
  TRY
  db 0x0f, 0x20, 0xe8                ; MOV RAX, CR5
  CATCH "CR5", UD
  TRY
  mov rax, 0x10
  mov cr8, rax
  CATCH "CR8 beyond 15", GP
  TRY
  mov eax, 5
  mov cr8, rax
  mov rcx, cr8
  mov eax, 0
  mov cr8, rax
  CATCH "CR8", NONE
  CHECK "CR8 reads back", rcx, 5
  TRY
  ENTER_USER
  mov rax, cr0
  CATCH "MOV from CR0 in ring 3", GP
  TRY
  ENTER_USER
  mov cr3, rax
  CATCH "MOV to CR3 in ring 3", GP
  TRY
  ENTER_USER
  clts
  CATCH "CLTS in ring 3", GP
  TRY
  ENTER_USER
  lgdt [gdtr]
  CATCH "LGDT in ring 3", GP
  TRY
  ENTER_USER
  lidt [idtr]
  CATCH "LIDT in ring 3", GP
  TRY
  ENTER_USER
  xor eax, eax
  lmsw ax
  CATCH "LMSW in ring 3", GP
  TRY
  ENTER_USER
  ltr ax
  CATCH "LTR in ring 3", GP
  TRY
  ENTER_USER
  lldt ax
  CATCH "LLDT in ring 3", GP
  TRY
  ENTER_USER
  invd
  CATCH "INVD in ring 3", GP
  TRY
  ENTER_USER
  wbinvd
  CATCH "WBINVD in ring 3", GP
  TRY
  wbinvd
  CATCH "WBINVD in ring 0", NONE
  ; UMIP.
  TRY
  ENTER_USER
  sgdt [buffer]
  smsw ecx
  CATCH "SGDT and SMSW in ring 3 without UMIP", NONE
  mov rax, [buffer + 2]
  mov [seen], rax
  CHECK "SGDT's base", [seen], gdt
  movzx eax, word [buffer]
  mov [seen], rax
  CHECK "SGDT's limit", [seen], gdt_end - gdt - 1
  SET_CR4 CR4_UMIP
  TRY
  ENTER_USER
  sgdt [buffer]
  CATCH "UMIP: SGDT", GP
  TRY
  ENTER_USER
  sidt [buffer]
  CATCH "UMIP: SIDT", GP
  TRY
  ENTER_USER
  sldt ecx
  CATCH "UMIP: SLDT", GP
  TRY
  ENTER_USER
  str ecx
  CATCH "UMIP: STR", GP
  TRY
  ENTER_USER
  smsw ecx
  CATCH "UMIP: SMSW", GP
  TRY
  str ecx
  CATCH "UMIP does not concern ring 0", NONE
  CHECK "STR", rcx, TSS_SEL
  CLEAR_CR4 CR4_UMIP
  ; LMSW sets PE, MP, EM, TS, and does not clear PE.
  mov rax, cr0
  mov [seen], rax
  mov eax, CR0_TS | CR0_MP
  lmsw ax
  mov rcx, cr0
  mov rax, [seen]
  or eax, CR0_TS
  mov [want], rax
  CHECK "LMSW", rcx, [want]
  clts
  mov rcx, cr0
  CHECK "CLTS", rcx, [seen]
  ; PCID.
  CLEAR_CR4 CR4_PCIDE
  TRY
  mov rax, cr3
  or eax, 1
  mov cr3, rax
  SET_CR4 CR4_PCIDE
  CATCH "PCIDE with PCID bits in CR3", GP
  mov eax, PAGE_TABLES
  mov cr3, rax
  TRY
  SET_CR4 CR4_PCIDE
  CATCH "PCIDE", NONE
  ; Page 1 in two address spaces that share tables, to see what is kept.
  mov rbx, 0x8000000000
  mov qword [abs PAGE_TABLES + 8], 0x200003
  mov qword [abs 0x200000], 0x201003
  mov qword [abs 0x201000], 0x202003
  mov qword [abs 0x202000], 0x300003
  mov dword [abs 0x300000], 0x0a0a0a0a
  mov dword [abs 0x301000], 0x0b0b0b0b
  mov eax, PAGE_TABLES | 1
  mov cr3, rax
  mov ecx, [rbx]
  mov qword [abs 0x202000], 0x301003
  mov eax, PAGE_TABLES | 2
  mov cr3, rax
  mov ecx, [rbx]
  CHECK "another PCID sees the new mapping", rcx, 0x0b0b0b0b
  mov eax, PAGE_TABLES | 1
  mov cr3, rax
  mov ecx, [rbx]
  CHECK "MOV CR3 without bit 63 flushes its PCID", rcx, 0x0b0b0b0b
  mov qword [abs 0x202000], 0x300003
  mov qword [buffer], 1
  mov [buffer + 8], rbx
  xor edx, edx
  TRY
  invpcid rdx, [buffer]
  CATCH "INVPCID 0", NONE
  mov ecx, [rbx]
  CHECK "INVPCID 0 flushes the address", rcx, 0x0a0a0a0a
  mov qword [abs 0x202000], 0x301003
  mov edx, 1
  invpcid rdx, [buffer]
  mov ecx, [rbx]
  CHECK "INVPCID 1 flushes the PCID", rcx, 0x0b0b0b0b
  mov qword [abs 0x202000], 0x300003
  mov edx, 2
  mov qword [buffer], 0
  invpcid rdx, [buffer]
  mov ecx, [rbx]
  CHECK "INVPCID 2 flushes everything", rcx, 0x0a0a0a0a
  mov qword [abs 0x202000], 0x301003
  mov edx, 3
  invpcid rdx, [buffer]
  mov ecx, [rbx]
  CHECK "INVPCID 3 flushes what is not global", rcx, 0x0b0b0b0b
  TRY
  mov edx, 4
  invpcid rdx, [buffer]
  CATCH "INVPCID 4", GP
  TRY
  mov qword [buffer], 0x1000
  xor edx, edx
  invpcid rdx, [buffer]
  CATCH "INVPCID with a PCID beyond 4095", GP
  TRY
  mov rax, 0x800000000000
  mov qword [buffer], 1
  mov [buffer + 8], rax
  xor edx, edx
  invpcid rdx, [buffer]
  CATCH "INVPCID of a non-canonical address", GP
  TRY
  ENTER_USER
  invpcid rdx, [buffer]
  CATCH "INVPCID in ring 3", GP
  mov eax, PAGE_TABLES
  mov cr3, rax
  CLEAR_CR4 CR4_PCIDE
  ; XSAVE.
  TRY
  xor ecx, ecx
  xgetbv
  CATCH "XGETBV without OSXSAVE", UD
  SET_CR4 CR4_OSXSAVE
  xor ecx, ecx
  xgetbv
  and eax, 1
  CHECK "XCR0 has the x87 bit", rax, 1
  TRY
  xor ecx, ecx
  mov eax, 2
  xor edx, edx
  xsetbv
  CATCH "XSETBV without the x87 bit", GP
  TRY
  mov ecx, 1
  mov eax, 1
  xor edx, edx
  xsetbv
  CATCH "XSETBV of XCR1", GP
  TRY
  xor ecx, ecx
  mov eax, 1
  mov edx, 0x40000000
  xsetbv
  CATCH "XSETBV of an unknown component", GP
  TRY
  xor ecx, ecx
  mov eax, 3
  xor edx, edx
  xsetbv
  CATCH "XSETBV of x87 and SSE", NONE
  TRY
  ENTER_USER
  xor ecx, ecx
  mov eax, 3
  xor edx, edx
  xsetbv
  CATCH "XSETBV in ring 3", GP
  CLEAR_CR4 CR4_OSXSAVE
  ret

syscall_entry:
  mov [entry_cs], cs
  mov [entry_ss], ss
  pushfq
  pop qword [entry_flags]
  jmp [entry_action]
entry_stop:
  int 0x50
entry_return:
  o64 sysret

  section .data
  align 8
entry_action: dq 0
entry_cs: dq 0
entry_ss: dq 0
entry_flags: dq 0
seen: dq 0
want: dq 0
marker: dq 0x4d41524b
buffer: dq 0, 0
vendor: dd 0
