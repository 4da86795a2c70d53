package org.maloca.x86.decode;

/** The 0F 38 opcode map (Intel SDM volume 2, table A-4). */
final class ThreeByte38Opcodes {
  static final String ROWS =
      """
      n 00 PSHUFB Px,Qx
      6 00 PSHUFB Vx,Wx
      n 01 PHADDW Px,Qx
      6 01 PHADDW Vx,Wx
      n 02 PHADDD Px,Qx
      6 02 PHADDD Vx,Wx
      n 03 PHADDSW Px,Qx
      6 03 PHADDSW Vx,Wx
      n 04 PMADDUBSW Px,Qx
      6 04 PMADDUBSW Vx,Wx
      n 05 PHSUBW Px,Qx
      6 05 PHSUBW Vx,Wx
      n 06 PHSUBD Px,Qx
      6 06 PHSUBD Vx,Wx
      n 07 PHSUBSW Px,Qx
      6 07 PHSUBSW Vx,Wx
      n 08 PSIGNB Px,Qx
      6 08 PSIGNB Vx,Wx
      n 09 PSIGNW Px,Qx
      6 09 PSIGNW Vx,Wx
      n 0A PSIGND Px,Qx
      6 0A PSIGND Vx,Wx
      n 0B PMULHRSW Px,Qx
      6 0B PMULHRSW Vx,Wx
      6 10 PBLENDVB Vx,Wx,XMM0
      6 14 BLENDVPS Vx,Wx,XMM0
      6 15 BLENDVPD Vx,Wx,XMM0
      6 17 PTEST Vx,Wx
      n 1C PABSB Px,Qx
      6 1C PABSB Vx,Wx
      n 1D PABSW Px,Qx
      6 1D PABSW Vx,Wx
      n 1E PABSD Px,Qx
      6 1E PABSD Vx,Wx
      6 20 PMOVSXBW Vx,Wx
      6 21 PMOVSXBD Vx,Wx
      6 22 PMOVSXBQ Vx,Wx
      6 23 PMOVSXWD Vx,Wx
      6 24 PMOVSXWQ Vx,Wx
      6 25 PMOVSXDQ Vx,Wx
      6 28 PMULDQ Vx,Wx
      6 29 PCMPEQQ Vx,Wx
      6 2A MOVNTDQA Vx,Mx
      6 2B PACKUSDW Vx,Wx
      6 30 PMOVZXBW Vx,Wx
      6 31 PMOVZXBD Vx,Wx
      6 32 PMOVZXBQ Vx,Wx
      6 33 PMOVZXWD Vx,Wx
      6 34 PMOVZXWQ Vx,Wx
      6 35 PMOVZXDQ Vx,Wx
      6 37 PCMPGTQ Vx,Wx
      6 38 PMINSB Vx,Wx
      6 39 PMINSD Vx,Wx
      6 3A PMINUW Vx,Wx
      6 3B PMINUD Vx,Wx
      6 3C PMAXSB Vx,Wx
      6 3D PMAXSD Vx,Wx
      6 3E PMAXUW Vx,Wx
      6 3F PMAXUD Vx,Wx
      6 40 PMULLD Vx,Wx
      6 41 PHMINPOSUW Vx,Wx
      6 82 INVPCID Gm,Mx
      n C8 SHA1NEXTE Vx,Wx
      n C9 SHA1MSG1 Vx,Wx
      n CA SHA1MSG2 Vx,Wx
      n CB SHA256RNDS2 Vx,Wx,XMM0
      n CC SHA256MSG1 Vx,Wx
      n CD SHA256MSG2 Vx,Wx
      6 DB AESIMC Vx,Wx
      6 DC AESENC Vx,Wx
      6 DD AESENCLAST Vx,Wx
      6 DE AESDEC Vx,Wx
      6 DF AESDECLAST Vx,Wx
      n6 F0 MOVBE Gv,Mv
      2 F0 CRC32 Gy,Eb src
      n6 F1 MOVBE Mv,Gv
      2 F1 CRC32 Gy,Ev src
      6 F6 ADCX Gy,Ey
      3 F6 ADOX Gy,Ey
      """;

  private ThreeByte38Opcodes() {}
}
