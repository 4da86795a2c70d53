; Interrupts between CPUs, none of which may be lost or come twice: fixed ones of many vectors, NMIs, to
; all others at once, as the only thing that ends a HLT; and INIT with start-up of CPUs that do all
; sorts of things. Intel SDM vol. 3, 9.4, 12.6; AMD APM vol. 2, 16.5.
%include "lib/smp.inc"

ROUNDS  equ PASSES
RECEIVED equ SHARED                     ; by receiver, sender and kind: 64 bytes each
KINDS   equ 4
NMI_LOCKS equ SHARED + 0x10000          ; a line for each receiver
NMIS    equ SHARED + 0x11000            ; received
EVERYBODY equ SHARED + 0x12000          ; lock, then acknowledgements in a line of their own
PROGRESS equ SHARED + 0x13000           ; a line for each CPU
VECTORS equ 0x40                        ; + sender + 8 * kind
VECTOR_ALL equ 0x70
VECTOR_TOKEN equ 0x80

main:
%assign i 0
%rep 8 * KINDS
        HOOK VECTORS + i, fixed_hook
%assign i i + 1
%endrep
        HOOK 2, nmi_hook
        HOOK VECTOR_ALL, all_hook
        HOOK VECTOR_TOKEN, token_hook
        HOOK 0xff, nothing_hook
        TEST "fixed interrupts", fixed
        CHECK_AREAS "each came once", AREA_BAD, 0
        TEST "interrupts to all others", everybody
        CHECK_AREAS "each came once", AREA_COUNT, ROUNDS * CPUS * (CPUS - 1)
        TEST "NMIs", nmis
        CHECK_AREAS "each came once", AREA_COUNT, ROUNDS * CPUS
        TEST "NMIs, fixed ones and some to all", mixture
        CHECK_AREAS "each came once", AREA_BAD, 0
        TEST "a token from HLT to HLT", token
        CHECK "laps", [abs PROGRESS + 0x200], ROUNDS
        lea rsi, [init_text]
        call announce
        call clear_areas
        call inits
        CHECK "a CPU that INIT reached stands still", [r13 + AREA_BAD], 0
        TEST "fixed interrupts after that", fixed
        CHECK_AREAS "each came once", AREA_BAD, 0
        ret

fixed_hook:
        mov eax, [rdi + FRAME_VECTOR]
        sub eax, VECTORS
        shl eax, 6
        mov ecx, r14d
        shl ecx, 12
        inc qword [rcx + rax + RECEIVED]
        EOI
        ret

nmi_hook:
        mov ecx, r14d
        shl ecx, 6
        inc qword [rcx + NMIS]
        ret

all_hook:
        inc qword [r13 + AREA_COUNT]
        EOI
        lock inc qword [abs EVERYBODY + 64]
        ret

token_hook:
        inc qword [r13 + AREA_COUNT]
        EOI
        ret

nothing_hook:
        ret

; EBX: another CPU at random. Clobbers RAX, RCX, RDX.
other:  mov ecx, CPUS - 1
        call random_below
        lea eax, [rax + r14 + 1]
        cmp eax, CPUS
        jb .there
        sub eax, CPUS
.there: mov ebx, eax
        ret

; One to four vectors at once to another CPU, then waits for all of them.
one_fixed:
        call other
        mov r15d, ebx
        call random
        mov ebp, eax
        and ebp, (1 << KINDS) - 1
        mov r8d, r15d
        shl r8d, 12
        mov eax, r14d
        shl eax, 6
        lea r8, [r8 + rax + RECEIVED]   ; what the other has got from this one, kind 0
        lea r9, [r13 + AREA_FREE]       ; what was sent: by receiver and kind
        mov eax, r15d
        shl eax, 6
        add r9, rax
        xor r10d, r10d
.send:  bt ebp, r10d
        jnc .not_this
        inc qword [r9 + r10 * 8]
        lea edx, [r14 + r10 * 8 + IPI_FIXED + VECTORS]
        call send
.not_this:
        inc r10d
        cmp r10d, KINDS
        jb .send
        xor r10d, r10d
.await: mov rax, [r8]
        cmp rax, [r9 + r10 * 8]
        je .came
        ja .twice
        pause
        jmp .await
.twice: inc qword [r13 + AREA_BAD]
.came:  add r8, 8 * 64
        inc r10d
        cmp r10d, KINDS
        jb .await
        ret

; Clears what was sent and received by this CPU; all must have met.
clear_counts:
        xor eax, eax
        lea rdi, [r13 + AREA_FREE]
        mov ecx, 64
        rep stosq
        mov edi, r14d
        shl edi, 12
        add edi, RECEIVED
        mov ecx, 512
        rep stosq
        mov ecx, r14d
        shl ecx, 6
        mov [rcx + NMIS], rax
        jmp meet

fixed:  call clear_counts
        sti
        mov r12d, ROUNDS
.next:  call one_fixed
        dec r12d
        jnz .next
        call meet
        ret

; One interrupt to all others, under a lock.
one_to_all:
        mov eax, 1
        xchg eax, [abs EVERYBODY]
        test eax, eax
        jz .mine
        pause
        jmp one_to_all
.mine:  mov qword [abs EVERYBODY + 64], 0
        mov edx, IPI_FIXED | IPI_OTHERS | VECTOR_ALL
        call send
.await: pause
        cmp qword [abs EVERYBODY + 64], CPUS - 1
        jne .await
        mov dword [abs EVERYBODY], 0
        ret

everybody:
        call meet
        sti
        mov r12d, ROUNDS
.next:  call one_to_all
        dec r12d
        jnz .next
        call meet
        ret

; One NMI to another CPU: two before the first is taken would be one, hence the lock.
one_nmi:
        call other
        mov r15d, ebx
        shl ebx, 6
.lock:  mov eax, 1
        xchg eax, [rbx + NMI_LOCKS]
        test eax, eax
        jz .mine
        pause
        jmp .lock
.mine:  mov rbp, [rbx + NMIS]
        mov edx, IPI_NMI
        call send
.await: pause
        cmp [rbx + NMIS], rbp
        je .await
        mov dword [rbx + NMI_LOCKS], 0
        ret

nmis:   call clear_counts
        mov r12d, ROUNDS
.next:  call one_nmi
        dec r12d
        jnz .next
        call meet
        mov ecx, r14d
        shl ecx, 6
        mov rax, [rcx + NMIS]
        mov [r13 + AREA_COUNT], rax
        ret

mixture:
        call clear_counts
        sti
        mov r12d, ROUNDS
.next:  call random
        and eax, 7
        jz .all
        cmp eax, 3
        jb .nmi
        call one_fixed
        jmp .done
.all:   call one_to_all
        jmp .done
.nmi:   call one_nmi
.done:  dec r12d
        jnz .next
        call meet
        ret

; Each CPU halts until the one before it sends the token. STI holds interrupts off until after HLT.
token:  xor ebx, ebx                    ; tokens had
        mov qword [r13 + AREA_COUNT], 0
        call meet
        test r14d, r14d
        jnz .await
        mov qword [abs PROGRESS + 0x200], 0
        jmp .pass
.await: cli
        cmp [r13 + AREA_COUNT], rbx
        jne .mine
        sti
        hlt
        jmp .await
.mine:  sti
        inc rbx
        test r14d, r14d
        jnz .pass
        inc qword [abs PROGRESS + 0x200]
        cmp qword [abs PROGRESS + 0x200], ROUNDS
        je .end
.pass:  lea r15d, [r14 + 1]
        cmp r15d, CPUS
        jb .there
        xor r15d, r15d
.there: mov edx, IPI_FIXED | VECTOR_TOKEN
        call send
        test r14d, r14d
        jz .await
        cmp rbx, ROUNDS
        jb .await
.end:   cli
        ret

; The first CPU sends all others away, into something that never ends, and gets them back by INIT.
inits:  mov r12d, ROUNDS / 16 + 1
.next:  push r12
        xor eax, eax
        mov edi, PROGRESS
        mov ecx, CPUS * 8
        rep stosq
        lea rax, [away]
        mov [work], rax
        lock inc dword [generation]
        mov ebx, 1
.each:  mov ebp, ebx
        shl ebp, 6
.runs:  pause
        cmp qword [rbp + PROGRESS], 0
        je .runs
        call random
        and eax, 1023
.while: pause
        dec eax
        jns .while
        mov r15d, ebx
        call start_cpu
        mov rax, [rbp + PROGRESS]
        mov ecx, 100
.look:  pause
        loop .look
        cmp [rbp + PROGRESS], rax
        je .still
        inc qword [r13 + AREA_BAD]
.still: inc ebx
        cmp ebx, CPUS
        jb .each
        pop r12
        dec r12d
        jnz .next
        ret

; What a CPU does until INIT comes: counts, halts, copies, multiplies, in turn from time to time.
away:   mov ebp, r14d
        shl ebp, 6
        add ebp, PROGRESS
        call random
        and eax, 7
        lea rcx, [.table]
        jmp [rcx + rax * 8]
.count: inc qword [rbp]
        jmp .count
.halt:  inc qword [rbp]
        sti
        hlt
        jmp .halt
.halt_deaf:
        inc qword [rbp]
        cli
        hlt
        jmp .halt_deaf
.copy:  inc qword [rbp]
        mov esi, 0x1000000
        mov edi, r14d
        shl edi, 20
        add edi, 0x2000000
        mov ecx, 0x100000
        rep movsb
        jmp .copy
.locked:
        lock inc qword [rbp]
        jmp .locked
.own_interrupt:
        ; INIT comes while the handler runs: nothing is left of the interrupt.
        inc qword [rbp]
        mov r15d, r14d
        mov edx, IPI_FIXED | VECTOR_TOKEN
        call send
        sti
        nop
        cli
        jmp .own_interrupt
.port:  inc qword [rbp]
        in al, 0xe9
        jmp .port
.wait:  inc qword [rbp]
        pause
        jmp .wait
        align 8
.table: dq .count, .halt, .halt_deaf, .copy, .locked, .own_interrupt, .port, .wait

init_text: db "INIT and start-up", 0

section .names
image_end:
