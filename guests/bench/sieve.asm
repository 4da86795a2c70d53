; The primes below 4 million by Eratosthenes' sieve: strided byte stores, then a byte scan.
%include "bench.inc"

LIMIT equ 4000000

prepare:
        ret

work:   mov edi, ARENA
        mov ecx, LIMIT
        mov al, 1
        rep stosb
        mov esi, 2
.next:  cmp byte [ARENA + rsi], 0
        je .composite
        mov rcx, rsi
        imul rcx, rsi
        cmp rcx, LIMIT
        jae .count
.cross: mov byte [ARENA + rcx], 0
        add rcx, rsi
        cmp rcx, LIMIT
        jb .cross
.composite:
        inc rsi
        jmp .next
.count: xor eax, eax
        mov ecx, 2
.scan:  movzx edx, byte [ARENA + rcx]
        add rax, rdx
        inc rcx
        cmp rcx, LIMIT
        jb .scan
        ret

image_end:
