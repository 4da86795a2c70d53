; SHA-256's message schedule and rounds (FIPS 180-4, 6.2.2) over 64000 blocks, with the
; round number in place of the table of constants.
%include "bench.inc"

BLOCKS equ 64000
SCHEDULE equ ARENA

prepare:
        ret

%macro sigma 4                          ; eax = rotations of %1 by %2, %3 and shift or rotation %4
        mov eax, %1
        ror eax, %2
        mov ecx, %1
        ror ecx, %3
        xor eax, ecx
        mov ecx, %1
        %4
        xor eax, ecx
%endmacro

work:   push r15
        mov r8d, 0x6a09e667             ; a to h are r8d to r15d
        mov r9d, 0xbb67ae85
        mov r10d, 0x3c6ef372
        mov r11d, 0xa54ff53a
        mov r12d, 0x510e527f
        mov r13d, 0x9b05688c
        mov r14d, 0x1f83d9ab
        mov r15d, 0x5be0cd19
        mov ebx, BLOCKS
.block: xor esi, esi
.fill:  lea eax, [rbx + rsi]
        imul eax, eax, 0x9e3779b1
        mov [SCHEDULE + rsi * 4], eax
        inc esi
        cmp esi, 16
        jb .fill
.schedule:
        mov edi, [SCHEDULE + rsi * 4 - 60]
        sigma edi, 7, 18, {shr ecx, 3}
        mov edx, eax
        mov edi, [SCHEDULE + rsi * 4 - 8]
        sigma edi, 17, 19, {shr ecx, 10}
        add edx, eax
        add edx, [SCHEDULE + rsi * 4 - 64]
        add edx, [SCHEDULE + rsi * 4 - 28]
        mov [SCHEDULE + rsi * 4], edx
        inc esi
        cmp esi, 64
        jb .schedule
        xor esi, esi
.round: sigma r12d, 6, 11, {ror ecx, 25}
        lea edx, [r15 + rax]
        mov eax, r13d
        xor eax, r14d
        and eax, r12d
        xor eax, r14d
        add edx, eax
        add edx, [SCHEDULE + rsi * 4]
        add edx, esi
        sigma r8d, 2, 13, {ror ecx, 22}
        mov ecx, r8d
        or ecx, r9d
        and ecx, r10d
        mov edi, r8d
        and edi, r9d
        or ecx, edi
        add eax, ecx
        mov r15d, r14d
        mov r14d, r13d
        mov r13d, r12d
        lea r12d, [r11 + rdx]
        mov r11d, r10d
        mov r10d, r9d
        mov r9d, r8d
        lea r8d, [rax + rdx]
        inc esi
        cmp esi, 64
        jb .round
        dec ebx
        jnz .block
        mov eax, r8d
        shl rax, 32
        mov ecx, r12d
        or rax, rcx
        pop r15
        ret

image_end:
