; Page tables that one CPU changes while others use them, and says so by interrupts (TLB shootdown; Intel
; SDM vol. 3, 4.10.4-5; AMD APM vol. 2, 5.5.2): once all have acknowledged, no access by the old
; translation happens any more, be it a load, a store or a fetch; and no dirty bit is lost.
%include "lib/smp.inc"

ROUNDS  equ PASSES
VIEW    equ 0x40000000                  ; what is mapped by 4-KiB pages: the second GiB's first 2 MiB
DIRECTORY equ PAGE_TABLES + 0x4000
TABLE   equ PAGE_TABLES + 0x5000
PAGE    equ TABLE                       ; the entry of VIEW's first page
FRAMES  equ SHARED + 0x100000
FRAME_COUNT equ 8
EPOCH   equ SHARED
STOP    equ SHARED + 0x40
ACKS    equ SHARED + 0x80
WRITTEN_OFF equ SHARED + 0xc0           ; faults that are expected, by all
VECTOR_SHOOTDOWN equ 0x50
P       equ 1
RW      equ 2
DIRTY   equ 0x40

main:   mov qword [abs PAGE_TABLES + 0x1000 + 8], DIRECTORY + 7
        mov qword [abs DIRECTORY], TABLE + 7
        HOOK VECTOR_SHOOTDOWN, shootdown_hook
        HOOK 14, fault_hook
        TEST "another frame", remap
        CHECK_AREAS "loads see it", AREA_BAD, 0
        TEST "another frame, under stores", remap_stores
        CHECK_AREAS "no store comes late", AREA_BAD, 0
        TEST "another frame of code", remap_code
        CHECK_AREAS "fetches see it", AREA_BAD, 0
        TEST "no more writable", protect
        CHECK_AREAS "no store comes late", AREA_BAD, 0
        lea rsi, [protect_faults]
        mov rax, [abs WRITTEN_OFF]
        call report_seen
        TEST "no page, and the dirty bit", unmap
        CHECK_AREAS "tells of every store", AREA_BAD, 0
        lea rsi, [unmap_faults]
        mov rax, [abs WRITTEN_OFF]
        call report_seen
        ret

shootdown_hook:
        call forget
        EOI
        lock inc qword [abs ACKS]
        ret

; The page's translation, by INVLPG or by a new CR3. Clobbers RAX, RDX.
forget: call random
        test al, 3
        jz .all
        invlpg [abs VIEW]
        ret
.all:   mov rax, cr3
        mov cr3, rax
        ret

; The entry was changed: all CPUs forget. Clobbers RAX, RCX, RDX.
shootdown:
        call forget
        mov qword [abs ACKS], 0
        mov edx, IPI_FIXED | IPI_OTHERS | VECTOR_SHOOTDOWN
        call send
.await: pause
        cmp qword [abs ACKS], CPUS - 1
        jne .await
        ret

; A fault in VIEW that is expected: tried again until the page is there.
fault_hook:
        mov rax, cr2
        shr rax, 12
        cmp rax, VIEW >> 12
        jne .other
        lock inc qword [abs WRITTEN_OFF]
        pause
        ret
.other: mov qword [hooks + 14 * 8], 0
        ret

; RDI: the frame of number R8. Clobbers RAX.
frame:  mov edi, r8d
        and edi, FRAME_COUNT - 1
        shl edi, 12
        add edi, FRAMES
        ret

; Fills the page at RDI with RAX. Clobbers RCX, RDI.
fill:   mov ecx, 512
        rep stosq
        ret

; Frames hold the number of the epoch in which they are mapped, before and after that -1.
remap:  test r14d, r14d
        jnz .read
        xor r8d, r8d
        call frame
        lea rax, [rdi + P + RW]
        mov [abs PAGE], rax
        xor eax, eax
        call fill
        call forget
        mov qword [abs EPOCH], 0
        mov dword [abs STOP], 0
        call meet
        mov r8d, 1
.change:
        call frame
        mov r9, rdi
        mov rax, r8
        call fill
        lea rax, [r9 + P + RW]
        mov [abs PAGE], rax
        call shootdown
        mov [abs EPOCH], r8
        dec r8
        call frame
        inc r8
        mov rax, -1
        call fill
        inc r8d
        cmp r8d, ROUNDS
        jbe .change
        mov dword [abs STOP], 1
        call meet
        ret
.read:  call forget
        call meet
        sti
.next:  call random
        mov esi, eax
        and esi, 0xff8
        bt eax, 20
        mov rbx, [abs EPOCH]
        jc .string
        mov rax, [rsi + VIEW]
        jmp .loaded
.string:
        add rsi, VIEW
        lodsq
.loaded:
        mov rcx, [abs EPOCH]
        cmp rax, rbx
        jb .bad
        inc rcx
        cmp rax, rcx
        jbe .good
.bad:   inc qword [r13 + AREA_BAD]
.good:  BREATHE
        cmp dword [abs STOP], 0
        je .next
        call meet
        ret

; All others store to lines of their own; a frame that was taken away does not change any more.
remap_stores:
        test r14d, r14d
        jnz .store
        xor r8d, r8d
        call frame
        lea rax, [rdi + P + RW]
        mov [abs PAGE], rax
        call forget
        mov dword [abs STOP], 0
        call meet
        mov r8d, 1
.change:
        call frame
        lea rax, [rdi + P + RW]
        mov [abs PAGE], rax
        call shootdown
        dec r8d
        call frame
        inc r8d
        call is_still
        inc r8d
        cmp r8d, ROUNDS
        jbe .change
        mov dword [abs STOP], 1
        call meet
        ret
.store: call forget
        call meet
        sti
        mov esi, r14d
        shl esi, 6
        add esi, VIEW
        xor ebx, ebx
.next:
%rep 16
        inc rbx
        mov [rsi], rbx
        lock inc qword [rsi + 8]
        add [rsi + 16], rbx
%endrep
        pause
        cmp dword [abs STOP], 0
        je .next
        call meet
        ret

; Sees whether the lines in the frame at RDI stay for a while. Clobbers RAX, RCX, RDX.
is_still:
        mov edx, 64
.next:  mov rax, [rdi + rdx]
        mov rbx, [rdi + rdx + 8]
        mov rbp, [rdi + rdx + 16]
        mov ecx, 200
.while: loop .while
        cmp [rdi + rdx], rax
        jne .bad
        cmp [rdi + rdx + 8], rbx
        jne .bad
        cmp [rdi + rdx + 16], rbp
        je .good
.bad:   inc qword [r13 + AREA_BAD]
.good:  add edx, 64
        cmp edx, CPUS * 64
        jb .next
        ret

; The page holds MOV EAX, imm32; RET with the number of the epoch.
remap_code:
        test r14d, r14d
        jnz .read
        xor r8d, r8d
        call .write
        call forget
        mov qword [abs EPOCH], 0
        mov dword [abs STOP], 0
        call meet
        mov r8d, 1
.change:
        call .write
        call shootdown
        mov [abs EPOCH], r8
        inc r8d
        cmp r8d, ROUNDS
        jbe .change
        mov dword [abs STOP], 1
        call meet
        ret
.write: call frame
        mov byte [rdi + 0x123], 0xb8
        mov [rdi + 0x124], r8d
        mov byte [rdi + 0x128], 0xc3
        lea rax, [rdi + P + RW]
        mov [abs PAGE], rax
        ret
.read:  call forget
        call meet
        sti
        mov r9d, VIEW + 0x123
.next:  mov rbx, [abs EPOCH]
        call r9
        mov rcx, [abs EPOCH]
        cmp rax, rbx
        jb .bad
        inc rcx
        cmp rax, rcx
        jbe .good
.bad:   inc qword [r13 + AREA_BAD]
.good:  BREATHE
        cmp dword [abs STOP], 0
        je .next
        call meet
        ret

; The page is made read-only from time to time.
protect:
        mov qword [abs WRITTEN_OFF], 0
        test r14d, r14d
        jnz remap_stores.store
        xor r8d, r8d
        call frame
        mov r12, rdi
        lea rax, [rdi + P + RW]
        mov [abs PAGE], rax
        call forget
        mov dword [abs STOP], 0
        call meet
        mov r8d, ROUNDS
.change:
        lock and qword [abs PAGE], ~RW
        call shootdown
        mov rdi, r12
        call is_still
        lock or qword [abs PAGE], RW    ; whoever does not know it yet faults and tries again
        mov ecx, 2000
.while: loop .while
        dec r8d
        jnz .change
        mov dword [abs STOP], 1
        call meet
        ret

; The page is taken away; if its dirty bit was clear then, nothing had been stored, and nothing is stored
; any more.
unmap:  test r14d, r14d
        jnz .store
        mov qword [abs WRITTEN_OFF], 0
        mov dword [abs STOP], 0
        mov qword [abs PAGE], 0
        call meet
        mov r8d, 1
.change:
        call frame
        mov r12, rdi
        xor eax, eax
        call fill
        lea rax, [r12 + P + RW]
        mov [abs PAGE], rax
        call random
        and eax, 1023
.while: dec eax
        jns .while
        xor ebx, ebx
        xchg [abs PAGE], rbx
        call shootdown
        ; The lines' sum.
        xor eax, eax
        mov ecx, CPUS - 1
        lea rdi, [r12 + 64]
.sum:   or rax, [rdi]
        add rdi, 64
        loop .sum
        test bl, DIRTY
        jnz .dirty
        test rax, rax
        jz .good
        inc qword [r13 + AREA_BAD]
        jmp .good
.dirty: test rax, rax
        jnz .good
        inc qword [r13 + AREA_BAD]      ; dirty, but nothing was stored
.good:  inc r8d
        cmp r8d, ROUNDS
        jbe .change
        mov dword [abs STOP], 1
        lea rax, [r12 + P + RW]
        mov [abs PAGE], rax
        call meet
        ret
.store: call meet
        sti
        mov esi, r14d
        shl esi, 6
        add esi, VIEW
.next:  call random
        and eax, 2047
.rest:  pause
        sub eax, 8
        jns .rest
        mov qword [rsi], 1
        cmp dword [abs STOP], 0
        je .next
        call meet
        ret

        align 4096
protect_faults: db "faults on a read-only page", 0
unmap_faults: db "faults without a page", 0

section .names
image_end:
