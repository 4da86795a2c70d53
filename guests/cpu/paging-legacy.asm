; 32-bit paging: 4-KiB and 4-MiB pages, PSE-36, error codes, WP, accessed and dirty bits, global pages,
; and that clearing PG needs no flush.
; Intel SDM vol. 3, 4.3, 4.6-4.8, 4.10; AMD APM vol. 2, 5.2.
%include "lib/protected.inc"

PD      equ 0x200000
PT      equ 0x201000
PAGE    equ 0x300000
VA      equ 0x80000000

%macro MAKE_PTE 1
  mov dword [PT], %1
  invlpg [ebx]
%endmacro
%include "lib/paging32.inc"

main:
  ; Identity for 16 MiB by 4-MiB pages; the test's page table at VA.
  mov edi, PD
  xor eax, eax
  mov ecx, 2048
  rep stosd
  mov dword [PD], 0x87
  mov dword [PD + 4], 0x400087
  mov dword [PD + 8], 0x800087
  mov dword [PD + (VA >> 22) * 4], PT + 7
  mov eax, cr4
  or eax, CR4_PSE
  mov cr4, eax
  mov eax, PD
  mov cr3, eax
  mov eax, cr0
  or eax, CR0_PG
  mov cr0, eax
  mov ebx, VA
  SHARED_PAGING_CHECKS PAGE
  CHECK "A of the directory entry", [PD + (VA >> 22) * 4], PT + 0x27
  ; Read-only and supervisor in the directory.
  mov eax, cr0
  or eax, CR0_WP
  mov cr0, eax
  mov dword [PD + (VA >> 22) * 4], PT + 5
  invlpg [ebx]
  TRY
  mov [ebx], cl
  CATCH "read-only directory entry", PF, 3
  mov dword [PD + (VA >> 22) * 4], PT + 3
  invlpg [ebx]
  TRY
  ENTER_USER
  mov cl, [ebx]
  CATCH "supervisor directory entry", PF, 5
  ; 4-MiB pages.
  mov dword [0x512340], 0x11223344
  mov dword [PD + (VA >> 22) * 4], 0x400087
  mov eax, cr3
  mov cr3, eax
  TRY
  mov ecx, [ebx + 0x112340]
  CATCH "read 4M", NONE
  CHECK "its value", ecx, 0x11223344
  CHECK "A of 4M", [PD + (VA >> 22) * 4], 0x4000a7
  TRY
  mov [ebx + 0x3fffff], cl
  CATCH "write 4M", NONE
  CHECK "D of 4M", [PD + (VA >> 22) * 4], 0x4000e7
  ; PSE-36: bits 13-16 are address bits 32-35; nothing is there.
  mov dword [PD + (VA >> 22) * 4], 0x402087
  mov eax, cr3
  mov cr3, eax
  TRY
  mov ecx, [ebx + 0x112340]
  CATCH "PSE-36", NONE
  CHECK "is not the page below 4G", ecx, 0xffffffff
  mov dword [PD + (VA >> 22) * 4], 0x600087
  mov eax, cr3
  mov cr3, eax
  TRY
  mov ecx, [ebx]
  CATCH "bit 21 of a 4M entry is reserved", PF, 9
  TRY
  ENTER_USER
  mov [ebx], ecx
  CATCH "reserved bit, user write", PF, 0xf
  mov dword [PD + (VA >> 22) * 4], 0x600086
  TRY
  mov ecx, [ebx]
  CATCH "reserved bit, not present", PF, 0
  ; Without CR4.PSE bit 7 means nothing. The identity map goes to tables first.
  mov edi, 0x210000
  mov eax, 7
.fill:
  stosd
  add eax, 0x1000
  cmp edi, 0x211000
  jb .fill
  mov dword [PD], 0x210007
  mov dword [PT], PAGE + 7
  mov dword [PD + (VA >> 22) * 4], PT + 0x87
  mov eax, cr4
  and eax, ~CR4_PSE
  mov cr4, eax
  mov dword [PAGE + 8], 0x77665544
  TRY
  mov ecx, [ebx + 8]
  CATCH "PS bit without CR4.PSE", NONE
  CHECK "is a table", ecx, 0x77665544
  ; Global pages stay over MOV CR3 and go with INVLPG or a change of CR4.PGE.
  mov eax, cr4
  or eax, CR4_PGE
  mov cr4, eax
  mov dword [PAGE + 0x1008], 0x10101010
  mov dword [PT], PAGE + 0x107
  invlpg [ebx]
  mov ecx, [ebx + 8]
  mov dword [PT], PAGE + 0x1107
  mov eax, cr3
  mov cr3, eax
  mov ecx, [ebx + 8]
  CHECK "global page over MOV CR3", ecx, 0x77665544
  mov eax, cr4
  and eax, ~CR4_PGE
  mov cr4, eax
  mov ecx, [ebx + 8]
  CHECK "clearing PGE flushes global pages", ecx, 0x10101010
  mov eax, cr4
  or eax, CR4_PGE
  mov cr4, eax
  mov ecx, [ebx + 8]
  mov dword [PT], PAGE + 0x107
  invlpg [ebx]
  mov ecx, [ebx + 8]
  CHECK "INVLPG of a global page", ecx, 0x77665544
  ; Off and on again.
  mov eax, cr0
  and eax, ~CR0_PG
  mov cr0, eax
  TRY
  mov eax, cr0
  or eax, CR0_PG
  mov dword [PT], PAGE + 0x1007
  mov cr0, eax
  mov ecx, [ebx + 8]
  CATCH "paging off and on", NONE
  CHECK "flushes global pages, too", ecx, 0x10101010
  mov eax, cr0
  and eax, ~CR0_PG
  mov cr0, eax
  ret
