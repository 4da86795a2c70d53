package org.maloca.x86.bytecode;

import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;

/** A field or method that code refers to, with what has to be known of it each time. */
final class Member {
  final ClassDesc owner;
  final String name;
  final String descriptor;

  /** Types of the parameters, of the operands that an instruction pops. */
  final int parameterCount;

  /** Type of the field, or what the method returns. */
  final int type;

  /** Class file that {@link #index} is of. */
  int stamp;

  int index;

  private Member(ClassDesc owner, String name, String descriptor, int parameterCount, int type) {
    this.owner = owner;
    this.name = name;
    this.descriptor = descriptor;
    this.parameterCount = parameterCount;
    this.type = type;
  }

  static Member field(ClassDesc owner, String name, ClassDesc type, Types types) {
    return new Member(owner, name, type.descriptorString(), 0, types.of(type));
  }

  static Member method(ClassDesc owner, String name, MethodTypeDesc type, Types types) {
    return new Member(
        owner, name, type.descriptorString(), type.parameterCount(), types.of(type.returnType()));
  }
}
