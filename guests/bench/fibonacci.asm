; The 32nd Fibonacci number by naive recursion: calls, returns, pushes and pops.
%include "bench.inc"

prepare:
        ret

work:   mov edi, 32

fibonacci:
        cmp edi, 2
        jb .small
        push rdi
        dec edi
        call fibonacci
        pop rdi
        push rax
        sub edi, 2
        call fibonacci
        pop rcx
        add rax, rcx
        ret
.small: mov eax, edi
        ret

image_end:
