; A 64-KiB ROM for QEMU whose reset vector goes to the guest at 0:0x7c00.
  bits 16
  org 0
  times 0xfff0 db 0x90
  jmp 0:0x7c00
  times 0x10000 - ($ - $$) db 0
