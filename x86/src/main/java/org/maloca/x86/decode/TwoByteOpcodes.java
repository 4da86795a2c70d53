package org.maloca.x86.decode;

/** The 0F opcode map (Intel SDM volume 2, table A-3; AMD APM volume 3, A.1). */
final class TwoByteOpcodes {
  static final String SYSTEM =
      """
      * 00/0 SLDT Ev prot mem16
      * 00/1 STR Ev prot mem16
      * 00/2 LLDT Ew prot
      * 00/3 LTR Ew prot
      * 00/4 VERR Ew prot
      * 00/5 VERW Ew prot
      * 01/0m SGDT Mp
      * 01/1m SIDT Mp
      * 01/2m LGDT Mp
      * 01/3m LIDT Mp
      * 01/4 SMSW Ev mem16
      * 01/6 LMSW Ew
      * 01/7m INVLPG Mx
      * 01:C1 VMCALL -
      * 01:C8 MONITOR - ds
      * 01:C9 MWAIT -
      n 01:CA CLAC -
      n 01:CB STAC -
      n 01:D0 XGETBV -
      n 01:D1 XSETBV -
      * 01:D9 VMMCALL -
      n 01:E8 SERIALIZE -
      * 01:F8 SWAPGS - o64
      * 01:F9 RDTSCP -
      * 02 LAR Gv,Ew prot
      * 03 LSL Gv,Ew prot
      * 05 SYSCALL -
      * 06 CLTS -
      * 07 SYSRET - y
      * 08 INVD -
      * 09 WBINVD -
      * 0D PREFETCH Mx
      * 18/0m PREFETCH Mx
      * 18/1m PREFETCH Mx
      * 18/2m PREFETCH Mx
      * 18/3m PREFETCH Mx
      * 18/4m NOP - modrm
      * 18/5m NOP - modrm
      * 18/6m NOP - modrm
      * 18/7m NOP - modrm
      * 18/R NOP - modrm
      * 19 NOP - modrm
      * 1A NOP - modrm
      * 1B NOP - modrm
      * 1C NOP - modrm
      * 1D NOP - modrm
      * 1E NOP - modrm
      * 1F NOP - modrm
      * 20 MOV_FROM_CR rm,Cm anymod
      * 21 MOV_FROM_DR rm,Dm anymod
      * 22 MOV_TO_CR Cm,rm anymod
      * 23 MOV_TO_DR Dm,rm anymod
      * 30 WRMSR -
      * 31 RDTSC -
      * 32 RDMSR -
      * 33 RDPMC -
      * 34 SYSENTER -
      * 35 SYSEXIT - y
      n 77 EMMS -
      * A2 CPUID -
      * AA RSM -
      n AE/0m FXSAVE My
      n AE/1m FXRSTOR My
      n AE/2m LDMXCSR Md
      n AE/3m STMXCSR Md
      n AE/4m XSAVE My
      n AE/5m XRSTOR My
      n AE/6m XSAVEOPT My
      n AE/7m CLFLUSH Mx
      6 AE/6m CLWB Mx
      6 AE/7m CLFLUSHOPT Mx
      n AE/5R LFENCE -
      n AE/6R MFENCE -
      n AE/7R SFENCE -
      3 AE/0R RDFSBASE Ry o64
      3 AE/1R RDGSBASE Ry o64
      3 AE/2R WRFSBASE Ry o64
      3 AE/3R WRGSBASE Ry o64
      """;

  static final String INTEGER =
      """
      * 40+16 CMOVCC Gv,Ev cc
      * 80+16 JCC Jz d64 cc
      * 90+16 SETCC Eb cc
      * A0 PUSH_SEG FS d64
      * A1 POP_SEG FS d64
      * A3 BT Ev,Gv
      * A4 SHLD Ev,Gv,Ib
      * A5 SHLD Ev,Gv,CL
      * A8 PUSH_SEG GS d64
      * A9 POP_SEG GS d64
      * AB BTS Ev,Gv lock
      * AC SHRD Ev,Gv,Ib
      * AD SHRD Ev,Gv,CL
      * AF IMUL Gv,Ev
      * B0 CMPXCHG Eb,Gb lock
      * B1 CMPXCHG Ev,Gv lock
      * B2 LOAD_FAR_POINTER Gz,Mz,SS
      * B3 BTR Ev,Gv lock
      * B4 LOAD_FAR_POINTER Gz,Mz,FS
      * B5 LOAD_FAR_POINTER Gz,Mz,GS
      * B6 MOVZX Gv,Eb src
      * B7 MOVZX Gv,Ew src
      n62 B8 UD Ev
      3 B8 POPCNT Gv,Ev
      * BA/4 BT Ev,Ib
      * BA/5 BTS Ev,Ib lock
      * BA/6 BTR Ev,Ib lock
      * BA/7 BTC Ev,Ib lock
      * BB BTC Ev,Gv lock
      n62 BC BSF Gv,Ev
      3 BC TZCNT Gv,Ev
      n62 BD BSR Gv,Ev
      3 BD LZCNT Gv,Ev
      * BE MOVSX Gv,Eb src
      * BF MOVSX Gv,Ew src
      * C0 XADD Eb,Gb lock
      * C1 XADD Ev,Gv lock
      n C3 MOVNTI My,Gy
      * C7/1m CMPXCHG8B Mq lock
      *W C7/1m CMPXCHG16B Mo lock
      n6 C7/6R RDRAND Rv
      n6 C7/7R RDSEED Rv
      3 C7/7R RDPID Rm
      * C8+8 BSWAP Zv
      """;

  private TwoByteOpcodes() {}
}
