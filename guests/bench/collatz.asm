; Steps of the Collatz sequences of 1 to 150000: shifts, adds and branches that cannot be foretold.
%include "bench.inc"

LIMIT equ 150000

prepare:
        ret

work:   xor eax, eax
        mov esi, 1
.start: mov rcx, rsi
.step:  cmp rcx, 1
        je .done
        inc rax
        test cl, 1
        jnz .odd
        shr rcx, 1
        jmp .step
.odd:   lea rcx, [rcx + rcx * 2 + 1]
        jmp .step
.done:  inc esi
        cmp esi, LIMIT
        jbe .start
        ret

image_end:
