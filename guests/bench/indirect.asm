; Indirect calls through a table of eight functions, chosen by a random number generator.
%include "bench.inc"

CALLS equ 6000000

prepare:
        ret

work:   mov eax, 1
        mov esi, 0x12345
        mov edi, CALLS
.call:  imul esi, esi, 1103515245
        add esi, 12345
        mov ecx, esi
        shr ecx, 20
        and ecx, 7
        call [functions + rcx * 8]
        dec edi
        jnz .call
        ret

.plus:  add rax, rsi
        ret
.minus: sub rax, rcx
        ret
.mix:   xor rax, rsi
        ret
.turn:  rol rax, 7
        ret
.times: lea rax, [rax + rax * 4 + 3]
        ret
.flip:  not rax
        ret
.swap:  bswap rax
        ret
.shift: mov rdx, rax
        shr rdx, 13
        xor rax, rdx
        ret

        align 8
functions:
        dq work.plus, work.minus, work.mix, work.turn, work.times, work.flip, work.swap, work.shift

image_end:
