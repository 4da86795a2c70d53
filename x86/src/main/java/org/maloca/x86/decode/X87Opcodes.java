package org.maloca.x86.decode;

/**
 * The x87 escapes D8-DF (Intel SDM volume 2, A.5), with the aliases that CPUs have kept (AMD APM
 * volume 3, table A-15).
 */
final class X87Opcodes {
  static final String ROWS =
      """
      * D8/0m FADD ST,f32
      * D8/1m FMUL ST,f32
      * D8/2m FCOM ST,f32
      * D8/3m FCOM ST,f32 pop
      * D8/4m FSUB ST,f32
      * D8/5m FSUBR ST,f32
      * D8/6m FDIV ST,f32
      * D8/7m FDIVR ST,f32
      * D8:C0+8 FADD ST,STi
      * D8:C8+8 FMUL ST,STi
      * D8:D0+8 FCOM ST,STi
      * D8:D8+8 FCOM ST,STi pop
      * D8:E0+8 FSUB ST,STi
      * D8:E8+8 FSUBR ST,STi
      * D8:F0+8 FDIV ST,STi
      * D8:F8+8 FDIVR ST,STi
      * D9/0m FLD f32
      * D9/2m FST f32
      * D9/3m FST f32 pop
      * D9/4m FLDENV Mz
      * D9/5m FLDCW Mw
      * D9/6m FNSTENV Mz
      * D9/7m FNSTCW Mw
      * D9:C0+8 FLD STi
      * D9:C8+8 FXCH STi
      * D9:D0 FNOP -
      * D9:D8+8 FST STi pop
      * D9:E0 FCHS -
      * D9:E1 FABS -
      * D9:E4 FTST -
      * D9:E5 FXAM -
      * D9:E8 FLD1 -
      * D9:E9 FLDL2T -
      * D9:EA FLDL2E -
      * D9:EB FLDPI -
      * D9:EC FLDLG2 -
      * D9:ED FLDLN2 -
      * D9:EE FLDZ -
      * D9:F0 F2XM1 -
      * D9:F1 FYL2X -
      * D9:F2 FPTAN -
      * D9:F3 FPATAN -
      * D9:F4 FXTRACT -
      * D9:F5 FPREM1 -
      * D9:F6 FDECSTP -
      * D9:F7 FINCSTP -
      * D9:F8 FPREM -
      * D9:F9 FYL2XP1 -
      * D9:FA FSQRT -
      * D9:FB FSINCOS -
      * D9:FC FRNDINT -
      * D9:FD FSCALE -
      * D9:FE FSIN -
      * D9:FF FCOS -
      * DA/0m FADD ST,i32
      * DA/1m FMUL ST,i32
      * DA/2m FICOM ST,i32
      * DA/3m FICOM ST,i32 pop
      * DA/4m FSUB ST,i32
      * DA/5m FSUBR ST,i32
      * DA/6m FDIV ST,i32
      * DA/7m FDIVR ST,i32
      * DA:C0+8 FCMOVB ST,STi
      * DA:C8+8 FCMOVE ST,STi
      * DA:D0+8 FCMOVBE ST,STi
      * DA:D8+8 FCMOVU ST,STi
      * DA:E9 FUCOM ST,STi pop2
      * DB/0m FILD i32
      * DB/1m FISTTP i32 pop
      * DB/2m FIST i32
      * DB/3m FIST i32 pop
      * DB/5m FLD f80
      * DB/7m FST f80 pop
      * DB:C0+8 FCMOVNB ST,STi
      * DB:C8+8 FCMOVNE ST,STi
      * DB:D0+8 FCMOVNBE ST,STi
      * DB:D8+8 FCMOVNU ST,STi
      * DB:E0 FNOP -
      * DB:E1 FNOP -
      * DB:E2 FNCLEX -
      * DB:E3 FNINIT -
      * DB:E4 FNOP -
      * DB:E8+8 FUCOMI ST,STi
      * DB:F0+8 FCOMI ST,STi
      * DC/0m FADD ST,f64
      * DC/1m FMUL ST,f64
      * DC/2m FCOM ST,f64
      * DC/3m FCOM ST,f64 pop
      * DC/4m FSUB ST,f64
      * DC/5m FSUBR ST,f64
      * DC/6m FDIV ST,f64
      * DC/7m FDIVR ST,f64
      * DC:C0+8 FADD STi,ST
      * DC:C8+8 FMUL STi,ST
      * DC:D0+8 FCOM ST,STi
      * DC:D8+8 FCOM ST,STi pop
      * DC:E0+8 FSUBR STi,ST
      * DC:E8+8 FSUB STi,ST
      * DC:F0+8 FDIVR STi,ST
      * DC:F8+8 FDIV STi,ST
      * DD/0m FLD f64
      * DD/1m FISTTP i64 pop
      * DD/2m FST f64
      * DD/3m FST f64 pop
      * DD/4m FRSTOR Mz
      * DD/6m FNSAVE Mz
      * DD/7m FNSTSW Mw
      * DD:C0+8 FFREE STi
      * DD:C8+8 FXCH STi
      * DD:D0+8 FST STi
      * DD:D8+8 FST STi pop
      * DD:E0+8 FUCOM ST,STi
      * DD:E8+8 FUCOM ST,STi pop
      * DE/0m FADD ST,i16
      * DE/1m FMUL ST,i16
      * DE/2m FICOM ST,i16
      * DE/3m FICOM ST,i16 pop
      * DE/4m FSUB ST,i16
      * DE/5m FSUBR ST,i16
      * DE/6m FDIV ST,i16
      * DE/7m FDIVR ST,i16
      * DE:C0+8 FADD STi,ST pop
      * DE:C8+8 FMUL STi,ST pop
      * DE:D0+8 FCOM ST,STi pop
      * DE:E0+8 FSUBR STi,ST pop
      * DE:E8+8 FSUB STi,ST pop
      * DE:F0+8 FDIVR STi,ST pop
      * DE:F8+8 FDIV STi,ST pop
      * DE:D9 FCOM ST,STi pop2
      * DF/0m FILD i16
      * DF/1m FISTTP i16 pop
      * DF/2m FIST i16
      * DF/3m FIST i16 pop
      * DF/4m FBLD bcd
      * DF/5m FILD i64
      * DF/6m FBSTP bcd pop
      * DF/7m FIST i64 pop
      * DF:C0+8 FFREEP STi pop
      * DF:C8+8 FXCH STi
      * DF:D0+8 FST STi pop
      * DF:D8+8 FST STi pop
      * DF:E0 FNSTSW AX
      * DF:E8+8 FUCOMI ST,STi pop
      * DF:F0+8 FCOMI ST,STi pop
      """;

  private X87Opcodes() {}
}
