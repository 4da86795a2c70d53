; LOCKed instructions, and what is made of them: every CPU works on the same memory, and what comes out
; must be what all of them did.
%include "lib/smp.inc"

ROUNDS  equ PASSES * 50
ALL     equ ROUNDS * CPUS
DATA    equ SHARED                      ; what a lock protects
LOCKS   equ SHARED + 0x1000
OWN_BITS equ SHARED + 0x2000
NODES   equ SHARED + 0x10000            ; of lists: 64 bytes each
NODE_COUNT equ 32
RINGS   equ SHARED + 0x20000            ; a ring of 64 qwords from each CPU to the next
RING_BYTES equ 0x1000
SPLITS  equ SHARED + 0x40000

main:   TEST "counters by LOCK ADD, SUB, INC, DEC, XADD", counters
        CHECK_AREAS "counter, qword", AREA_SUM, [abs DATA]
        TEST "counters of all sizes, next to each other", neighbours
        CHECK "bytes", [abs DATA + 0x100], (ALL & 0xff) * 0x0101010101010101
        CHECK "words", [abs DATA + 0x108], (ALL & 0xffff) * 0x0001000100010001
        CHECK "dwords", [abs DATA + 0x110], (ALL & 0xffffffff) * 0x0000000100000001
        TEST "counters across words, lines and pages", splits
        CHECK "across words", [abs SPLITS + 0x1c], ALL
        CHECK "across lines", [abs SPLITS + 0x13a], ALL
        CHECK "across pages", [abs SPLITS + 0xffd], ALL
        CHECK "a dword across pages", [abs SPLITS + 0x1ffe], ALL
        TEST "bits by LOCK BTS, BTR, BTC, OR, AND, XOR", bit_changes
        CHECK_AREAS "bits are everyone's own", AREA_BAD, 0
        TEST "spin lock by XCHG", xchg_lock
        CHECK "what it protects", [abs DATA + 0x200], ALL
        TEST "spin lock by LOCK BTS", bts_lock
        CHECK "what it protects", [abs DATA + 0x210], ALL
        TEST "spin lock by LOCK CMPXCHG", cmpxchg_lock
        CHECK "what it protects", [abs DATA + 0x220], ALL
        TEST "ticket lock by LOCK XADD", ticket_lock
        CHECK "what it protects", [abs DATA + 0x230], ALL
        TEST "Peterson's lock by MFENCE", peterson
        CHECK "what it protects", [abs DATA + 0x240], ROUNDS * 2
        TEST "counter by CMPXCHG of bytes inside words", cmpxchg_bytes
        CHECK "both", [abs DATA + 0x300], (ALL & 0xff) | (ALL & 0xffffff) << 8
        TEST "counter by CMPXCHG8B", cmpxchg8b_counter
        CHECK "low and high", [abs DATA + 0x310], ALL | ALL << 32
        TEST "counter by CMPXCHG16B", cmpxchg16b_counter
        CHECK "low", [abs DATA + 0x320], ALL
        CHECK "high", [abs DATA + 0x328], ALL * 3
        call make_lists
        TEST "list by CMPXCHG", list_by_cmpxchg
        CHECK_AREAS "a node has one owner", AREA_BAD, 0
        call count_list
        CHECK "no node is lost", rax, NODE_COUNT
        TEST "list by CMPXCHG16B", list_by_cmpxchg16b
        CHECK_AREAS "a node has one owner", AREA_BAD, 0
        call count_list16
        CHECK "no node is lost", rax, NODE_COUNT
        TEST "rings without locks", rings
        CHECK_AREAS "what comes out is what went in", AREA_BAD, 0
        TEST "sequence lock", sequence_lock
        CHECK_AREAS "halves belong together", AREA_BAD, 0
        ret

counters:
        mov r8d, ROUNDS
        mov edi, DATA
        xor r9d, r9d
.next:  call random
        mov rcx, rax
        shr rcx, 40
        mov edx, eax
        and edx, 7
        cmp edx, 1
        je .sub
        cmp edx, 2
        je .inc
        cmp edx, 3
        je .dec
        cmp edx, 4
        jae .xadd
        lock add [rdi], rcx
        add r9, rcx
        jmp .done
.sub:   lock sub [rdi], rcx
        sub r9, rcx
        jmp .done
.inc:   lock inc qword [rdi]
        inc r9
        jmp .done
.dec:   lock dec qword [rdi]
        dec r9
        jmp .done
.xadd:  add r9, rcx
        lock xadd [rdi], rcx
.done:  dec r8d
        jnz .next
        mov [r13 + AREA_SUM], r9
        ret

neighbours:
        mov r8d, ROUNDS
        mov edi, DATA + 0x100
.next:
%assign i 0
%rep 8
        lock inc byte [rdi + i]
%assign i i + 1
%endrep
%assign i 0
%rep 4
        lock add word [rdi + 8 + 2 * i], 1
%assign i i + 1
%endrep
        lock inc dword [rdi + 16]
        mov eax, 1
        lock xadd dword [rdi + 20], eax
        dec r8d
        jnz .next
        ret

splits: mov r8d, ROUNDS
        mov edi, SPLITS
.next:  lock inc qword [rdi + 0x1c]
        lock add qword [rdi + 0x13a], 1
        mov eax, 1
        lock xadd [rdi + 0xffd], rax
        lock inc dword [rdi + 0x1ffe]
        dec r8d
        jnz .next
        ret

; Each CPU changes eight bits of its own in one qword and knows what they are.
bit_changes:
        mov r8d, ROUNDS
        mov edi, OWN_BITS
        xor r9d, r9d                    ; what the own bits are
.next:  call random
        mov ecx, eax
        shr ecx, 8
        and ecx, 7
        mov r11d, 1
        shl r11d, cl                    ; the bit in the own byte
        lea r10d, [rcx + r14 * 8]       ; and in the qword
        mov ecx, eax
        shr ecx, 16
        and ecx, 7
        lea rdx, [.table]
        jmp [rdx + rcx * 8]
.bts:   lock bts [rdi], r10
        jmp .old_then_set
.btr:   lock btr [rdi], r10
        jmp .old_then_clear
.btc:   lock btc [rdi], r10
        setc al
        call .check
        xor r9d, r11d
        jmp .done
.or:    mov eax, r11d
        lea ecx, [r14 * 8]
        shl rax, cl
        lock or [rdi], rax
        or r9d, r11d
        jmp .done
.and:   mov eax, r11d
        lea ecx, [r14 * 8]
        shl rax, cl
        not rax
        lock and [rdi], rax
        not r11d
        and r9d, r11d
        jmp .done
.xor:   mov eax, r11d
        lea ecx, [r14 * 8]
        shl rax, cl
        lock xor [rdi], rax
        xor r9d, r11d
        jmp .done
.byte_or:
        lock or [rdi + r14], r11b
        or r9d, r11d
        jmp .done
.look:  mov al, [rdi + r14]
        cmp al, r9b
        je .done
        inc qword [r13 + AREA_BAD]
        jmp .done
.old_then_set:
        setc al
        call .check
        or r9d, r11d
        jmp .done
.old_then_clear:
        setc al
        call .check
        mov eax, r11d
        not eax
        and r9d, eax
.done:  dec r8d
        jnz .next
        ret
; AL is the bit found.
.check: test r9d, r11d
        setnz cl
        cmp al, cl
        je .right
        inc qword [r13 + AREA_BAD]
.right: ret
        align 8
.table: dq .bts, .btr, .btc, .or, .and, .xor, .byte_or, .look

; Marks the node at RDI as this CPU's, looks whether it stays so, and gives it up. Clobbers RAX, RCX.
%macro OWN_NODE 0
        xor eax, eax
        lea ecx, [r14 + 1]
        xchg [rdi + 8], rcx
        test rcx, rcx
        jz %%free
        inc qword [r13 + AREA_BAD]
%%free: lea ecx, [r14 + 1]
        cmp [rdi + 8], rcx
        je %%mine
        inc qword [r13 + AREA_BAD]
%%mine: mov [rdi + 8], rax
%endmacro

; Two counters that are only equal outside of the lock.
%macro PROTECTED 1
        mov rdx, [abs %1]
        cmp rdx, [abs %1 + 8]
        je %%equal
        lock inc qword [abs %1 + 8]
%%equal:
        inc rdx
        mov [abs %1], rdx
        mov [abs %1 + 8], rdx
%endmacro

xchg_lock:
        mov r8d, ROUNDS
.next:  mov eax, 1
.try:   xchg eax, [abs LOCKS]
        test eax, eax
        jz .mine
.spin:  pause
        cmp dword [abs LOCKS], 0
        jne .spin
        jmp .next
.mine:  PROTECTED DATA + 0x200
        mov dword [abs LOCKS], 0
        dec r8d
        jnz .next
        ret

bts_lock:
        mov r8d, ROUNDS
.next:  lock bts dword [abs LOCKS + 64], 5
        jnc .mine
        pause
        jmp .next
.mine:  PROTECTED DATA + 0x210
        lock btr dword [abs LOCKS + 64], 5
        dec r8d
        jnz .next
        ret

cmpxchg_lock:
        mov r8d, ROUNDS
.next:  xor eax, eax
        lea ecx, [r14 + 1]
        lock cmpxchg [abs LOCKS + 128], ecx
        jz .mine
        pause
        jmp .next
.mine:  PROTECTED DATA + 0x220
        mov dword [abs LOCKS + 128], 0
        dec r8d
        jnz .next
        ret

ticket_lock:
        mov r8d, ROUNDS
.next:  mov eax, 1
        lock xadd [abs LOCKS + 192], eax
.await: cmp [abs LOCKS + 256], eax
        je .mine
        pause
        jmp .await
.mine:  PROTECTED DATA + 0x230
        inc dword [abs LOCKS + 256]
        dec r8d
        jnz .next
        ret

; The first two CPUs: wants at +320 and +384, turn at +448.
peterson:
        cmp r14d, 2
        jae .end
        mov r8d, ROUNDS
        mov ecx, r14d
        shl ecx, 6
        lea r9, [rcx + LOCKS + 320]     ; what I want
        xor ecx, 64
        lea r10, [rcx + LOCKS + 320]    ; what the other wants
.next:  mov dword [r9], 1
        mov eax, r14d
        xor eax, 1
        mov [abs LOCKS + 448], eax
        mfence
.await: cmp dword [r10], 0
        je .mine
        cmp [abs LOCKS + 448], r14d
        je .mine
        pause
        jmp .await
.mine:  PROTECTED DATA + 0x240
        mov dword [r9], 0
        dec r8d
        jnz .next
.end:   ret

; A byte by CMPXCHG, and the 24 bits above it by CMPXCHG of the dword.
cmpxchg_bytes:
        mov r8d, ROUNDS
        mov edi, DATA + 0x300
.next:  mov al, [rdi]
.byte:  lea ecx, [rax + 1]
        lock cmpxchg [rdi], cl
        jnz .byte
        mov eax, [rdi]
.dword: lea ecx, [rax + 0x100]
        lock cmpxchg [rdi], ecx
        jnz .dword
        dec r8d
        jnz .next
        ret

cmpxchg8b_counter:
        mov r8d, ROUNDS
        mov edi, DATA + 0x310
.next:  mov eax, [rdi]
        mov edx, [rdi + 4]
.try:   lea ebx, [rax + 1]
        lea ecx, [rdx + 1]
        lock cmpxchg8b [rdi]
        jnz .try
        dec r8d
        jnz .next
        ret

cmpxchg16b_counter:
        mov r8d, ROUNDS
        mov edi, DATA + 0x320
.next:  mov rax, [rdi]
        mov rdx, [rdi + 8]
.try:   lea rbx, [rax + 1]
        lea rcx, [rdx + 3]
        lock cmpxchg16b [rdi]
        jnz .try
        dec r8d
        jnz .next
        ret

; Lists of nodes: next at +0, owner at +8. Heads: at LOCKS + 512 a node's number plus one (32 bits) with
; a tag above it; at LOCKS + 576 a node's address with a tag of 64 bits.
make_lists:
        mov qword [abs LOCKS + 512], 0
        mov qword [abs LOCKS + 576], 0
        mov qword [abs LOCKS + 584], 0
        mov r8d, NODE_COUNT
.next:  mov eax, r8d
        dec eax
        shl eax, 6
        lea rdi, [rax + NODES]
        mov rax, [abs LOCKS + 512]
        mov [rdi], rax
        mov qword [rdi + 8], 0
        mov [abs LOCKS + 512], r8d
        lea rdi, [rdi + NODE_COUNT * 64]
        mov rax, [abs LOCKS + 576]
        mov [rdi], rax
        mov qword [rdi + 8], 0
        mov [abs LOCKS + 576], rdi
        dec r8d
        jnz .next
        ret

list_by_cmpxchg:
        mov r8d, ROUNDS
        mov esi, LOCKS + 512
.next:
.pop:   mov rax, [rsi]
        test eax, eax
        jz .pop
        mov ecx, eax
        dec ecx
        shl ecx, 6
        lea rdi, [rcx + NODES]
        mov rdx, 1 << 32
        add rdx, rax
        mov ecx, [rdi]                  ; the next one, perhaps stale: then the tag is as well
        shr rdx, 32
        shl rdx, 32
        or rcx, rdx
        lock cmpxchg [rsi], rcx
        jnz .pop
        OWN_NODE
        ; Back to the list.
.push:  mov rax, [rsi]
        mov ecx, eax
        mov [rdi], rcx
        mov rdx, 1 << 32
        add rdx, rax
        shr rdx, 32
        shl rdx, 32
        lea rcx, [rdi - NODES]
        shr ecx, 6
        inc ecx
        or rcx, rdx
        lock cmpxchg [rsi], rcx
        jnz .push
        dec r8d
        jnz .next
        ret

list_by_cmpxchg16b:
        mov r8d, ROUNDS
        mov esi, LOCKS + 576
.next:
.pop:   mov rax, [rsi]
        mov rdx, [rsi + 8]
.retry: test rax, rax
        jz .pop
        mov rbx, [rax]
        lea rcx, [rdx + 1]
        mov rdi, rax
        lock cmpxchg16b [rsi]
        jnz .retry
        OWN_NODE
        mov rax, [rsi]
        mov rdx, [rsi + 8]
.push:  mov [rdi], rax
        mov rbx, rdi
        lea rcx, [rdx + 1]
        lock cmpxchg16b [rsi]
        jnz .push
        dec r8d
        jnz .next
        ret

; RAX: nodes in the list.
count_list:
        xor eax, eax
        mov ecx, [abs LOCKS + 512]
.next:  test ecx, ecx
        jz .end
        inc eax
        dec ecx
        shl ecx, 6
        mov ecx, [rcx + NODES]
        cmp eax, 1000
        jb .next
.end:   ret

count_list16:
        xor eax, eax
        mov rcx, [abs LOCKS + 576]
.next:  test rcx, rcx
        jz .end
        inc eax
        mov rcx, [rcx]
        cmp eax, 1000
        jb .next
.end:   ret

; From each CPU to the next: numbers from the sender's generator, which the receiver has a copy of.
; Ring: head at +0, tail at +64, entries from +0x400.
rings:  call random
        mov rbx, rax                    ; the sender's state
        mov r8d, r14d
        shl r8d, 12
        add r8d, RINGS                  ; out
        mov qword [r8], 0
        mov qword [r8 + 64], 0
        mov [r8 + 128], rbx             ; tells the receiver the seed
        call meet
        lea r9d, [r14 + CPUS - 1]
        mov eax, r9d
        xor edx, edx
        mov ecx, CPUS
        div ecx
        mov r9d, edx
        shl r9d, 12
        add r9d, RINGS                  ; in
        mov rbp, [r9 + 128]
        mov r10d, ROUNDS                ; left to send
        mov r11d, ROUNDS                ; left to receive
.next:  mov rax, [r8]
        mov rdx, rax
        sub rdx, [r8 + 64]
        cmp rdx, 64
        je .full
        test r10d, r10d
        jz .full
        mov edx, eax
        and edx, 63
        mov [r8 + rdx * 8 + 0x400], rbx
        inc rax
        mov [r8], rax                   ; an x86 store is a release
        imul rbx, rbx, 0x5851f42d
        add rbx, 0x14057b7f
        dec r10d
.full:  mov rax, [r9 + 64]
        cmp rax, [r9]
        je .empty
        mov edx, eax
        and edx, 63
        cmp [r9 + rdx * 8 + 0x400], rbp
        je .right
        inc qword [r13 + AREA_BAD]
.right: inc rax
        mov [r9 + 64], rax
        imul rbp, rbp, 0x5851f42d
        add rbp, 0x14057b7f
        dec r11d
        jmp .more
.empty: pause
.more:  mov eax, r10d
        or eax, r11d
        jnz .next
        ret

; The first CPU writes two numbers that belong together, between two changes of a count.
sequence_lock:
        mov edi, DATA + 0x400           ; count, then the numbers in lines of their own
        mov r8d, ROUNDS
        test r14d, r14d
        jnz .read
        mov rax, [rdi]
.write: inc rax
        mov [rdi], rax
        mov [rdi + 64], r8
        mov rcx, r8
        not rcx
        mov [rdi + 128], rcx
        inc rax
        mov [rdi], rax
        dec r8d
        jnz .write
        ret
.read:  mov rax, [rdi]
        test al, 1
        jnz .spin
        mov rcx, [rdi + 64]
        mov rdx, [rdi + 128]
        cmp [rdi], rax
        jne .spin
        test rax, rax
        jz .spin
        not rdx
        cmp rcx, rdx
        je .good
        inc qword [r13 + AREA_BAD]
.good:  dec r8d
        jz .end
        cmp rcx, 1                      ; the last that is written
        jne .read
.end:   ret
.spin:  pause
        jmp .read

section .names
image_end:
