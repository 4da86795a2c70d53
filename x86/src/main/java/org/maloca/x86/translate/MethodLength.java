package org.maloca.x86.translate;

import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.attribute.CodeAttribute;

/** The length of a method's bytecode, which decides whether HotSpot compiles it. */
final class MethodLength {
  private MethodLength() {}

  /** Of the method {@code run} in a class file. */
  static int ofRun(byte[] classFile) {
    return ClassFile.of().parse(classFile).methods().stream()
        .filter(method -> method.methodName().equalsString("run"))
        .flatMap(method -> method.findAttribute(Attributes.code()).stream())
        .mapToInt(CodeAttribute::codeLength)
        .findFirst()
        .orElseThrow();
  }
}
