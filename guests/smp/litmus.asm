; Litmus tests of x86's store order (Sewell, Sarkar, Owens, Zappa Nardelli, Myreen: x86-TSO, 2010;
; Intel SDM vol. 3, 9.2; AMD APM vol. 2, 7.2): few instructions on two locations by two to four CPUs,
; and an outcome that must never be, or that may be. Each pass goes through many instances of a test,
; so that the CPUs meet in ever other ways: all in the same direction, with random delays, or against
; each other. Pairs (or fours) of CPUs work at the same time, each on memory of its own. What may be is
; tried a few times until it is.
%include "lib/smp.inc"

INSTANCES equ 256
; In a group's memory: the locations, a line each, and each role's two results of each instance.
X_AT    equ 0
Y_AT    equ 0x8000
OUT_AT  equ 0x10000
OUT_ROLE equ 0x2000
GROUP_BYTES equ 0x20000
LITMUS  equ SHARED
; Functions that are executed in the locations' pages, for tests with FLAG_CODE.
FLAG_CODE equ 1
FLAG_PAGES equ 2                        ; X lies across pages
ALLOWED equ 4                           ; the outcome may be

; A role's two results and the locations, as an outcome's condition names them.
%define R0A [rbx]
%define R0B [rbx + 8]
%define R1A [rbx + OUT_ROLE]
%define R1B [rbx + OUT_ROLE + 8]
%define R2A [rbx + 2 * OUT_ROLE]
%define R2B [rbx + 2 * OUT_ROLE + 8]
%define R3A [rbx + 3 * OUT_ROLE]
%define R3B [rbx + 3 * OUT_ROLE + 8]
%define X   [rsi]
%define Y   [rdi]

; ROLE label: a role's walk through the instances: RSI is X, RDI is Y, RBX takes results; RAX and RDX
; are free. END_ROLE ends it.
%macro ROLE 1
        align 16
%1:
%%next:
%define ROLE_NEXT %%next
%endmacro

%macro END_ROLE 0
        add rsi, r8
        add rdi, r8
        add rbx, r9
        dec ecx
        jnz ROLE_NEXT
        ret
%endmacro

; OUTCOME label, then pairs of what is and what it must be: counts instances in R10.
%macro OUTCOME 3-*
        align 16
%1:
%%next:
%rep (%0 - 1) / 2
%rotate 1
        cmp qword %1, %2
        jne %%other
%rotate 1
%endrep
        inc r10
%%other:
        add rsi, r8
        add rdi, r8
        add rbx, r9
        dec ecx
        jnz %%next
        ret
%endmacro

; Roles.

ROLE store_x
        mov qword X, 1
END_ROLE

ROLE store_y
        mov qword Y, 1
END_ROLE

ROLE store_x_y
        mov qword X, 1
        mov qword Y, 1
END_ROLE

ROLE load_y_x
        mov rax, Y
        mov rdx, X
        mov R0A, rax
        mov R0B, rdx
END_ROLE

ROLE load_x_y
        mov rax, X
        mov rdx, Y
        mov R0A, rax
        mov R0B, rdx
END_ROLE

ROLE load_x_x
        mov rax, X
        mov rdx, X
        mov R0A, rax
        mov R0B, rdx
END_ROLE

ROLE store_x_load_y
        mov qword X, 1
        mov rax, Y
        mov R0A, rax
END_ROLE

ROLE store_y_load_x
        mov qword Y, 1
        mov rax, X
        mov R0A, rax
END_ROLE

ROLE store_x_mfence_load_y
        mov qword X, 1
        mfence
        mov rax, Y
        mov R0A, rax
END_ROLE

ROLE store_y_mfence_load_x
        mov qword Y, 1
        mfence
        mov rax, X
        mov R0A, rax
END_ROLE

ROLE xchg_x_load_y
        mov eax, 1
        xchg X, rax
        mov rax, Y
        mov R0A, rax
END_ROLE

ROLE xchg_y_load_x
        mov eax, 1
        xchg Y, rax
        mov rax, X
        mov R0A, rax
END_ROLE

ROLE store_x_locked_load_y
        mov qword X, 1
        lock or dword [rsp - 8], 0
        mov rax, Y
        mov R0A, rax
END_ROLE

ROLE store_y_locked_load_x
        mov qword Y, 1
        lock or dword [rsp - 8], 0
        mov rax, X
        mov R0A, rax
END_ROLE

; A failed comparison is a fence as well.
ROLE store_x_cmpxchg_load_y
        mov qword X, 1
        mov eax, -1
        lock cmpxchg [rbx + 8], edx
        mov rax, Y
        mov R0A, rax
END_ROLE

ROLE store_y_cmpxchg_load_x
        mov qword Y, 1
        mov eax, -1
        lock cmpxchg [rbx + 8], edx
        mov rax, X
        mov R0A, rax
END_ROLE

ROLE load_x_store_y
        mov rax, X
        mov qword Y, 1
        mov R0A, rax
END_ROLE

ROLE load_y_store_x
        mov rax, Y
        mov qword X, 1
        mov R0A, rax
END_ROLE

ROLE store_x1_y2
        mov qword X, 1
        mov qword Y, 2
END_ROLE

ROLE store_y1_x2
        mov qword Y, 1
        mov qword X, 2
END_ROLE

ROLE store_x2_y1
        mov qword X, 2
        mov qword Y, 1
END_ROLE

ROLE store_y2_load_x
        mov qword Y, 2
        mov rax, X
        mov R0A, rax
END_ROLE

ROLE store_y2_mfence_load_x
        mov qword Y, 2
        mfence
        mov rax, X
        mov R0A, rax
END_ROLE

ROLE load_y_mfence_load_x
        mov rax, Y
        mfence
        mov rdx, X
        mov R0A, rax
        mov R0B, rdx
END_ROLE

ROLE store_x1_load_x
        mov qword X, 1
        mov rax, X
        mov R0A, rax
END_ROLE

ROLE store_x2_load_x
        mov qword X, 2
        mov rax, X
        mov R0A, rax
END_ROLE

ROLE store_x1_load_x_y
        mov qword X, 1
        mov rax, X
        mov rdx, Y
        mov R0A, rax
        mov R0B, rdx
END_ROLE

ROLE store_y2_x2
        mov qword Y, 2
        mov qword X, 2
END_ROLE

ROLE store_x1_x2
        mov qword X, 1
        mov qword X, 2
END_ROLE

; Data of 8 bytes that are never half there, of 16 before their flag, and by the string instructions.
ROLE store_x_ones
        mov qword X, -1
END_ROLE

ROLE store_x_ones_y
        mov qword X, -1
        mov qword Y, 1
END_ROLE

ROLE load_x
        mov rax, X
        mov R0A, rax
END_ROLE

ROLE store_xmm_y
        pcmpeqd xmm0, xmm0
        movdqu X, xmm0
        mov qword Y, 1
END_ROLE

ROLE load_y_xmm
        mov rax, Y
        movdqu xmm0, X
        movhlps xmm1, xmm0
        pand xmm0, xmm1
        movq rdx, xmm0
        mov R0A, rax
        mov R0B, rdx
END_ROLE

ROLE movnti_sfence_y
        mov eax, 1
        movnti X, rax
        sfence
        mov qword Y, 1
END_ROLE

ROLE rep_stos_y
        push rcx
        push rdi
        mov eax, 1
        mov ecx, 4
        mov rdi, rsi
        rep stosq
        pop rdi
        pop rcx
        mov qword Y, 1
END_ROLE

ROLE load_y_last_x
        mov rax, Y
        mov rdx, [rsi + 24]
        mov R0A, rax
        mov R0B, rdx
END_ROLE

ROLE rep_movs_y
        push rcx
        push rsi
        push rdi
        mov rdi, rsi
        lea rsi, [ones]
        mov ecx, 4
        rep movsq
        pop rdi
        pop rsi
        pop rcx
        mov qword Y, 1
END_ROLE

; A push is a store, a pop a load.
ROLE push_x_y
        mov rax, rsp
        lea rsp, [rsi + 8]
        push 1
        lea rsp, [rdi + 8]
        push 1
        mov rsp, rax
END_ROLE

ROLE pop_y_x
        mov r11, rsp
        mov rsp, rdi
        pop rax
        mov rsp, rsi
        pop rdx
        mov rsp, r11
        mov R0A, rax
        mov R0B, rdx
END_ROLE

; Read, compute, write is one instruction, but two accesses.
ROLE add_x_y
        add qword X, 1
        add qword Y, 1
END_ROLE

; Outcomes.

OUTCOME mp_bad, R1A, 1, R1B, 0
OUTCOME sb_both_old, R0A, 0, R1A, 0
OUTCOME lb_bad, R0A, 1, R1A, 1
OUTCOME two_plus_two_bad, X, 1, Y, 1
OUTCOME s_bad, R1A, 1, X, 2
OUTCOME r_outcome, Y, 2, R1A, 0
OUTCOME corr_bad, R1A, 1, R1B, 0
OUTCOME n5_bad, R0A, 2, R1A, 1
OUTCOME n6_outcome, R0A, 1, R0B, 0, X, 1
OUTCOME cows_bad, X, 1
OUTCOME iriw_bad, R2A, 1, R2B, 0, R3A, 1, R3B, 0
OUTCOME wrc_bad, R1A, 1, R2A, 1, R2B, 0
OUTCOME rwc_bad, R1A, 1, R1B, 0, R2A, 0

; The flag is there, but not all of the data.
        align 16
not_all:
.next:  cmp qword R1A, 1
        jne .good
        cmp qword R1B, -1
        je .good
        inc r10
.good:  add rsi, r8
        add rdi, r8
        add rbx, r9
        dec ecx
        jnz .next
        ret

; Half of the bytes new, half old.
        align 16
torn:
.next:  mov rax, R1A
        lea rdx, [rax + 1]
        cmp rdx, 1
        jbe .whole                      ; 0 or all ones
        inc r10
.whole: add rsi, r8
        add rdi, r8
        add rbx, r9
        dec ecx
        jnz .next
        ret

; What a CPU does in a test: R12 is the test. Roles beyond the test's do nothing but meet the others.
; R15 counts passes.
litmus: mov r15d, PASSES
.pass:
        ; The group's first clears the locations and results.
        call role_and_group
        test r11d, r11d
        jnz .cleared
        mov edi, ebp
        mov ecx, GROUP_BYTES / 8
        xor eax, eax
        rep stosq
        mov byte [rbp + X_AT + 0xff8], 0xc3
.cleared:
        call meet
        call role_and_group
        test byte [r12 + TEST_FLAGS], FLAG_CODE
        jz .no_code
        ; Whoever runs code of the locations' pages keeps stores to them off the fast path.
        lea rax, [rbp + X_AT + 0xff8]
        call rax
.no_code:
        cmp r11d, [r12 + TEST_ROLES]
        jae .done
        lea rsi, [rbp + X_AT]
        lea rdi, [rbp + Y_AT]
        imul ebx, r11d, OUT_ROLE
        lea rbx, [rbx + rbp + OUT_AT]
        mov r8d, 64
        mov r9d, 16
        test byte [r12 + TEST_FLAGS], FLAG_PAGES
        jz .in_lines
        mov r8d, 0x1000                 ; X begins in one page and ends in the next
        lea rsi, [rbp + X_AT + 0xffc]
        lea rdi, [rbp + X_AT + 0x800]
.in_lines:
        mov ecx, INSTANCES
        test byte [r12 + TEST_FLAGS], FLAG_PAGES
        jz .counted
        mov ecx, 7
.counted:
        ; In odd passes every other role goes backwards.
        mov eax, r15d
        and eax, r11d
        test eax, 1
        jz .forward
        mov rax, rcx
        dec rax
        mov rdx, rax
        imul rdx, r8
        add rsi, rdx
        add rdi, rdx
        shl rax, 4
        add rbx, rax
        neg r8
        neg r9
.forward:
        call random
        and eax, 127
.delay: dec eax
        jns .delay
        call [r12 + r11 * 8 + TEST_ROLE]
.done:  call meet
        call role_and_group
        test r11d, r11d
        jnz .next
        ; The group's first looks for the outcome.
        lea rsi, [rbp + X_AT]
        lea rdi, [rbp + Y_AT]
        lea rbx, [rbp + OUT_AT]
        mov r8d, 64
        mov r9d, 16
        mov ecx, INSTANCES
        test byte [r12 + TEST_FLAGS], FLAG_PAGES
        jz .count
        mov r8d, 0x1000
        lea rsi, [rbp + X_AT + 0xffc]
        lea rdi, [rbp + X_AT + 0x800]
        mov ecx, 7
.count: xor r10d, r10d
        call [r12 + TEST_OUTCOME]
        add [r13 + AREA_BAD], r10
.next:  dec r15d
        jnz .pass
        ret

; R11D: the CPU's role, RBP: its group's memory. CPUs that do not make a whole group have a role
; beyond all tests'. Clobbers RAX, RCX, RDX.
role_and_group:
        mov ecx, [r12 + TEST_ROLES]
        mov eax, 2
        cmp ecx, 2
        jbe .size
        mov eax, 4
.size:  mov ecx, eax
        mov eax, r14d
        xor edx, edx
        div ecx
        mov r11d, edx
        mov ebp, eax
        imul ebp, ebp, GROUP_BYTES
        add ebp, LITMUS
        inc eax
        imul eax, ecx
        cmp eax, CPUS
        jbe .whole
        mov r11d, 100
.whole: ret

TEST_ROLES equ 0
TEST_FLAGS equ 4
TEST_NAME equ 8
TEST_OUTCOME equ 16
TEST_ROLE equ 24
TEST_BYTES equ 56

%macro LITMUS_TEST 6-8 0, 0             ; name, flags, outcome, number of roles, the roles
        STRING %%name, %1
        dd %4, %2
        dq %%name, %3, %5, %6, %7, %8
%endmacro

main:   lea r12, [tests]
.next:  mov eax, [r12 + TEST_ROLES]
        cmp eax, CPUS
        ja .skip
        mov rsi, [r12 + TEST_NAME]
        call announce
        mov [current], r12
        call clear_areas
        mov dword [tries], 10
.try:   push r12
        lea rax, [run_current]
        call all_run
        pop r12
        mov edx, AREA_BAD
        call sum_of_areas
        test byte [r12 + TEST_FLAGS], ALLOWED
        jz .counted
        test rax, rax
        jnz .counted
        dec dword [tries]
        jnz .try
.counted:
        mov rsi, [r12 + TEST_NAME]
        test byte [r12 + TEST_FLAGS], ALLOWED
        jnz .allowed
        xor edx, edx
        call report
        jmp .skip
.allowed:
        call report_seen
.skip:  add r12, TEST_BYTES
        cmp qword [r12 + TEST_NAME], 0
        jne .next
        ret

run_current:
        mov r12, [current]
        jmp litmus

        align 4096
current: dq 0
tries:  dd 0
ones:   dq 1, 1, 1, 1

        align 16
tests:
        LITMUS_TEST "mp", 0, mp_bad, 2, store_x_y, load_y_x
        LITMUS_TEST "sb", ALLOWED, sb_both_old, 2, store_x_load_y, store_y_load_x
        LITMUS_TEST "sb+mfence", 0, sb_both_old, 2, store_x_mfence_load_y, store_y_mfence_load_x
        LITMUS_TEST "sb+xchg", 0, sb_both_old, 2, xchg_x_load_y, xchg_y_load_x
        LITMUS_TEST "sb+lock", 0, sb_both_old, 2, store_x_locked_load_y, store_y_locked_load_x
        LITMUS_TEST "sb+cmpxchg", 0, sb_both_old, 2, store_x_cmpxchg_load_y, store_y_cmpxchg_load_x
        LITMUS_TEST "lb", 0, lb_bad, 2, load_x_store_y, load_y_store_x
        LITMUS_TEST "2+2w", 0, two_plus_two_bad, 2, store_x1_y2, store_y1_x2
        LITMUS_TEST "s", 0, s_bad, 2, store_x2_y1, load_y_store_x
        LITMUS_TEST "r", ALLOWED, r_outcome, 2, store_x_y, store_y2_load_x
        LITMUS_TEST "r+mfence", 0, r_outcome, 2, store_x_y, store_y2_mfence_load_x
        LITMUS_TEST "corr", 0, corr_bad, 2, store_x, load_x_x
        LITMUS_TEST "coww", 0, cows_bad, 2, store_x1_x2, load_x_x
        LITMUS_TEST "n5", 0, n5_bad, 2, store_x1_load_x, store_x2_load_x
        LITMUS_TEST "n6", ALLOWED, n6_outcome, 2, store_x1_load_x_y, store_y2_x2
        LITMUS_TEST "8 bytes at once", 0, torn, 2, store_x_ones, load_x
        LITMUS_TEST "mp in a page of code", FLAG_CODE, mp_bad, 2, store_x_y, load_y_x
        LITMUS_TEST "mp across pages", FLAG_PAGES, not_all, 2, store_x_ones_y, load_y_x
        LITMUS_TEST "mp by 16 bytes", 0, mp_bad, 2, store_xmm_y, load_y_xmm
        LITMUS_TEST "mp by movnti and sfence", 0, mp_bad, 2, movnti_sfence_y, load_y_x
        LITMUS_TEST "mp by rep stos", 0, mp_bad, 2, rep_stos_y, load_y_last_x
        LITMUS_TEST "mp by rep movs", 0, mp_bad, 2, rep_movs_y, load_y_last_x
        LITMUS_TEST "mp by push and pop", 0, mp_bad, 2, push_x_y, pop_y_x
        LITMUS_TEST "mp by add", 0, mp_bad, 2, add_x_y, load_y_x
        LITMUS_TEST "sb in a page of code, mfence", FLAG_CODE, sb_both_old, 2, store_x_mfence_load_y, store_y_mfence_load_x
        LITMUS_TEST "wrc", 0, wrc_bad, 3, store_x, load_x_store_y, load_y_x
        LITMUS_TEST "rwc+mfence", 0, rwc_bad, 3, store_x, load_x_y, store_y_mfence_load_x
        LITMUS_TEST "iriw", 0, iriw_bad, 4, store_x, store_y, load_x_y, load_y_x
        times TEST_BYTES db 0

section .names
image_end:
