; Four thousand functions, called in random order: what becomes of code that is hot but spread wide, as
; a kernel's is, where an engine's own code and tables do not fit the host's caches.
%include "bench.inc"

FUNCTIONS equ 4000
CALLS equ 1000000

prepare:
        ret

work:   mov edi, ARENA                  ; 64 bytes of data for each function
        mov ecx, FUNCTIONS * 64 / 8
        xor eax, eax
        rep stosq
        xor ebx, ebx                    ; the sum of what they return
        mov r12d, CALLS
        mov r13d, 1
.call:  imul r13d, r13d, 1664525
        add r13d, 1013904223
        mov eax, r13d
        shr eax, 8
        imul rax, rax, FUNCTIONS
        shr rax, 24
        mov ecx, [table + rax * 4]
        mov edi, eax
        shl edi, 6
        add edi, ARENA
        call rcx
        add rbx, rax
        dec r12d
        jnz .call
        mov rax, rbx
        ret

helper: mov rax, [rdi]
        test esi, esi
        jz .same
        add rax, rsi
        xor [rdi + 8], rax
.same:  ret

; What functions of kernels are made of: saved registers, fields of a structure, ways that depend on
; them, a call.
%assign i 0
%rep FUNCTIONS
        align 16
function%+i:
        push rbx
        push rbp
        mov rbp, rdi
        mov eax, [rdi + 16]
        lea ebx, [rax + i]
        test ebx, 0x40000000
        jnz .rare
        inc dword [rdi + 16]
        mov rdx, [rdi + 24]
        cmp rdx, i
        jb .less
        sub rdx, i
        jmp .store
.less:  add rdx, 7
.store: mov [rdi + 24], rdx
        mov esi, edx
        call helper
        movzx ecx, byte [rbp + 32]
        add ecx, ebx
        mov [rbp + 32], cl
        and ecx, 15
        cmp ecx, 8
        jae .big
        shl rax, 1
        or rax, rcx
.big:   mov [rbp + 40], rax
        pop rbp
        pop rbx
        ret
.rare:  mov dword [rdi + 16], 0
        xor eax, eax
        pop rbp
        pop rbx
        ret
%assign i i + 1
%endrep

        align 4
table:
%assign i 0
%rep FUNCTIONS
        dd function%+i
%assign i i + 1
%endrep

image_end:
