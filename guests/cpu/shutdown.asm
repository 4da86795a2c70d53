; Shutdown: a fault while a double fault is delivered stops the CPU, which on a PC resets it. Memory
; keeps the number of the attempt; the image is entered again after each.
; Intel SDM vol. 3, 6.15 (interrupt 8); AMD APM vol. 2, 8.2.9.
%include "lib/long.inc"

PHASE   equ 0x500

main:
  cmp byte [abs PHASE], 0
  jne .one_done
  mov byte [abs PHASE], 1
  lidt [empty]
  int3
  jmp .none
.one_done:
  cmp byte [abs PHASE], 1
  jne .two_done
  CHECK "INT3 with an empty IDT", 1, 1
  mov byte [abs PHASE], 2
  mov byte [abs idt + DF * 16 + 5], 0x0e
  mov byte [abs idt + GP * 16 + 5], 0x0e
  mov rax, 0x800000000000
  mov al, [rax]
  jmp .none
.two_done:
  cmp byte [abs PHASE], 2
  jne .three_done
  CHECK "#GP and #DF gates not present", 1, 1
  mov byte [abs PHASE], 3
  mov byte [abs idt + DF * 16 + 4], 0
  mov rsp, 0x800000000000
  ud2
  jmp .none
.three_done:
  cmp byte [abs PHASE], 3
  jne .four_done
  CHECK "non-canonical stack, double fault without IST", 1, 1
  mov byte [abs PHASE], 4
  mov eax, 0x200000                  ; zeros
  mov cr3, rax
  jmp .none
.four_done:
  cmp byte [abs PHASE], 4
  jne .five_done
  CHECK "page tables gone", 1, 1
  mov byte [abs PHASE], 5
  lgdt [empty]
  ud2
  jmp .none
.five_done:
  CHECK "no GDT for the gates", 1, 1
  ret
.none:
  CHECK "no shutdown", 1, 0
  ret

  section .data
empty: dw 0
  dq 0
