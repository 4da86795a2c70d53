; PAE paging in protected mode: pointers checked at MOV CR3, 4-KiB and 2-MiB pages, NX,
; reserved bits, SMEP and SMAP, error codes.
; Intel SDM vol. 3, 4.4, 4.6-4.8; AMD APM vol. 2, 5.2.3.
%include "lib/protected.inc"

PDPT    equ 0x200000
PD      equ 0x201000
PD2     equ 0x202000
PT      equ 0x203000
PAGE    equ 0x300000
VA      equ 0x80000000

%macro MAKE_PTE 1-2 0
  mov dword [PT], %1
  mov dword [PT + 4], %2
  invlpg [ebx]
%endmacro
%include "lib/paging32.inc"

%macro FLUSH 0
  mov eax, cr3
  mov cr3, eax
%endmacro

main:
  mov edi, PDPT
  xor eax, eax
  mov ecx, 4096
  rep stosd
  mov dword [PDPT], PD + 1
  mov dword [PDPT + 16], PD2 + 1
  mov dword [PD], 0x87
  mov dword [PD + 8], 0x200087
  mov dword [PD + 16], 0x400087
  mov dword [PD2], PT + 7
  mov eax, cr4
  or eax, CR4_PAE
  mov cr4, eax
  mov ecx, EFER
  mov eax, EFER_NXE
  xor edx, edx
  wrmsr
  mov eax, PDPT
  mov cr3, eax
  mov eax, cr0
  or eax, CR0_PG
  mov cr0, eax
  mov ebx, VA
  SHARED_PAGING_CHECKS PAGE
  CHECK "A of the directory entry", [PD2], PT + 0x27
  CHECK "no A in the pointer", [PDPT + 16], PD2 + 1
  ; NX.
  MAKE_PTE PAGE | 7, 0x80000000
  TRY
  call ebx
  CATCH "fetch of NX page", PF, 0x11
  TRY
  ENTER_USER
  jmp ebx
  CATCH "user fetch of NX page", PF, 0x15
  TRY
  mov cl, [ebx]
  CATCH "data of NX page", NONE
  MAKE_PTE PAGE | 7
  TRY
  call ebx
  CATCH "fetch without NX", NONE
  MAKE_PTE PAGE | 6
  TRY
  call ebx
  CATCH "fetch not present", PF, 0x10
  ; Reserved bits.
  MAKE_PTE PAGE | 7, 1 << 30
  TRY
  mov cl, [ebx]
  CATCH "bit 62 is reserved", PF, 9
  MAKE_PTE PAGE | 7, 1 << 19
  TRY
  mov [ebx], cl
  CATCH "bit 51 is reserved", PF, 0xb
  MAKE_PTE PAGE | 7
  ; 2-MiB pages.
  mov dword [0x512340], 0x11223344
  mov dword [PD2], 0x400087
  FLUSH
  TRY
  mov ecx, [ebx + 0x112340]
  CATCH "read 2M", NONE
  CHECK "its value", ecx, 0x11223344
  CHECK "its A", [PD2], 0x4000a7
  mov dword [PD2], 0x402087
  FLUSH
  TRY
  mov ecx, [ebx]
  CATCH "misaligned 2M frame", PF, 9
  mov dword [PD2], PT + 7
  ; Pointers.
  FLUSH
  mov dword [PDPT + 16], 0
  FLUSH
  TRY
  mov cl, [ebx]
  CATCH "MOV CR3 loads it", PF, 0
  mov dword [PDPT + 16], PD2 + 3
  TRY
  mov eax, cr3
  mov cr3, eax
  CATCH "reserved bits of a pointer: MOV CR3 faults", GP, 0
  mov dword [PDPT + 16], PD2 + 1
  FLUSH
  TRY
  mov cl, [ebx]
  CATCH "a good pointer again", NONE
  ; CR3's low bits choose one of 128 tables in a page.
  mov dword [PDPT + 0x20], PD + 1
  mov dword [PDPT + 0x30], PD + 1
  mov eax, PDPT + 0x20
  mov cr3, eax
  mov ecx, [ebx + 0x512340]
  CHECK "pointer table at CR3 + 0x20", ecx, 0x11223344
  mov eax, PDPT
  mov cr3, eax
  ; SMEP and SMAP.
  MAKE_PTE PAGE | 7
  mov dword [PD], 0x83
  FLUSH
  mov eax, cr4
  or eax, CR4_SMEP
  mov cr4, eax
  TRY
  call ebx
  CATCH "SMEP", PF, 0x11
  mov eax, cr4
  and eax, ~CR4_SMEP
  or eax, CR4_SMAP
  mov cr4, eax
  TRY
  mov cl, [ebx]
  CATCH "SMAP", PF, 1
  TRY
  stac
  mov cl, [ebx]
  CATCH "SMAP with AC", NONE
  mov eax, cr4
  and eax, ~CR4_SMAP
  mov cr4, eax
  mov eax, cr0
  and eax, ~CR0_PG
  mov cr0, eax
  ret
