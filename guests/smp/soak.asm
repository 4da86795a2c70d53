; Makes functions for ever: writes each to a random place, calls it until it is hot, calls some of those
; made before, in ever other address spaces, and prints "tick" now and then. What an engine makes of code
; that no longer is must not pile up. Runs until it is ended from outside, or for PASSES ticks if that is
; not 0.
%include "lib/smp.inc"

ROOTS   equ 0x240000                    ; a page map and a pointer table for each address space
SPACES  equ 8
ARENA   equ 0x8000000                   ; physical; every address space has it somewhere else
ARENA_BYTES equ 0x4000000
SLOTS   equ 64                          ; functions that live, for each CPU, each in its own part
SLOT_BYTES equ ARENA_BYTES / CPUS / SLOTS
TABLE   equ SHARED                      ; for each CPU and slot: offset in the arena or 0, result
SCRATCH equ SHARED + 0x10000            ; what the functions store to, a page for each CPU
CALLS   equ 4000
FUNCTIONS_PER_TICK equ 64
ARGUMENT equ 0x1234567

main:   mov edi, ROOTS
        xor eax, eax
        mov ecx, SPACES * 2 * 512
        rep stosq
        mov edi, ROOTS
        xor ebx, ebx
.space: lea eax, [rdi + 0x1000 + 7]
        mov [rdi], rax
        mov dword [rdi + 0x1000], PAGE_TABLES + 0x2000 + 7
        mov dword [rdi + 0x1000 + 3 * 8], PAGE_TABLES + 0x3000 + 7
        mov dword [rdi + rbx * 8 + 0x1000 + 4 * 8], PAGE_TABLES + 0x2000 + 7
        add edi, 0x2000
        inc ebx
        cmp ebx, SPACES
        jb .space
        TEST "functions that come and go", soak
        CHECK_AREAS "wrong results", AREA_BAD, 0
        ret

soak:   xor r12d, r12d
        xor r15d, r15d
.next:  call make
        mov r8d, CALLS
        call try
        mov ebx, 3
.older: call random
        mov r11d, eax
        and r11d, SLOTS - 1
        mov r8d, CALLS / 4
        call try
        dec ebx
        jnz .older
        inc r12d
        test r12d, FUNCTIONS_PER_TICK - 1
        jnz .next
        lea rsi, [tick_text]
        call print
        inc r15d
        cmp r15d, PASSES
        jne .next
        ret

; Writes a function to a random place of a random slot's part, which becomes R11. The generator does
; with EBP what the function will do with EAX. Clobbers RAX, RCX, RDX, RDI, R8 to R10.
make:   call random
        mov r11d, eax
        and r11d, SLOTS - 1
        mov ecx, SLOT_BYTES - 1024
        call random_below
        and eax, -16
        imul r9d, r14d, SLOTS
        add r9d, r11d
        imul r10d, r9d, SLOT_BYTES
        add r10d, eax                   ; its offset in the arena
        shl r9d, 4
        add r9d, TABLE
        mov [r9], r10
        lea rdi, [r10 + ARENA]
        mov ebp, ARGUMENT
        mov word [rdi], 0xf889          ; MOV EAX, EDI
        add rdi, 2
        mov ecx, 40
        call random_below
        lea r8d, [rax + 4]
.step:  call random
        mov ecx, eax
        shr rax, 32                     ; an immediate
        and ecx, 7
        lea rdx, [.table]
        jmp [rdx + rcx * 8]
.add:   mov byte [rdi], 0x05
        mov [rdi + 1], eax
        add ebp, eax
        add rdi, 5
        jmp .done
.xor:   mov byte [rdi], 0x35
        mov [rdi + 1], eax
        xor ebp, eax
        add rdi, 5
        jmp .done
.rol:   and eax, 31
        mov ecx, eax
        mov word [rdi], 0xc0c1
        mov [rdi + 2], al
        rol ebp, cl
        add rdi, 3
        jmp .done
.imul:  or eax, 1
        mov word [rdi], 0xc069
        mov [rdi + 2], eax
        imul ebp, eax
        add rdi, 6
        jmp .done
.memory:
        and eax, 0x7c
        mov word [rdi], 0x4689          ; MOV [RSI + disp8], EAX; ADD EAX, [RSI + disp8]
        mov [rdi + 2], al
        mov word [rdi + 3], 0x4603
        mov [rdi + 5], al
        add ebp, ebp
        add rdi, 6
        jmp .done
.lea:   and eax, 0x7f
        mov dword [rdi], 0x0040448d     ; LEA EAX, [RAX + RAX * 2 + disp8]
        mov [rdi + 3], al
        lea ebp, [rbp + rbp * 2]
        add ebp, eax
        add rdi, 4
        jmp .done
.branch:
        mov byte [rdi], 0xa9            ; TEST EAX, imm32; JZ over; ADD EAX, imm32
        mov [rdi + 1], eax
        mov word [rdi + 5], 0x0574
        mov byte [rdi + 7], 0x05
        mov [rdi + 8], eax
        add rdi, 12
        test ebp, eax
        jz .done
        add ebp, eax
        jmp .done
.loop:  and eax, 7                      ; MOV ECX, n; ADD EAX, ECX; DEC ECX; JNZ back
        inc eax
        mov byte [rdi], 0xb9
        mov [rdi + 1], eax
        mov dword [rdi + 5], 0xc9ffc801
        mov word [rdi + 9], 0xfa75
        add rdi, 11
.sum:   add ebp, eax
        dec eax
        jnz .sum
.done:  dec r8d
        jnz .step
        mov byte [rdi], 0xc3
        mov [r9 + 8], ebp
        ret
        align 8
.table: dq .add, .xor, .rol, .imul, .memory, .lea, .branch, .loop

; Calls the function of slot R11, if there is one, R8 times in a random address space.
try:    imul r9d, r14d, SLOTS
        add r9d, r11d
        shl r9d, 4
        add r9d, TABLE
        cmp qword [r9], 0
        je .end
        call random
        and eax, SPACES - 1
        mov ecx, eax
        shl ecx, 13
        add ecx, ROOTS
        mov cr3, rcx
        add eax, 4
        shl rax, 30
        add rax, [r9]
        lea r10, [rax + ARENA]
        mov r9d, [r9 + 8]
        mov esi, r14d
        shl esi, 12
        add esi, SCRATCH
.call:  mov edi, ARGUMENT
        call r10
        cmp eax, r9d
        jne .wrong
        dec r8d
        jnz .call
.end:   ret
.wrong: inc qword [r13 + AREA_BAD]
        ret

tick_text: db "tick", 10, 0

section .names
image_end:
