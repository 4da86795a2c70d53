/** The x86-64 CPU in software. */
module org.maloca.x86 {
  requires transitive org.maloca.core;
  requires static jdk.jfr;
  requires static org.jspecify;

  exports org.maloca.x86;
  exports org.maloca.x86.code;
  exports org.maloca.x86.decode;
  exports org.maloca.x86.fpu;
  exports org.maloca.x86.interpret;
  exports org.maloca.x86.ir;
  exports org.maloca.x86.mmu;
  exports org.maloca.x86.simd;
  exports org.maloca.x86.softfloat;
  exports org.maloca.x86.statistics;
  exports org.maloca.x86.translate;
}
