package org.maloca.x86.decode;

/** The VEX-encoded instructions on general registers: BMI1 and BMI2 (Intel SDM volume 2). */
final class VexOpcodes {
  static final String MAP_0F38 =
      """
      n F2 ANDN Gy,By,Ey
      n F3/1 BLSR By,Ey
      n F3/2 BLSMSK By,Ey
      n F3/3 BLSI By,Ey
      n F5 BZHI Gy,Ey,By
      3 F5 PEXT Gy,By,Ey
      2 F5 PDEP Gy,By,Ey
      2 F6 MULX Gy,By,Ey
      n F7 BEXTR Gy,Ey,By
      6 F7 SHLX Gy,Ey,By
      3 F7 SARX Gy,Ey,By
      2 F7 SHRX Gy,Ey,By
      """;

  static final String MAP_0F3A =
      """
      2 F0 RORX Gy,Ey,Ib
      """;

  private VexOpcodes() {}
}
