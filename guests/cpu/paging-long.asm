; 4-level paging: 4-KiB, 2-MiB and 1-GiB pages, every cause of a page fault with its error code and
; CR2, accessed and dirty bits, WP, NX, SMEP, SMAP with AC, non-canonical addresses, INVLPG.
; Intel SDM vol. 3, 4.5-4.8, 4.10.4; AMD APM vol. 2, 5.3-5.6.
%include "lib/long.inc"

; Test mappings live in PML4 entry 1: tables from 2 MiB, pages from 3 MiB.
VA      equ 0x8000000000
PDPT    equ 0x200000
PD      equ 0x201000
PT      equ 0x202000
PAGE    equ 0x300000
ALL     equ 0x7

%macro SET 2                        ; entry's address, value
  mov rax, %2
  mov [abs %1], rax
%endmacro

; PTE 0 gets a value, and the TLB forgets.
%macro PTE 1
  SET PT, %1
  mov rax, VA
  invlpg [rax]
%endmacro

%macro FLUSH 0
  mov rax, cr3
  mov cr3, rax
%endmacro

read_byte:
  mov al, [rbx]
  ret

main:
  SET PAGE_TABLES + 8, PDPT + ALL
  SET PDPT, PD + ALL
  SET PD, PT + ALL
  mov rbx, VA
  ; A plain page.
  PTE PAGE + 7
  mov byte [abs PAGE + 5], 0x5a
  mov byte [abs PAGE], 0xc3          ; RET, to be executed
  TRY
  mov cl, [rbx + 5]
  CATCH "read 4K", NONE
  movzx ecx, cl
  CHECK "value 4K", rcx, 0x5a
  CHECK "read sets A in PTE, not D", [abs PT], PAGE + 0x27
  CHECK "walk sets A in PDE", [abs PD], PT + 0x27
  CHECK "walk sets A in PDPTE", [abs PDPT], PD + 0x27
  CHECK "walk sets A in PML4E", [abs PAGE_TABLES + 8], PDPT + 0x27
  TRY
  mov byte [rbx + 6], 0x11
  CATCH "write 4K", NONE
  CHECK "write sets D in PTE", [abs PT], PAGE + 0x67
  CHECK "write does not set D in PDE", [abs PD], PT + 0x27
  ; The TLB holds D as set: the bit is not set again until the entry is flushed.
  PTE PAGE + 7
  mov cl, [rbx]
  mov byte [rbx], 0xc3
  CHECK "write after read sets D", [abs PT], PAGE + 0x67

  ; Not present.
  PTE PAGE + 6
  TRY
  mov cl, [rbx + 0x123]
  CATCH "read not present", PF, 0
  CHECK "cr2", [last_cr2], VA + 0x123
  TRY
  mov [rbx + 0x124], cl
  CATCH "write not present", PF, 2
  CHECK "cr2 of write", [last_cr2], VA + 0x124
  TRY
  call rbx
  CATCH "fetch not present", PF, 0x10
  CHECK "rip of fetch fault is the target", [last_rip], VA
  CHECK "cr2 of fetch", [last_cr2], VA
  CHECK "refused accesses set no A", [abs PT], PAGE + 6
  TRY
  ENTER_USER
  mov cl, [rbx]
  CATCH "user read not present", PF, 4
  TRY
  ENTER_USER
  mov [rbx], cl
  CATCH "user write not present", PF, 6
  TRY
  ENTER_USER
  jmp rbx
  CATCH "user fetch not present", PF, 0x14
  ; Read-only.
  PTE PAGE + 5
  TRY
  mov cl, [rbx]
  CATCH "read of read-only", NONE
  TRY
  mov [rbx], cl
  CATCH "supervisor write of read-only, WP", PF, 3
  TRY
  add byte [rbx], 1
  CATCH "read-modify-write of read-only is a write", PF, 3
  TRY
  lock add byte [rbx], 1
  CATCH "locked add of read-only is a write", PF, 3
  TRY
  xor eax, eax
  mov cl, 1
  cmpxchg [rbx + 5], cl              ; unequal, but still writes
  CATCH "failing cmpxchg of read-only is a write", PF, 3
  TRY
  ENTER_USER
  mov [rbx], cl
  CATCH "user write of read-only", PF, 7
  CHECK "refused writes set no D", [abs PT], PAGE + 0x25
  mov rax, cr0
  and eax, ~CR0_WP
  mov cr0, rax
  TRY
  mov byte [rbx], 0xc3
  CATCH "supervisor write of read-only, no WP", NONE
  CHECK "it sets D", [abs PT], PAGE + 0x65
  TRY
  ENTER_USER
  mov [rbx], cl
  CATCH "user write of read-only, no WP", PF, 7
  mov rax, cr0
  or eax, CR0_WP
  mov cr0, rax
  TRY
  mov [rbx], cl
  CATCH "setting WP takes effect without a flush", PF, 3
  ; Read-only higher up.
  PTE PAGE + 7
  SET PD, PT + 5
  FLUSH
  TRY
  mov [rbx], cl
  CATCH "read-only in PDE", PF, 3
  SET PD, PT + 7
  SET PDPT, PD + 5
  FLUSH
  TRY
  mov [rbx], cl
  CATCH "read-only in PDPTE", PF, 3
  SET PDPT, PD + 7
  SET PAGE_TABLES + 8, PDPT + 5
  FLUSH
  TRY
  mov [rbx], cl
  CATCH "read-only in PML4E", PF, 3
  SET PAGE_TABLES + 8, PDPT + 7
  FLUSH
  ; Supervisor pages.
  PTE PAGE + 3
  TRY
  ENTER_USER
  mov cl, [rbx]
  CATCH "user read of supervisor page", PF, 5
  TRY
  ENTER_USER
  mov [rbx], cl
  CATCH "user write of supervisor page", PF, 7
  TRY
  ENTER_USER
  jmp rbx
  CATCH "user fetch of supervisor page", PF, 0x15
  CHECK "cs of a user fault", [last_cs], UCODE64
  CHECK "ss of a user fault", [last_ss], UDATA
  CHECK "rsp of a user fault", [last_rsp], [user_stack_pointer]
  PTE PAGE + 7
  SET PD, PT + 3
  FLUSH
  TRY
  ENTER_USER
  mov cl, [rbx]
  CATCH "supervisor in PDE", PF, 5
  SET PD, PT + 7
  FLUSH
  ; NX.
  PTE PAGE + 7 + (1 << 63)
  TRY
  call rbx
  CATCH "fetch of NX page", PF, 0x11
  TRY
  ENTER_USER
  jmp rbx
  CATCH "user fetch of NX page", PF, 0x15
  TRY
  mov cl, [rbx]
  mov [rbx], cl
  CATCH "data of NX page", NONE
  PTE PAGE + 7
  SET PD, PT + 7 + (1 << 63)
  FLUSH
  TRY
  call rbx
  CATCH "NX in PDE", PF, 0x11
  SET PD, PT + 7
  SET PDPT, PD + 7 + (1 << 63)
  FLUSH
  TRY
  call rbx
  CATCH "NX in PDPTE", PF, 0x11
  SET PDPT, PD + 7
  SET PAGE_TABLES + 8, PDPT + 7 + (1 << 63)
  FLUSH
  TRY
  call rbx
  CATCH "NX in PML4E", PF, 0x11
  SET PAGE_TABLES + 8, PDPT + 7
  FLUSH
  PTE PAGE + 7
  TRY
  call rbx
  CATCH "fetch without NX", NONE
  ; NX is reserved while EFER.NXE is clear; fetches are then not told in the error code.
  WRITE_MSR EFER, EFER_LME | EFER_SCE
  PTE PAGE + 7 + (1 << 63)
  TRY
  mov cl, [rbx]
  CATCH "NX without NXE is reserved", PF, 9
  PTE PAGE + 6
  TRY
  call rbx
  CATCH "fetch error code without NXE", PF, 0
  WRITE_MSR EFER, EFER_LME | EFER_SCE | EFER_NXE
  ; Reserved bits.
  PTE PAGE + 7 + (1 << 51)
  TRY
  mov cl, [rbx]
  CATCH "reserved address bit, read", PF, 9
  TRY
  mov [rbx], cl
  CATCH "reserved address bit, write", PF, 0xb
  TRY
  call rbx
  CATCH "reserved address bit, fetch", PF, 0x19
  TRY
  ENTER_USER
  mov cl, [rbx]
  CATCH "reserved address bit, user", PF, 0xd
  PTE PAGE + 6 + (1 << 51)
  TRY
  mov cl, [rbx]
  CATCH "reserved bits of an absent entry do not count", PF, 0
  PTE PAGE + 7
  SET PAGE_TABLES + 8, PDPT + 0x87
  FLUSH
  TRY
  mov cl, [rbx]
  CATCH "PS in PML4E is reserved", PF, 9
  SET PAGE_TABLES + 8, PDPT + 7
  SET PD, 0x600000 + 0x87 + 0x2000
  FLUSH
  TRY
  mov cl, [rbx]
  CATCH "misaligned 2M frame is reserved", PF, 9
  ; Large pages.
  SET PD, 0x400000 + 0x87
  FLUSH
  mov qword [abs 0x512340], 0x12345678
  TRY
  mov rcx, [rbx + 0x112340]
  CATCH "read 2M", NONE
  CHECK "value 2M", rcx, 0x12345678
  CHECK "A in 2M PDE", [abs PD], 0x400000 + 0xa7
  TRY
  mov [rbx + 0x1fffff], cl
  CATCH "write 2M", NONE
  CHECK "D in 2M PDE", [abs PD], 0x400000 + 0xe7
  TRY
  mov [rbx + 0x1ffffd], ecx
  CATCH "access over the end of the mapping", PF, 2
  CHECK "cr2 is the second page", [last_cr2], VA + 0x200000
  SET PD, 0x400000 + 0x87 + 0x1000   ; the PAT bit
  FLUSH
  TRY
  mov rcx, [rbx + 0x112340]
  CATCH "PAT bit of 2M", NONE
  SET PDPT, 0x87
  FLUSH
  TRY
  mov rcx, [rbx + 0x512340]
  CATCH "read 1G", NONE
  CHECK "value 1G", rcx, 0x12345678
  CHECK "A in 1G PDPTE", [abs PDPT], 0xa7
  SET PDPT, 0x87 + 0x200000
  FLUSH
  TRY
  mov rcx, [rbx]
  CATCH "misaligned 1G frame is reserved", PF, 9
  SET PDPT, PD + 7
  SET PD, PT + 7
  PTE PAGE + 7
  FLUSH
  ; SMEP and SMAP.
  mov rax, cr4
  or rax, CR4_SMEP
  mov cr4, rax
  TRY
  call rbx
  CATCH "SMEP: fetch of user page", PF, 0x11
  TRY
  mov cl, [rbx]
  CATCH "SMEP: data of user page", NONE
  mov rax, cr4
  and rax, ~CR4_SMEP
  or rax, CR4_SMAP
  mov cr4, rax
  TRY
  mov cl, [rbx]
  CATCH "SMAP: read of user page", PF, 1
  TRY
  mov [rbx], cl
  CATCH "SMAP: write of user page", PF, 3
  TRY
  stac
  mov cl, [rbx]
  mov [rbx], cl
  CATCH "SMAP: AC overrides", NONE
  TRY
  stac
  mov cl, [rbx]
  clac
  mov cl, [rbx]
  CATCH "SMAP: CLAC ends it at once", PF, 1
  TRY
  call rbx
  CATCH "SMAP: fetch of user page", NONE
  TRY
  ENTER_USER
  mov cl, [rbx]
  CATCH "SMAP: user access", NONE
  TRY
  ENTER_USER
  stac
  CATCH "STAC in user mode", UD
  PTE PAGE + 3
  TRY
  mov cl, [rbx]
  CATCH "SMAP: supervisor page", NONE
  ; An implicit supervisor access ignores AC: the LDT in a user page.
  PTE PAGE + 7
  mov rax, 0x00cf93000000ffff
  mov [abs PAGE + 0x208], rax
  mov rax, 0x000082000200000f | ((VA >> 24) & 0xff) << 56
  mov [gdt_free], rax
  mov qword [gdt_free + 8], VA >> 32
  mov eax, FREE_SEL
  lldt ax
  TRY
  stac
  mov eax, 0xc
  mov ds, eax
  CATCH "SMAP: AC does not override implicit accesses", PF, 1
  CHECK "cr2 of the implicit access", [last_cr2], VA + 0x208
  mov rax, cr4
  and rax, ~CR4_SMAP
  mov cr4, rax
  ; Non-canonical addresses.
  mov rdx, 0x800000000000
  TRY
  mov cl, [rdx]
  CATCH "non-canonical read", GP
  TRY
  mov cl, [rdx - 1]
  CATCH "last canonical byte", PF, 0
  mov rbp, rdx
  TRY
  mov cl, [rbp]
  CATCH "non-canonical by RBP is a stack fault", SS_
  TRY
  db 0x3e
  mov cl, [rbp]
  CATCH "DS override in 64-bit mode is ignored: still a stack fault", SS_
  TRY
  jmp rdx
  CATCH "non-canonical jump", GP
  CHECK "rip of the jump, not its target", [last_cs], KCODE64
  ; INVLPG and stale translations.
  PTE PAGE + 7
  mov cl, [rbx]
  mov byte [abs PAGE + 0x1000], 0x77
  SET PT, PAGE + 0x1007
  mov rax, VA + 0xabc
  invlpg [rax]
  movzx ecx, byte [rbx]
  CHECK "INVLPG by any address of the page", rcx, 0x77
  SET PT, PAGE + 7
  FLUSH
  movzx ecx, byte [rbx]
  CHECK "MOV CR3 flushes", rcx, 0xc3
  TRY
  ENTER_USER
  invlpg [rbx]
  CATCH "INVLPG in user mode", GP
  ; A permission that grew needs no flush to be used.
  PTE PAGE + 5
  mov cl, [rbx]
  SET PT, PAGE + 7
  TRY
  mov [rbx], cl
  CATCH "a stale refusal is looked up again", NONE
  ret
