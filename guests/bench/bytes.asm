; Run-length encodes and decodes a text: loads and stores of single bytes.
%include "bench.inc"

SIZE equ 1 << 20
PASSES equ 8
PLAIN equ ARENA
PACKED equ ARENA + 4 * SIZE

prepare:
        mov edi, PLAIN
        mov ebx, SIZE
        mov esi, 0x2545f491
.run:   imul esi, esi, 1664525
        add esi, 1013904223
        mov eax, esi
        shr eax, 24
        mov ecx, esi
        shr ecx, 13
        and ecx, 3
        inc ecx
        cmp ecx, ebx
        cmova ecx, ebx
        sub ebx, ecx
        rep stosb
        test ebx, ebx
        jnz .run
        ret

work:   mov ebp, PASSES
.pass:  mov esi, PLAIN
        mov edi, PACKED
.pack:  mov al, [rsi]
        xor ecx, ecx
.same:  inc rsi
        inc ecx
        cmp rsi, PLAIN + SIZE
        jae .put
        cmp [rsi], al
        je .same
.put:   mov [rdi], cl
        mov [rdi + 1], al
        add rdi, 2
        cmp rsi, PLAIN + SIZE
        jb .pack
        mov edx, edi
        mov esi, PACKED
        mov edi, PLAIN
.unpack:
        movzx ecx, byte [rsi]
        mov al, [rsi + 1]
        add rsi, 2
.repeat:
        mov [rdi], al
        inc rdi
        dec ecx
        jnz .repeat
        cmp rsi, rdx
        jb .unpack
        dec ebp
        jnz .pass
        xor eax, eax
        mov esi, PLAIN
.sum:   movzx ecx, byte [rsi]
        rol rax, 5
        xor rax, rcx
        inc esi
        cmp esi, PLAIN + SIZE
        jb .sum
        ret

image_end:
