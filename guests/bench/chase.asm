; A walk along a random ring of 512 Ki pointers (4 MiB): loads whose address is the load before.
%include "bench.inc"

NODES equ 1 << 19
STEPS equ 4000000

; Full-period linear congruential generator modulo NODES: visits every node once.
prepare:
        xor ecx, ecx
        mov edx, NODES
.link:  imul eax, ecx, 1664525
        add eax, 1013904223
        and eax, NODES - 1
        lea rbx, [ARENA + rax * 8]
        mov [ARENA + rcx * 8], rbx
        mov ecx, eax
        dec edx
        jnz .link
        ret

work:   mov eax, ARENA
        mov ecx, STEPS
.step:  mov rax, [rax]
        dec ecx
        jnz .step
        ret

image_end:
