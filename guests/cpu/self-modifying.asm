; Self-modifying code: every store shows at once, whether it hits the next instruction, the same basic
; block, the other page of an instruction that crosses pages, another mapping of the code, and whether
; it comes from MOV, a string instruction, PUSH, CALL, a locked instruction or SSE.
; Intel SDM vol. 3, 10.1.3, 13.6; AMD APM vol. 2, 7.6.1.
%include "lib/long.inc"

CODE    equ 0x400000                 ; for code that is written here
VA      equ 0x8000000000

main:
  ; The next instruction.
  mov byte [.next + 1], 0x22
.next:
  mov al, 0x11
  movzx ecx, al
  CHECK "store to the next instruction", rcx, 0x22
  ; Further on in the block, twice.
  mov ebx, 2
.again:
  mov eax, ebx
  add eax, 0x40
  mov [.later + 1], al
  nop
  nop
.later:
  mov cl, 0
  movzx ecx, cl
  add [sum], rcx
  dec ebx
  jnz .again
  CHECK "store into the block, in a loop", [sum], 0x42 + 0x41
  ; An opcode becomes another: INC to DEC.
  mov ecx, 5
  call .inc
  mov byte [.inc + 1], 0xc9          ; DEC ECX
  call .inc
  call .inc
  CHECK "another opcode", rcx, 4
  jmp .past_inc
.inc:
  db 0xff, 0xc1                      ; INC ECX
  ret
.past_inc:
  ; A thousand versions of a function.
  mov dword [abs CODE], 0x000000b8   ; MOV EAX, imm32; RET
  mov dword [abs CODE + 4], 0xc300
  xor ebx, ebx
  xor ecx, ecx
.version:
  mov [abs CODE + 1], ebx
  mov edx, CODE
  call rdx
  add ecx, eax
  inc ebx
  cmp ebx, 1000
  jb .version
  CHECK "a thousand versions", rcx, 499500
  ; An instruction over the page's end; its second page is written, then its first.
  mov dword [abs CODE + 0xffe], 0x003412b8
  mov word [abs CODE + 0x1002], 0xc300
  mov edx, CODE + 0xffe
  call rdx
  mov ebx, eax
  CHECK "instruction over pages", rbx, 0x3412
  mov byte [abs CODE + 0x1000], 0x56
  call rdx
  mov ebx, eax
  CHECK "store to its second page", rbx, 0x5612
  mov byte [abs CODE + 0xfff], 0x78
  call rdx
  mov ebx, eax
  CHECK "store to its first page", rbx, 0x5678
  mov dword [abs CODE + 0xffe], 0x009a9bb8
  call rdx
  mov ebx, eax
  CHECK "store over both pages", rbx, 0x9a9b
  ; Through the user's mapping of the same memory.
  mov rsi, USER + CODE
  mov byte [rsi + 0x1000], 0x33
  call rdx
  mov ebx, eax
  CHECK "store through another mapping", rbx, 0x339b
  ; From ring 3, at that mapping.
  TRY
  ENTER_USER
  mov rsi, USER + CODE
  mov rdi, USER + CODE + 0xffe
  call rdi
  mov ebx, eax
  mov byte [rsi + 0x1000], 0x44
  call rdi
  mov ecx, eax
  CATCH "the same in ring 3", NONE
  CHECK "before", rbx, 0x339b
  CHECK "after", rcx, 0x449b
  ; REP MOVS over the following code, and over itself.
  mov rsi, .new
  mov rdi, .old
  mov ecx, .new_end - .new
  rep movsb
.old:
  mov ebx, 1
  CHECK "REP MOVSB over the next instructions", rbx, 2
  ; REP STOS far ahead with the block already executed.
  mov edx, 2
.stos_again:
  mov rdi, .stos_target
  mov al, 0x90
  mov ecx, 5
  xor ebx, ebx
  rep stosb
.stos_target:
  mov ebx, 7
  dec edx
  jnz .stos_again
  CHECK "REP STOSB over the next instruction", rbx, 0
  ; Stores of other kinds.
  mov dword [abs CODE], 0x000011b8
  mov word [abs CODE + 4], 0xc300
  mov edx, CODE
  call rdx
  mov ecx, 0x22b8
  lock cmpxchg [abs CODE + 16], ecx  ; elsewhere in the page
  mov eax, 0x11b8
  lock cmpxchg [abs CODE], ecx
  call rdx
  mov ebx, eax
  CHECK "LOCK CMPXCHG", rbx, 0x22
  mov eax, 0x33b8
  xchg eax, [abs CODE]
  call rdx
  mov ebx, eax
  CHECK "XCHG", rbx, 0x33
  lock add dword [abs CODE + 1], 1
  call rdx
  mov ebx, eax
  CHECK "LOCK ADD", rbx, 0x34
  inc byte [abs CODE + 1]
  call rdx
  mov ebx, eax
  CHECK "INC", rbx, 0x35
  mov rax, 0xc300000044b8
  movq xmm0, rax
  movq [abs CODE], xmm0
  call rdx
  mov ebx, eax
  CHECK "MOVQ of SSE", rbx, 0x44
  mov rax, 0xc300000055b8
  movq xmm0, rax
  movaps [abs CODE], xmm0
  call rdx
  mov ebx, eax
  CHECK "MOVAPS", rbx, 0x55
  mov rax, 0xc300000066b8
  movnti [abs CODE], rax
  call rdx
  mov ebx, eax
  CHECK "MOVNTI", rbx, 0x66
  mov rax, 0xc300000077b8
  mov rsi, rsp
  mov esp, CODE + 8
  push rax
  mov rsp, rsi
  call rdx
  mov ebx, eax
  CHECK "PUSH", rbx, 0x77
  mov rsi, rsp
  mov esp, CODE + 9
  call .pushes                       ; its return address overwrites CODE + 1
.pushed:
.pushes:
  mov rsp, rsi
  mov byte [abs CODE + 5], 0xc3
  call rdx
  mov ebx, eax
  CHECK "CALL", rbx, .pushed
  fninit
  fld1
  mov word [abs CODE], 0xb8
  fistp dword [abs CODE + 1]
  mov byte [abs CODE + 5], 0xc3
  call rdx
  mov ebx, eax
  CHECK "FISTP", rbx, 1
  ; Another frame behind the same address.
  mov qword [abs PAGE_TABLES + 8], 0x200003
  mov qword [abs 0x200000], 0x201003
  mov qword [abs 0x201000], 0x202003
  mov qword [abs 0x202000], CODE | 3
  mov rdx, VA
  call rdx
  mov dword [abs CODE + 0x3000], 0x99b8
  mov word [abs CODE + 0x3004], 0xc300
  mov qword [abs 0x202000], CODE + 0x3000 | 3
  invlpg [rdx]
  call rdx
  mov ebx, eax
  CHECK "another page mapped there", rbx, 0x99
  ; Its other mapping is written.
  mov byte [abs CODE + 0x3001], 0x9a
  call rdx
  mov ebx, eax
  CHECK "store through the identity mapping", rbx, 0x9a
  ; An instruction over pages whose second page is mapped anew.
  mov qword [abs 0x202008], CODE + 0x4000 | 3
  mov dword [abs CODE + 0x3ffc], 0x90909090
  mov byte [abs CODE + 0x3ffe], 0xb8
  mov byte [abs CODE + 0x3fff], 0x01
  mov dword [abs CODE + 0x4000], 0xc3000002
  mov dword [abs CODE + 0x5000], 0xc3000003
  mov rdx, VA + 0xffe
  call rdx
  mov ebx, eax
  CHECK "instruction over two mappings", rbx, 0x0201
  mov qword [abs 0x202008], CODE + 0x5000 | 3
  mov rax, VA + 0x1000
  invlpg [rax]
  call rdx
  mov ebx, eax
  CHECK "its second page mapped anew", rbx, 0x0301
  mov qword [abs 0x202008], 0
  mov rax, VA + 0x1000
  invlpg [rax]
  TRY
  call rdx
  CATCH "its second page unmapped", PF, 0x10
  mov rax, VA + 0x1000
  mov [sum], rax
  CHECK "the fault's address is the second page", [last_cr2], [sum]
  mov rax, VA + 0xffe
  mov [sum], rax
  CHECK "its RIP the instruction", [last_rip], [sum]
  ; Data next to code, written often.
  xor ecx, ecx
.data_near:
  mov [abs CODE + 0x800 + rcx], cl
  mov edx, CODE
  call rdx
  inc ecx
  cmp ecx, 300
  jb .data_near
  mov ebx, eax
  CHECK "data in the code's page", rbx, 1
  mov byte [abs CODE + 1], 5
  call rdx
  mov ebx, eax
  CHECK "and still code stores show", rbx, 5
  ret
  align 8
.new:
  mov ebx, 2
.new_end:

  section .data
  align 8
sum: dq 0
