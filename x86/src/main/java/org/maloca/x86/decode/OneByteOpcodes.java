package org.maloca.x86.decode;

/**
 * The one-byte opcode map (Intel SDM volume 2, table A-2; AMD APM volume 3, A.1) but for prefixes,
 * escapes and x87.
 */
final class OneByteOpcodes {
  static final String ARITHMETIC =
      """
      * 00 ADD Eb,Gb lock
      * 01 ADD Ev,Gv lock
      * 02 ADD Gb,Eb
      * 03 ADD Gv,Ev
      * 04 ADD AL,Is
      * 05 ADD rAX,Iz
      * 06 PUSH_SEG ES i64 v
      * 07 POP_SEG ES i64 v
      * 08 OR Eb,Gb lock
      * 09 OR Ev,Gv lock
      * 0A OR Gb,Eb
      * 0B OR Gv,Ev
      * 0C OR AL,Is
      * 0D OR rAX,Iz
      * 0E PUSH_SEG CS i64 v
      * 10 ADC Eb,Gb lock
      * 11 ADC Ev,Gv lock
      * 12 ADC Gb,Eb
      * 13 ADC Gv,Ev
      * 14 ADC AL,Is
      * 15 ADC rAX,Iz
      * 16 PUSH_SEG SS i64 v
      * 17 POP_SEG SS i64 v
      * 18 SBB Eb,Gb lock
      * 19 SBB Ev,Gv lock
      * 1A SBB Gb,Eb
      * 1B SBB Gv,Ev
      * 1C SBB AL,Is
      * 1D SBB rAX,Iz
      * 1E PUSH_SEG DS i64 v
      * 1F POP_SEG DS i64 v
      * 20 AND Eb,Gb lock
      * 21 AND Ev,Gv lock
      * 22 AND Gb,Eb
      * 23 AND Gv,Ev
      * 24 AND AL,Is
      * 25 AND rAX,Iz
      * 27 DAA - i64
      * 28 SUB Eb,Gb lock
      * 29 SUB Ev,Gv lock
      * 2A SUB Gb,Eb
      * 2B SUB Gv,Ev
      * 2C SUB AL,Is
      * 2D SUB rAX,Iz
      * 2F DAS - i64
      * 30 XOR Eb,Gb lock
      * 31 XOR Ev,Gv lock
      * 32 XOR Gb,Eb
      * 33 XOR Gv,Ev
      * 34 XOR AL,Is
      * 35 XOR rAX,Iz
      * 37 AAA - i64
      * 38 CMP Eb,Gb
      * 39 CMP Ev,Gv
      * 3A CMP Gb,Eb
      * 3B CMP Gv,Ev
      * 3C CMP AL,Is
      * 3D CMP rAX,Iz
      * 3F AAS - i64
      """;

  static final String OTHERS =
      """
      * 40+8 INC Zv i64
      * 48+8 DEC Zv i64
      * 50+8 PUSH Zv d64
      * 58+8 POP Zv d64
      * 60 PUSHA - i64 v
      * 61 POPA - i64 v
      * 62 BOUND Gv,Mv i64
      * 63 ARPL Ew,Gw i64 prot
      * 63 MOVSXD Gv,Ed o64 src
      * 68 PUSH Iz d64
      * 69 IMUL Gv,Ev,Iz
      * 6A PUSH Is d64
      * 6B IMUL Gv,Ev,Is
      * 6C INS - b rep es
      * 6D INS - z rep es
      * 6E OUTS - b rep ds
      * 6F OUTS - z rep ds
      * 70+16 JCC Jb d64 cc
      * 80/0 ADD Eb,Is lock
      * 80/1 OR Eb,Is lock
      * 80/2 ADC Eb,Is lock
      * 80/3 SBB Eb,Is lock
      * 80/4 AND Eb,Is lock
      * 80/5 SUB Eb,Is lock
      * 80/6 XOR Eb,Is lock
      * 80/7 CMP Eb,Is
      * 81/0 ADD Ev,Iz lock
      * 81/1 OR Ev,Iz lock
      * 81/2 ADC Ev,Iz lock
      * 81/3 SBB Ev,Iz lock
      * 81/4 AND Ev,Iz lock
      * 81/5 SUB Ev,Iz lock
      * 81/6 XOR Ev,Iz lock
      * 81/7 CMP Ev,Iz
      * 82/0 ADD Eb,Is lock i64
      * 82/1 OR Eb,Is lock i64
      * 82/2 ADC Eb,Is lock i64
      * 82/3 SBB Eb,Is lock i64
      * 82/4 AND Eb,Is lock i64
      * 82/5 SUB Eb,Is lock i64
      * 82/6 XOR Eb,Is lock i64
      * 82/7 CMP Eb,Is i64
      * 83/0 ADD Ev,Is lock
      * 83/1 OR Ev,Is lock
      * 83/2 ADC Ev,Is lock
      * 83/3 SBB Ev,Is lock
      * 83/4 AND Ev,Is lock
      * 83/5 SUB Ev,Is lock
      * 83/6 XOR Ev,Is lock
      * 83/7 CMP Ev,Is
      * 84 TEST Eb,Gb
      * 85 TEST Ev,Gv
      * 86 XCHG Eb,Gb xlock
      * 87 XCHG Ev,Gv xlock
      * 88 MOV Eb,Gb
      * 89 MOV Ev,Gv
      * 8A MOV Gb,Eb
      * 8B MOV Gv,Ev
      * 8C MOV_FROM_SEG Ev,Sw mem16
      * 8D LEA Gv,Mv
      * 8E MOV_TO_SEG Sw,Ew
      * 8F/0 POP Ev d64
      n62 90 NOP -
      3 90 PAUSE -
      * 91 XCHG Zv,rAX
      * 92 XCHG Zv,rAX
      * 93 XCHG Zv,rAX
      * 94 XCHG Zv,rAX
      * 95 XCHG Zv,rAX
      * 96 XCHG Zv,rAX
      * 97 XCHG Zv,rAX
      * 98 CBW - v
      * 99 CWD - v
      * 9A CALL_FAR Av i64 v
      * 9B FWAIT -
      * 9C PUSHF - d64
      * 9D POPF - d64
      * 9E SAHF -
      * 9F LAHF -
      * A0 MOV AL,Ob
      * A1 MOV rAX,Ov
      * A2 MOV Ob,AL
      * A3 MOV Ov,rAX
      * A4 MOVS - b rep ds
      * A5 MOVS - v rep ds
      * A6 CMPS - b rep ds
      * A7 CMPS - v rep ds
      * A8 TEST AL,Is
      * A9 TEST rAX,Iz
      * AA STOS - b rep es
      * AB STOS - v rep es
      * AC LODS - b rep ds
      * AD LODS - v rep ds
      * AE SCAS - b rep es
      * AF SCAS - v rep es
      * B0+8 MOV Zb,Is
      * B8+8 MOV Zv,Iv
      * C0/0 ROL Eb,Ib
      * C0/1 ROR Eb,Ib
      * C0/2 RCL Eb,Ib
      * C0/3 RCR Eb,Ib
      * C0/4 SHL Eb,Ib
      * C0/5 SHR Eb,Ib
      * C0/6 SHL Eb,Ib
      * C0/7 SAR Eb,Ib
      * C1/0 ROL Ev,Ib
      * C1/1 ROR Ev,Ib
      * C1/2 RCL Ev,Ib
      * C1/3 RCR Ev,Ib
      * C1/4 SHL Ev,Ib
      * C1/5 SHR Ev,Ib
      * C1/6 SHL Ev,Ib
      * C1/7 SAR Ev,Ib
      * C2 RET Iw d64
      * C3 RET 0 d64
      * C4 LOAD_FAR_POINTER Gz,Mz,ES i64
      * C5 LOAD_FAR_POINTER Gz,Mz,DS i64
      * C6/0 MOV Eb,Is
      * C6/1 UD Eb,Is
      * C6/2 UD Eb,Is
      * C6/3 UD Eb,Is
      * C6/4 UD Eb,Is
      * C6/5 UD Eb,Is
      * C6/6 UD Eb,Is
      * C6/7 UD Eb,Is
      * C7/0 MOV Ev,Iz
      * C7/1 UD Ev,Iz
      * C7/2 UD Ev,Iz
      * C7/3 UD Ev,Iz
      * C7/4 UD Ev,Iz
      * C7/5 UD Ev,Iz
      * C7/6 UD Ev,Iz
      * C7/7 UD Ev,Iz
      * C8 ENTER Iw,Il d64
      * C9 LEAVE - d64
      * CA RET_FAR Iw v
      * CB RET_FAR 0 v
      * CC INT3 -
      * CD INT Ib
      * CE INTO - i64
      * CF IRET - v
      * D0/0 ROL Eb,1
      * D0/1 ROR Eb,1
      * D0/2 RCL Eb,1
      * D0/3 RCR Eb,1
      * D0/4 SHL Eb,1
      * D0/5 SHR Eb,1
      * D0/6 SHL Eb,1
      * D0/7 SAR Eb,1
      * D1/0 ROL Ev,1
      * D1/1 ROR Ev,1
      * D1/2 RCL Ev,1
      * D1/3 RCR Ev,1
      * D1/4 SHL Ev,1
      * D1/5 SHR Ev,1
      * D1/6 SHL Ev,1
      * D1/7 SAR Ev,1
      * D2/0 ROL Eb,CL
      * D2/1 ROR Eb,CL
      * D2/2 RCL Eb,CL
      * D2/3 RCR Eb,CL
      * D2/4 SHL Eb,CL
      * D2/5 SHR Eb,CL
      * D2/6 SHL Eb,CL
      * D2/7 SAR Eb,CL
      * D3/0 ROL Ev,CL
      * D3/1 ROR Ev,CL
      * D3/2 RCL Ev,CL
      * D3/3 RCR Ev,CL
      * D3/4 SHL Ev,CL
      * D3/5 SHR Ev,CL
      * D3/6 SHL Ev,CL
      * D3/7 SAR Ev,CL
      * D4 AAM Ib i64
      * D5 AAD Ib i64
      * D6 SALC - i64
      * D7 XLAT - ds
      n6 E0 LOOPNE Jb d64
      2 E0 LOOPNE Jb d64
      3 E0 LOOPE Jb d64
      n6 E1 LOOPE Jb d64
      2 E1 LOOPNE Jb d64
      3 E1 LOOPE Jb d64
      * E2 LOOP Jb d64
      * E3 JCXZ Jb d64
      * E4 IN AL,Ib
      * E5 IN eAX,Ib
      * E6 OUT Ib,AL
      * E7 OUT Ib,eAX
      * E8 CALL Jz d64
      * E9 JMP Jz d64
      * EA JMP_FAR Av i64 v
      * EB JMP Jb d64
      * EC IN AL,DX
      * ED IN eAX,DX
      * EE OUT DX,AL
      * EF OUT DX,eAX
      * F1 INT1 -
      * F4 HLT -
      * F5 CMC -
      * F6/0 TEST Eb,Is
      * F6/1 TEST Eb,Is
      * F6/2 NOT Eb lock
      * F6/3 NEG Eb lock
      * F6/4 MUL Eb
      * F6/5 IMUL_WIDE Eb
      * F6/6 DIV Eb
      * F6/7 IDIV Eb
      * F7/0 TEST Ev,Iz
      * F7/1 TEST Ev,Iz
      * F7/2 NOT Ev lock
      * F7/3 NEG Ev lock
      * F7/4 MUL Ev
      * F7/5 IMUL_WIDE Ev
      * F7/6 DIV Ev
      * F7/7 IDIV Ev
      * F8 CLC -
      * F9 STC -
      * FA CLI -
      * FB STI -
      * FC CLD -
      * FD STD -
      * FE/0 INC Eb lock
      * FE/1 DEC Eb lock
      * FF/0 INC Ev lock
      * FF/1 DEC Ev lock
      * FF/2 CALL_INDIRECT Ev d64
      * FF/3m CALL_FAR Mv
      * FF/4 JMP_INDIRECT Ev d64
      * FF/5m JMP_FAR Mz
      * FF/6 PUSH Ev d64
      """;

  private OneByteOpcodes() {}
}
