package org.maloca.x86.bytecode;

import org.maloca.x86.bytecode.ConstantPool.ClassConstant;
import org.maloca.x86.bytecode.ConstantPool.Text;

/** A field or method that code refers to, with what has to be known of it each time. */
final class Member {
  final ClassConstant owner;
  final Text name;
  final Text descriptor;

  /** Types of the parameters, of the operands that an instruction pops. */
  final int parameterCount;

  /** Type of the field, or what the method returns. */
  final int type;

  /** Class file that {@link #index} is of. */
  int stamp;

  int index;

  Member(ClassConstant owner, Text name, Text descriptor, int parameterCount, int type) {
    this.owner = owner;
    this.name = name;
    this.descriptor = descriptor;
    this.parameterCount = parameterCount;
    this.type = type;
  }
}
