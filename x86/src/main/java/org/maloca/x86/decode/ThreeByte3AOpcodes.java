package org.maloca.x86.decode;

/** The 0F 3A opcode map (Intel SDM volume 2, table A-5). */
final class ThreeByte3AOpcodes {
  static final String ROWS =
      """
      6 08 ROUNDPS Vx,Wx,Ib
      6 09 ROUNDPD Vx,Wx,Ib
      6 0A ROUNDSS Vx,Wx,Ib
      6 0B ROUNDSD Vx,Wx,Ib
      6 0C BLENDPS Vx,Wx,Ib
      6 0D BLENDPD Vx,Wx,Ib
      6 0E PBLENDW Vx,Wx,Ib
      n 0F PALIGNR Px,Qx,Ib
      6 0F PALIGNR Vx,Wx,Ib
      6 14 PEXTRB Ed,Vx,Ib
      6 15 PEXTRW Ed,Vx,Ib
      6 16 PEXTRD Ed,Vx,Ib
      6W 16 PEXTRQ Eq,Vx,Ib
      6 17 EXTRACTPS Ed,Vx,Ib
      6 20 PINSRB Vx,Ed,Ib
      6 21 INSERTPS Vx,Wx,Ib
      6 22 PINSRD Vx,Ed,Ib
      6W 22 PINSRQ Vx,Eq,Ib
      6 40 DPPS Vx,Wx,Ib
      6 41 DPPD Vx,Wx,Ib
      6 42 MPSADBW Vx,Wx,Ib
      6 44 PCLMULQDQ Vx,Wx,Ib
      6 60 PCMPESTRM Vx,Wx,Ib y
      6 61 PCMPESTRI Vx,Wx,Ib y
      6 62 PCMPISTRM Vx,Wx,Ib
      6 63 PCMPISTRI Vx,Wx,Ib
      n CC SHA1RNDS4 Vx,Wx,Ib
      6 DF AESKEYGENASSIST Vx,Wx,Ib
      """;

  private ThreeByte3AOpcodes() {}
}
