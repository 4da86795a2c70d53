package org.maloca.x86.translate;

import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;

/** Classes of package {@code simd} that compiled regions call. */
final class SimdNames {
  static final ClassDesc SWAR = named("Swar");
  static final ClassDesc LANE_MULTIPLY = named("LaneMultiply");
  static final ClassDesc SIGN_MASK = named("SignMask");
  static final ClassDesc DOUBLE_ARITHMETIC = named("DoubleArithmetic");
  static final ClassDesc SINGLE_ARITHMETIC = named("SingleArithmetic");
  static final ClassDesc SCALAR_CONVERSION = named("ScalarConversion");
  static final ClassDesc FLOAT_FLAGS = named("FloatFlags");
  static final ClassDesc EXACT_DOUBLE = named("ExactDouble");
  static final ClassDesc EXACT_SINGLE = named("ExactSingle");
  static final ClassDesc PACKED_SINGLE = named("PackedSingle");
  static final ClassDesc PACKED_DOUBLE = named("PackedDouble");
  static final ClassDesc EXACT_PACKED = named("ExactPacked");
  static final ClassDesc PACKED_CONVERSION = named("PackedConversion");
  static final ClassDesc PERMUTATION = named("Permutation");
  static final ClassDesc INTERLEAVE = named("Interleave");
  static final ClassDesc SATURATION = named("Saturation");

  static final MethodTypeDesc DOUBLE_TO_DOUBLE = MethodTypeDesc.ofDescriptor("(D)D");
  static final MethodTypeDesc SINGLE_TO_SINGLE = MethodTypeDesc.ofDescriptor("(F)F");
  static final MethodTypeDesc INT_INT_TO_INT = MethodTypeDesc.ofDescriptor("(II)I");

  private SimdNames() {}

  private static ClassDesc named(String name) {
    return ClassDesc.of("org.maloca.x86.simd." + name);
  }
}
