; Copies 1 MiB back and forth 40 times, by rep movsb and rep movsq, then sums it.
%include "bench.inc"

SIZE equ 1 << 20
COPIES equ 40

prepare:
        mov edi, ARENA
        mov ecx, SIZE / 8
        mov rax, 0x0123456789abcdef
        mov rbx, 6364136223846793005
.fill:  mov [rdi], rax
        imul rax, rbx
        add rax, 11
        add rdi, 8
        dec ecx
        jnz .fill
        ret

work:   mov edx, COPIES
.copy:  mov esi, ARENA
        mov edi, ARENA + 2 * SIZE + 64
        mov ecx, SIZE
        rep movsb
        mov esi, ARENA + 2 * SIZE + 64
        mov edi, ARENA
        mov ecx, SIZE / 8
        rep movsq
        dec edx
        jnz .copy
        xor eax, eax
        mov ecx, SIZE / 8
.sum:   add rax, [ARENA + rcx * 8 - 8]
        rol rax, 1
        dec ecx
        jnz .sum
        ret

image_end:
