; Two CPUs: start by INIT and SIPI, interrupts between them, atomicity of locked instructions (also over
; cache lines and pages), x86's store order (message passing; store buffering forbidden by MFENCE and by
; XCHG), code of one CPU written by the other, INIT while running.
; Intel SDM vol. 3, 9.1-9.3, 9.4.4; AMD APM vol. 2, 7.1-7.4, 7.6.1.
%include "lib/long.inc"
%include "lib/ipi.inc"

TRAMPOLINE equ 0x60000               ; SIPI vector 0x60
AP_STACK equ 0x64000
COUNTS  equ 20000
SHARED  equ 0x400000                 ; lines of their own for what both CPUs write
BOTH    equ 2 * COUNTS

; Lets the second CPU run a function; it is told to the first by [command] = 0 when done.
%macro START 1
  mov qword [command], %1
%endmacro

%macro FINISH 0
%%wait:
  pause
  cmp qword [command], 0
  jne %%wait
%endmacro

; Both CPUs run a function, then a value is checked.
%macro BOTH_RUN 1
  START %1
  call %1
  FINISH
%endmacro

main:
  APIC_ENABLE
  mov word [abs TRAMPOLINE], 0xcb8c    ; MOV BX, CS
  mov byte [abs TRAMPOLINE + 2], 0xea  ; JMP 0:ap_real
  mov word [abs TRAMPOLINE + 3], ap_real
  mov word [abs TRAMPOLINE + 5], 0
  call start_ap
  CHECK "INIT and SIPI start the second CPU", [alive], 1
  CHECK "in real mode with CS = vector << 8", [ap_cs], 0x6000
  ; Locked instructions.
  mov r15d, SHARED
  BOTH_RUN lock_inc
  CHECK "LOCK INC", [abs SHARED], BOTH
  mov qword [abs SHARED], 0
  BOTH_RUN lock_xadd
  CHECK "LOCK XADD", [abs SHARED], BOTH
  CHECK "LOCK XADD's old values sum up", [abs SHARED + 64], BOTH / 2 * (BOTH - 1)
  mov qword [abs SHARED], 0
  BOTH_RUN lock_cmpxchg
  CHECK "LOCK CMPXCHG", [abs SHARED], BOTH
  mov qword [abs SHARED], 0
  mov qword [abs SHARED + 8], 0
  BOTH_RUN lock_cmpxchg16b
  CHECK "LOCK CMPXCHG16B, low", [abs SHARED], BOTH
  CHECK "LOCK CMPXCHG16B, high", [abs SHARED + 8], BOTH
  mov qword [abs SHARED], 0
  mov qword [abs SHARED + 64], 0
  BOTH_RUN xchg_lock
  CHECK "a spin lock by XCHG", [abs SHARED], BOTH
  mov qword [abs SHARED], 0
  BOTH_RUN bts_lock
  CHECK "a spin lock by LOCK BTS", [abs SHARED], BOTH
  mov qword [abs SHARED + 0x3c], 0
  BOTH_RUN split_line
  CHECK "LOCK ADD over cache lines", [abs SHARED + 0x3c], BOTH
  mov qword [abs SHARED + 0xffc], 0
  BOTH_RUN split_page
  CHECK "LOCK ADD over pages", [abs SHARED + 0xffc], BOTH
  mov qword [abs SHARED], 0
  BOTH_RUN bytes
  CHECK "LOCK INC of bytes next to each other", [abs SHARED], (COUNTS * 2 & 0xff) * 0x101
  ; Message passing: who sees the flag sees the data.
  mov qword [abs SHARED], 0
  mov qword [abs SHARED + 64], 0
  mov qword [bad], 0
  START mp_reader
  call mp_writer
  FINISH
  CHECK "message passing", [bad], 0
  ; Store buffering with MFENCE and with XCHG: not both old.
  mov qword [abs SHARED + 128], 0
  mov qword [abs SHARED + 192], 0
  mov qword [bad], 0
  mov qword [fence], fence_mfence
  START sb_second
  call sb_first
  FINISH
  CHECK "store buffering with MFENCE", [bad], 0
  mov qword [abs SHARED + 128], 0
  mov qword [abs SHARED + 192], 0
  mov qword [fence], fence_locked
  START sb_second
  call sb_first
  FINISH
  CHECK "store buffering with a locked instruction", [bad], 0
  ; Code of one CPU written by the other.
  mov dword [abs SHARED + 0x2000], 0x000000b8
  mov dword [abs SHARED + 0x2004], 0xc300
  START code_reader
  mov ebx, 1
.patch:
  mov [abs SHARED + 0x2001], ebx
.seen:
  pause
  cmp [abs SHARED + 0x3000], ebx
  jne .seen
  inc ebx
  cmp ebx, 100
  jb .patch
  mov dword [abs SHARED + 0x2001], -1
  FINISH
  CHECK "code written by the other CPU", rbx, 100
  ; Interrupts between CPUs.
  mov qword [hook], ipi_hook
  mov qword [abs SHARED], 0
  START ap_sends
  sti
.await:
  pause
  cmp qword [abs SHARED], 3
  jne .await
  cli
  FINISH
  mov qword [hook], 0
  CHECK "interrupts from the other CPU", [abs SHARED], 3
  ; INIT while it runs, and a second start.
  START ap_spins
  mov ecx, 1000
.let_run:
  pause
  loop .let_run
  mov qword [command], 0
  call start_ap
  CHECK "INIT stops it and SIPI starts it again", [alive], 2
  mov qword [abs SHARED], 0
  BOTH_RUN lock_inc
  CHECK "and it runs", [abs SHARED], BOTH
  ret

; Sends INIT and SIPI and waits until the second CPU waits for a command.
start_ap:
  mov rbx, [alive]
  IPI 1, IPI_INIT
  mov ecx, 20000
.settle:
  pause
  loop .settle
  IPI 1, IPI_STARTUP | TRAMPOLINE >> 12
.await:
  pause
  cmp [alive], rbx
  je .await
  ret

  bits 16
ap_real:
  cli
  xor ax, ax
  mov ds, ax
  mov [ap_cs], bx
  lgdt [gdtr]
  mov eax, CR0_PE | CR0_NE | 0x10
  mov cr0, eax
  jmp dword KCODE32:ap_protected
  bits 32
ap_protected:
  mov ax, KDATA
  mov ds, ax
  mov es, ax
  mov ss, ax
  mov eax, CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT
  mov cr4, eax
  mov eax, PAGE_TABLES
  mov cr3, eax
  mov ecx, EFER
  mov eax, EFER_LME | EFER_NXE
  xor edx, edx
  wrmsr
  mov eax, CR0_PG | CR0_WP | CR0_PE | CR0_NE | CR0_MP | 0x10
  mov cr0, eax
  jmp KCODE64:ap_long
  bits 64
ap_long:
  mov esp, AP_STACK
  lidt [idtr]
  mov r15d, SHARED
  lock inc qword [alive]
.next:
  pause
  mov rax, [command]
  test rax, rax
  jz .next
  call rax
  mov qword [command], 0
  jmp .next

; What both run: R15 is SHARED.
lock_inc:
  mov ecx, COUNTS
.next:
  lock inc qword [r15]
  dec ecx
  jnz .next
  ret

lock_xadd:
  mov ecx, COUNTS
  xor edx, edx
.next:
  mov eax, 1
  lock xadd [r15], rax
  add rdx, rax
  dec ecx
  jnz .next
  lock add [r15 + 64], rdx
  ret

lock_cmpxchg:
  mov ecx, COUNTS
.next:
  mov rax, [r15]
.retry:
  lea rdx, [rax + 1]
  lock cmpxchg [r15], rdx
  jnz .retry
  dec ecx
  jnz .next
  ret

lock_cmpxchg16b:
  push rbx
  mov r8d, COUNTS
.next:
  mov rax, [r15]
  mov rdx, [r15 + 8]
.retry:
  lea rbx, [rax + 1]
  lea rcx, [rdx + 1]
  lock cmpxchg16b [r15]
  jnz .retry
  dec r8d
  jnz .next
  pop rbx
  ret

xchg_lock:
  mov ecx, COUNTS
.next:
  mov eax, 1
.retry:
  xchg eax, [r15 + 64]
  test eax, eax
  jz .mine
  pause
  jmp .retry
.mine:
  inc qword [r15]
  mov dword [r15 + 64], 0
  dec ecx
  jnz .next
  ret

bts_lock:
  mov ecx, COUNTS
.next:
  lock bts dword [r15 + 64], 5
  jnc .mine
  pause
  jmp .next
.mine:
  inc qword [r15]
  mov dword [r15 + 64], 0
  dec ecx
  jnz .next
  ret

split_line:
  mov ecx, COUNTS
.next:
  lock add qword [r15 + 0x3c], 1
  dec ecx
  jnz .next
  ret

split_page:
  mov ecx, COUNTS
.next:
  lock add qword [r15 + 0xffc], 1
  dec ecx
  jnz .next
  ret

bytes:
  mov ecx, COUNTS
.next:
  lock inc byte [r15]
  lock inc byte [r15 + 1]
  dec ecx
  jnz .next
  ret

mp_writer:
  mov eax, 1
.next:
  mov [r15], rax
  mov [r15 + 64], rax
  inc rax
  cmp rax, 100000
  jbe .next
  ret

mp_reader:
  mov rax, [r15 + 64]
  mov rcx, [r15]
  cmp rcx, rax
  jae .good
  inc qword [bad]
.good:
  cmp rax, 100000
  jb mp_reader
  ret

fence_mfence:
  mfence
  ret

fence_locked:
  lock or qword [rsp - 8], 0
  ret

; X at +0, Y at +64, rounds at +128 and +192, results in [first] and [second]. Both meet before each
; round and after it, so that the first can compare.
sb_first:
  mov ebx, 1
.next:
  mov qword [r15], 0
  mov qword [r15 + 64], 0
  mfence
  mov [r15 + 128], rbx
.meet:
  pause
  cmp [r15 + 192], rbx
  jne .meet
  mov qword [r15], 1
  call [fence]
  mov rax, [r15 + 64]
  lea rcx, [rbx + 1]
  mov [r15 + 128], rcx
.done:
  pause
  cmp [r15 + 192], rcx
  jne .done
  or rax, [second]
  jnz .good
  inc qword [bad]
.good:
  add ebx, 2
  cmp ebx, 1000
  jb .next
  ret

sb_second:
  mov edx, 1
.next:
.meet:
  cmp [r15 + 128], rdx
  jne .pause
  mov [r15 + 192], rdx
  mov qword [r15 + 64], 1
  call [fence]
  mov rax, [r15]
  mov [second], rax
  inc edx
.done:
  pause
  cmp [r15 + 128], rdx
  jne .done
  mov [r15 + 192], rdx
  inc edx
  cmp edx, 1000
  jb .next
  ret
.pause:
  pause
  jmp .meet

code_reader:
  mov eax, SHARED + 0x2000
  call rax
  mov [r15 + 0x3000], eax
  cmp eax, -1
  jne code_reader
  ret

ap_sends:
  mov edx, 3
.next:
  mov rcx, [r15]
  IPI 0, IPI_FIXED | 0x61
.taken:
  pause
  cmp [r15], rcx
  je .taken
  dec edx
  jnz .next
  ret

ap_spins:
  jmp ap_spins

ipi_hook:
  add rsp, 8
  push rax
  inc qword [abs SHARED]
  APIC_EOI
  pop rax
  iretq

  section .data
  align 8
command: dq 0
alive: dq 0
ap_cs: dq 0
bad: dq 0
fence: dq 0
second: dq 0
