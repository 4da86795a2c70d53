; Code that one CPU changes while others execute it, by the protocols that the architecture has for that
; (Intel SDM vol. 3, 9.1.3; AMD APM vol. 2, 7.6.1): aligned quadwords at any time, anything while the
; others wait and then serialize, and INT3 over the first byte until the rest is written.
%include "lib/smp.inc"

ROUNDS  equ PASSES
SLOT    equ SHARED                      ; the code that changes
FAR_SLOT equ SHARED + 0x3ffd            ; across pages
OWN     equ SHARED + 0x5000             ; everyone's own functions, in one page
LOOPS   equ SHARED + 0x6000             ; everyone's own loop
EPOCH   equ SHARED + 0x10000
STOP    equ SHARED + 0x10040
ACKS    equ SHARED + 0x10080
SEEN    equ SHARED + 0x11000            ; a line for each CPU
VECTOR_SYNC equ 0x50
IN_TRANSITION equ 0xffffffff            ; what a function whose first byte is INT3 gives
SEED_CHANGES equ 16                     ; changes between two looks whether all have seen the last

main:   HOOK VECTOR_SYNC, sync_hook
        HOOK 3, breakpoint_hook
        TEST "an immediate, by aligned quadwords", immediate
        CHECK_AREAS "old or new, and in order", AREA_BAD, 0
        TEST "a jump, by aligned quadwords", jump
        CHECK_AREAS "to one of the targets, at last to the new one", AREA_BAD, 0
        TEST "whole functions, while all wait", functions
        CHECK_AREAS "the new ones run", AREA_BAD, 0
        TEST "an instruction across pages, behind INT3", behind_int3
        CHECK_AREAS "old, new or INT3", AREA_BAD, 0
        TEST "everyone's own function, all in one page", own_functions
        CHECK_AREAS "everyone runs what it wrote", AREA_BAD, 0
        TEST "a loop that another CPU changes under it", loops
        CHECK_AREAS "the loop sees it", AREA_BAD, 0
        mov eax, 7
        xor ecx, ecx
        cpuid
        bt edx, 14
        jnc .end                        ; there is no SERIALIZE
        TEST "an immediate right behind SERIALIZE", serialized
        CHECK_AREAS "as new as was told before", AREA_BAD, 0
.end:   ret

; MOV EAX, imm32; RET in an aligned quadword. The first CPU writes 1, 2, 3, ...
immediate:
        test r14d, r14d
        jnz .read
        mov qword [abs EPOCH], 0
        mov rax, 0x9090c300000000b8
        mov [abs SLOT], rax
        call meet
        mov r8d, 1
.write: mov [abs EPOCH], r8             ; announced before it can be seen
        mov rax, r8
        shl rax, 8
        mov rcx, 0x9090c300000000b8
        or rax, rcx
        mov [abs SLOT], rax
        test r8d, SEED_CHANGES - 1
        jnz .more
        call await_seen
.more:  inc r8d
        cmp r8d, ROUNDS
        jbe .write
        dec r8d
        call await_seen
        mov rax, 0x9090c3ffffffffb8
        mov [abs SLOT], rax
        ret
.read:  call meet
        mov r12d, r14d
        shl r12d, 6
        xor ebx, ebx
        mov [r12 + SEEN], rbx
        mov r9d, SLOT
.next:  call r9
        cmp eax, -1
        je .end
        cmp eax, ebx
        jb .bad                         ; backwards
        mov ebx, eax
        cmp rax, [abs EPOCH]
        ja .bad                         ; not written yet: torn
        mov [r12 + SEEN], rax
        BREATHE
        jmp .next
.bad:   inc qword [r13 + AREA_BAD]
        jmp .next
.end:   ret

; Waits until all others have seen R8. Clobbers RAX, RCX.
await_seen:
        mov ecx, 64
.next:  cmp ecx, CPUS * 64
        jae .end
.look:  cmp [rcx + SEEN], r8
        je .this
        pause
        jmp .look
.this:  add ecx, 64
        jmp .next
.end:   ret

; JMP rel32 in an aligned quadword to one of two functions in pages of their own. In EPOCH's low bit is
; where it goes once all have been told by an interrupt; bit 1 is set while it may be either; above
; them changes are counted.
jump:   test r14d, r14d
        jnz .read
        mov dword [abs SLOT + 0x1100], 0xc3c031 ; XOR EAX, EAX; RET
        mov dword [abs SLOT + 0x2200], 0x01b0c031 ; XOR EAX, EAX; MOV AL, 1
        mov byte [abs SLOT + 0x2204], 0xc3
        mov qword [abs EPOCH], 0
        mov dword [abs STOP], 0
        call .to_first
        call meet
        mov r8d, ROUNDS
.write: or qword [abs EPOCH], 2
        mov rax, [abs EPOCH]
        test al, 1
        jz .second
        call .to_first
        xor ebx, ebx
        jmp .tell
.second:
        mov rax, 0x9090900000000000 | (0x2200 - 5) << 8 | 0xe9
        mov [abs SLOT], rax
        mov ebx, 1
.tell:  call sync
        mov rax, [abs EPOCH]
        and eax, -4
        lea rax, [rax + rbx + 4]
        mov [abs EPOCH], rax
        mov ecx, 50
.while: pause
        loop .while
        dec r8d
        jnz .write
        mov dword [abs STOP], 1
        call meet
        ret
.to_first:
        mov rax, 0x9090900000000000 | (0x1100 - 5) << 8 | 0xe9
        mov [abs SLOT], rax
        ret
.read:  call meet
        sti
        mov r9d, SLOT
.next:  mov rbx, [abs EPOCH]
        call r9
        mov rcx, [abs EPOCH]
        cmp rcx, rbx
        jne .either                     ; it changed meanwhile
        test bl, 2
        jnz .either
        and ebx, 1
        cmp eax, ebx
        je .good
        inc qword [r13 + AREA_BAD]
        jmp .good
.either:
        cmp eax, 1
        jbe .good
        inc qword [r13 + AREA_BAD]
.good:  BREATHE
        cmp dword [abs STOP], 0
        je .next
        call meet
        ret

; Interrupts all others, which thereby serialize, and waits until they did. Clobbers RAX, RCX, RDX.
sync:   mov qword [abs ACKS], 0
        mov edx, IPI_FIXED | IPI_OTHERS | VECTOR_SYNC
        call send
.await: pause
        cmp qword [abs ACKS], CPUS - 1
        jne .await
        ret

sync_hook:
        EOI
        lock inc qword [abs ACKS]
        ret

; The CPUs take turns in writing a function: a number of ADD EAX, imm8 anywhere around a page's end. All
; execute CPUID before they call it.
functions:
        xor r12d, r12d
.round: mov eax, r12d
        xor edx, edx
        mov ecx, CPUS
        div ecx
        cmp edx, r14d
        jne .wait
        mov ecx, 40
        call random_below
        mov r8d, eax                    ; how many
        mov ecx, 4000
        call random_below
        lea rdi, [rax + SHARED + 0x700] ; where: code of earlier rounds lies there
        mov [abs STOP], rdi
        xor r9d, r9d                    ; what comes out
        mov word [rdi], 0xc031          ; XOR EAX, EAX
        add edi, 2
.add:   test r8d, r8d
        jz .written
        call random
        and eax, 127
        add r9d, eax
        mov word [rdi], 0xc083
        mov [rdi + 2], al
        add edi, 3
        dec r8d
        jmp .add
.written:
        mov byte [rdi], 0xc3
        mov [abs EPOCH], r9
.wait:  call meet
        xor eax, eax
        cpuid
        mov rax, [abs STOP]
        mov ebx, 3
.call:  mov rax, [abs STOP]
        call rax
        cmp rax, [abs EPOCH]
        je .good
        inc qword [r13 + AREA_BAD]
.good:  dec ebx
        jnz .call
        call meet
        inc r12d
        cmp r12d, ROUNDS
        jb .round
        ret

; MOV EAX, imm32 across a page's end: INT3 first, then the immediate's bytes, then the opcode, and after
; each step every CPU is told.
behind_int3:
        test r14d, r14d
        jnz .read
        mov byte [abs FAR_SLOT], 0xb8
        mov dword [abs FAR_SLOT + 1], 0
        mov byte [abs FAR_SLOT + 5], 0xc3
        mov qword [abs EPOCH], 0
        mov dword [abs STOP], 0
        call meet
        mov r8d, 1
.write: mov byte [abs FAR_SLOT], 0xcc
        call sync
        ; One byte after the other, in no order.
        mov eax, r8d
        mov [abs FAR_SLOT + 3], al
        mov byte [abs FAR_SLOT + 1], 0x55
        shr eax, 8
        mov [abs FAR_SLOT + 4], al
        mov [abs FAR_SLOT + 1], ah
        mov byte [abs FAR_SLOT + 2], 0
        call sync
        mov byte [abs FAR_SLOT], 0xb8
        call sync
        mov [abs EPOCH], r8
        inc r8d
        cmp r8d, ROUNDS
        jbe .write
        mov dword [abs STOP], 1
        call meet
        ret
; The value's two bytes are the immediate's third and fourth.
.read:  call meet
        sti
        mov r9d, FAR_SLOT
.next:  mov rbx, [abs EPOCH]
        call r9
        mov rcx, [abs EPOCH]
        cmp eax, IN_TRANSITION
        je .good
        mov edx, eax
        shr edx, 16
        test ax, ax
        jnz .bad
        cmp edx, ebx
        jb .bad                         ; older than what all have been told of
        inc ecx
        cmp edx, ecx
        jbe .good
.bad:   inc qword [r13 + AREA_BAD]
.good:  BREATHE
        cmp dword [abs STOP], 0
        je .next
        call meet
        ret

; INT3 in FAR_SLOT: goes on behind the instruction that was there.
breakpoint_hook:
        mov rax, [rdi + FRAME_RIP]
        cmp rax, FAR_SLOT + 1
        jne .other
        add rax, 4
        mov [rdi + FRAME_RIP], rax
        mov rax, IN_TRANSITION
        mov [rdi - 8], rax              ; RAX, as the trap has saved it
        ret
.other: inc qword [r13 + AREA_BAD]
        ret

; Everyone writes functions of its own into one page, and calls them.
own_functions:
        mov r8d, r14d
        shl r8d, 8
        add r8d, OWN
        mov r12d, ROUNDS * 4
.next:  call random
        mov ebx, eax
        mov ecx, eax
        shr ecx, 8
        and ecx, 127
        lea rdi, [r8 + rcx]
        mov byte [rdi], 0xb8            ; MOV EAX, imm32; RET
        mov [rdi + 1], ebx
        mov byte [rdi + 5], 0xc3
        call rdi
        cmp eax, ebx
        je .good
        inc qword [r13 + AREA_BAD]
.good:  ; The same again, but for the number.
        not ebx
        mov [rdi + 1], ebx
        call rdi
        cmp eax, ebx
        je .right
        inc qword [r13 + AREA_BAD]
.right: dec r12d
        jnz .next
        call meet
        ret

; Everyone runs a loop that puts an immediate into its line of SEEN until it is zero; everyone changes
; the immediate in the loop of the next CPU, and waits until it is seen.
loops:  mov r8d, r14d
        shl r8d, 8
        add r8d, LOOPS
        lea rsi, [loop_code]
        mov rdi, r8
        mov ecx, loop_code_end - loop_code
        rep movsb
        test r14d, 1
        jz .change
        ; Odd CPUs run, even ones change the code of the one after them.
        mov r12d, r14d
        shl r12d, 6
        lea rsi, [r12 + SEEN]
        mov qword [rsi], 1
        call meet
        mov ebx, 1
        call r8
        call meet
        ret
.change:
        call meet
        lea r12d, [r14 + 1]
        cmp r12d, CPUS
        jae .end
        mov ecx, r12d
        shl ecx, 6
        shl r12d, 8
        add r12d, LOOPS
        mov r9d, 2
.next:  mov rax, [r12]                  ; MOV EAX, imm32 lies in an aligned quadword
        mov rdx, 0xffffff00000000ff
        and rax, rdx
        mov rdx, r9
        shl rdx, 8
        or rax, rdx
        mov [r12], rax
.await: pause
        cmp [rcx + SEEN], r9
        jne .await
        inc r9d
        cmp r9d, ROUNDS
        jbe .next
        mov rax, [r12]
        mov rdx, 0xffffff00000000ff
        and rax, rdx
        mov [r12], rax
.end:   call meet
        ret

; The first CPU writes an immediate, then EPOCH. The others read EPOCH, and what follows SERIALIZE in
; straight line must not be older.
serialized:
        test r14d, r14d
        jnz .read
        lea rsi, [serialized_code]
        mov edi, SLOT
        mov ecx, serialized_code_end - serialized_code
        rep movsb
        mov qword [abs EPOCH], 0
        mov dword [abs STOP], 0
        call meet
        mov r8d, 1
.write: mov [abs SLOT + serialized_immediate - serialized_code], r8d
        mov [abs EPOCH], r8
        mov ecx, 20
.while: pause
        loop .while
        inc r8d
        cmp r8d, ROUNDS
        jbe .write
        mov dword [abs STOP], 1
        call meet
        ret
.read:  call meet
        mov r9d, SLOT
.next:  call r9
        cmp eax, ebx
        jb .bad
        mov rcx, [abs EPOCH]
        inc ecx                         ; the next one is written before it is told
        cmp eax, ecx
        jbe .good
.bad:   inc qword [r13 + AREA_BAD]
.good:  BREATHE
        cmp dword [abs STOP], 0
        je .next
        call meet
        ret

        align 8
serialized_code:
        mov rbx, [abs EPOCH]
        db 0x0f, 0x01, 0xe8             ; SERIALIZE
        db 0xb8                         ; MOV EAX, imm32
serialized_immediate:                   ; aligned
        dd 0
        ret
serialized_code_end:

        align 8
loop_code:
        mov eax, 1
        mov [rsi], rax
        test eax, eax
        jnz loop_code
        ret
loop_code_end:

section .names
image_end:
