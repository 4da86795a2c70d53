package org.maloca.x86.translate;

import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;

/** Classes and signatures that compiled regions refer to. */
final class Names {
  static final ClassDesc CPU = ClassDesc.of("org.maloca.x86.Cpu");
  static final ClassDesc MMU = ClassDesc.of("org.maloca.x86.mmu.Mmu");
  static final ClassDesc HOST_ACCESS = ClassDesc.of("org.maloca.x86.mmu.HostAccess");
  static final ClassDesc FLAGS = ClassDesc.of("org.maloca.x86.Flags");
  static final ClassDesc EVENTS = ClassDesc.of("org.maloca.x86.CpuEvents");
  static final ClassDesc FAULT = ClassDesc.of("org.maloca.x86.GuestFault");
  static final ClassDesc SEGMENT = ClassDesc.of("org.maloca.core.cpu.SegmentState");
  static final ClassDesc REGION = ClassDesc.of("org.maloca.x86.translate.Region");
  static final ClassDesc GUEST_CALL = ClassDesc.of("org.maloca.x86.translate.GuestCall");
  static final ClassDesc PARTS = ClassDesc.of("org.maloca.x86.translate.RegionParts");
  static final ClassDesc RETURN_PLACES = ClassDesc.of("org.maloca.x86.translate.ReturnPlaces");
  static final ClassDesc RUNTIME = ClassDesc.of("org.maloca.x86.translate.RegionRuntime");
  static final ClassDesc ATOMIC = ClassDesc.of("org.maloca.x86.mmu.AtomicUpdate");
  static final ClassDesc DIVISION = ClassDesc.of("org.maloca.x86.integer.Division");
  static final ClassDesc BIT_FIELD = ClassDesc.of("org.maloca.x86.integer.BitField");
  static final ClassDesc CRC32C = ClassDesc.of("org.maloca.x86.integer.Crc32c");
  static final ClassDesc INTEGER_CLASS = ClassDesc.of("java.lang.Integer");
  static final ClassDesc LONG_CLASS = ClassDesc.of("java.lang.Long");
  static final ClassDesc DOUBLE_CLASS = ClassDesc.of("java.lang.Double");
  static final ClassDesc FLOAT_CLASS = ClassDesc.of("java.lang.Float");
  static final ClassDesc VAR_HANDLE = ClassDesc.of("java.lang.invoke.VarHandle");
  static final ClassDesc MATH = ClassDesc.of("java.lang.Math");
  static final ClassDesc LONGS = CD_long.arrayType();

  static final MethodTypeDesc LONG_TO_LONG = MethodTypeDesc.of(CD_long, CD_long);
  static final MethodTypeDesc LONG_TO_DOUBLE = MethodTypeDesc.of(CD_double, CD_long);
  static final MethodTypeDesc DOUBLE_TO_LONG = MethodTypeDesc.of(CD_long, CD_double);
  static final MethodTypeDesc INT_TO_FLOAT = MethodTypeDesc.of(CD_float, CD_int);
  static final MethodTypeDesc FLOAT_TO_INT = MethodTypeDesc.of(CD_int, CD_float);
  static final MethodTypeDesc LONG_TO_INT = MethodTypeDesc.of(CD_int, CD_long);
  static final MethodTypeDesc LONG_LONG_TO_VOID = MethodTypeDesc.of(CD_void, CD_long, CD_long);
  static final MethodTypeDesc LONG_INT_TO_VOID = MethodTypeDesc.of(CD_void, CD_long, CD_int);
  static final MethodTypeDesc LONG_TO_VOID = MethodTypeDesc.of(CD_void, CD_long);
  static final MethodTypeDesc LONG_INT_TO_LONG = MethodTypeDesc.of(CD_long, CD_long, CD_int);
  static final MethodTypeDesc LONG_INT_TO_BOOLEAN = MethodTypeDesc.of(CD_boolean, CD_long, CD_int);
  static final MethodTypeDesc LONG_LONG_TO_BOOLEAN =
      MethodTypeDesc.of(CD_boolean, CD_long, CD_long);
  static final MethodTypeDesc LONG_LONG_LONG_TO_BOOLEAN =
      MethodTypeDesc.of(CD_boolean, CD_long, CD_long, CD_long);
  static final MethodTypeDesc LONG_LONG_INT_TO_VOID =
      MethodTypeDesc.of(CD_void, CD_long, CD_long, CD_int);
  static final MethodTypeDesc LONG_INT_INT_TO_LONG =
      MethodTypeDesc.of(CD_long, CD_long, CD_int, CD_int);
  static final MethodTypeDesc LONG_LONG_INT_TO_BOOLEAN =
      MethodTypeDesc.of(CD_boolean, CD_long, CD_long, CD_int);
  static final MethodTypeDesc LONG_LONG_TO_LONG = MethodTypeDesc.of(CD_long, CD_long, CD_long);
  static final MethodTypeDesc INT_INT_TO_INT = MethodTypeDesc.of(CD_int, CD_int, CD_int);
  static final MethodTypeDesc INT_LONG_TO_INT = MethodTypeDesc.of(CD_int, CD_int, CD_long);
  static final MethodTypeDesc LONG_LONG_TO_INT = MethodTypeDesc.of(CD_int, CD_long, CD_long);
  static final MethodTypeDesc CPU_LONG_TO_LONG = MethodTypeDesc.of(CD_long, CPU, CD_long);
  static final MethodTypeDesc CPU_TO_REGION = MethodTypeDesc.of(REGION, CPU);
  static final MethodTypeDesc CPU_INT_INT_TO_VOID = MethodTypeDesc.of(CD_void, CPU, CD_int, CD_int);
  static final MethodTypeDesc CPU_TO_VOID = MethodTypeDesc.of(CD_void, CPU);
  static final MethodTypeDesc TO_LONG = MethodTypeDesc.of(CD_long);
  static final MethodTypeDesc TO_VOID = MethodTypeDesc.of(CD_void);
  static final MethodTypeDesc CPU_TO_FAULT = MethodTypeDesc.of(FAULT, CPU);
  static final MethodTypeDesc LAZY_TO_BOOLEAN =
      MethodTypeDesc.of(CD_boolean, CD_int, CD_long, CD_long);
  static final MethodTypeDesc CONDITION =
      MethodTypeDesc.of(CD_boolean, CD_int, CD_int, CD_long, CD_long);
  static final MethodTypeDesc LAZY_TO_INT = MethodTypeDesc.of(CD_int, CD_int, CD_long, CD_long);
  static final MethodTypeDesc DIVIDE = MethodTypeDesc.of(CD_long, CPU, CD_long, CD_long, CD_int);
  static final MethodTypeDesc DIVIDE_WIDE =
      MethodTypeDesc.of(CD_long, CPU, CD_long, CD_long, CD_long);
  static final MethodTypeDesc UPDATE = MethodTypeDesc.of(CD_long, MMU, CD_long, CD_int, CD_long);
  static final MethodTypeDesc COMPARE_EXCHANGE =
      MethodTypeDesc.of(CD_long, CD_long, CD_int, CD_long, CD_long);
  static final MethodTypeDesc HANDLE = MethodTypeDesc.of(CD_void, CPU, CD_int, CD_long);
  static final MethodTypeDesc RUN = MethodTypeDesc.of(REGION, CPU, CD_int);
  static final MethodTypeDesc NEXT = MethodTypeDesc.of(REGION, CPU, CD_int);
  static final MethodTypeDesc CALL = MethodTypeDesc.of(CD_boolean, CPU, REGION, CD_int, CD_long);
  static final MethodTypeDesc CALL_COMPUTED = MethodTypeDesc.of(CD_boolean, CPU, REGION, CD_long);
  static final MethodTypeDesc NOTE_CALL = MethodTypeDesc.of(CD_void, CPU, REGION, CD_long);
  static final MethodTypeDesc CHECK_CALL = MethodTypeDesc.of(CD_void, CPU, CD_long, CD_long);
  static final MethodTypeDesc MAY_GO_ON = MethodTypeDesc.of(CD_boolean, CPU, CD_long, CD_int);
  static final MethodTypeDesc INT_TO_LONG = MethodTypeDesc.of(CD_long, CD_int);

  private Names() {}
}
