package org.maloca.x86.bytecode;

import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;

/** A class file of a class without fields (chapter 4). */
public final class ClassFileWriter {
  private static final int MAGIC = 0xCAFE_BABE;

  /** Of Java SE 25. */
  private static final int MAJOR_VERSION = 69;

  private static final int ACC_STATIC = 0x8;
  private static final int ACC_FINAL = 0x10;
  private static final int ACC_SUPER = 0x20;

  private final ConstantPool pool;
  private final ClassDesc type;
  private final ClassDesc superclass;
  private final List<Method> methods = new ArrayList<>();

  private record Method(int access, String name, MethodTypeDesc type, MethodCode code) {}

  /**
   * Begins a class; the one that the pool was used for before must have been written.
   *
   * @param type the class
   * @param superclass its superclass
   */
  public ClassFileWriter(ConstantPool pool, ClassDesc type, ClassDesc superclass) {
    this.pool = pool;
    this.type = type;
    this.superclass = superclass;
    pool.begin();
  }

  /** Begins an instance method. */
  public MethodCode method(int access, String name, MethodTypeDesc methodType) {
    MethodCode code = new MethodCode(pool, type, methodType);
    methods.add(new Method(access, name, methodType, code));
    return code;
  }

  /** Begins the class's initializer. */
  public MethodCode initializer() {
    MethodCode code = new MethodCode(pool, null, ConstantDescs.MTD_void);
    methods.add(
        new Method(ACC_STATIC, ConstantDescs.CLASS_INIT_NAME, ConstantDescs.MTD_void, code));
    return code;
  }

  /**
   * The class file.
   *
   * @throws IllegalStateException if a method is too long for its jumps
   */
  public byte[] toByteArray() {
    ByteSink body = new ByteSink();
    body.u2(ACC_FINAL | ACC_SUPER).u2(pool.indexOf(type)).u2(pool.indexOf(superclass));
    body.u2(0).u2(0).u2(methods.size());
    for (Method method : methods) {
      body.u2(method.access).u2(pool.indexOf(method.name));
      body.u2(pool.indexOf(method.type.descriptorString())).u2(1);
      method.code.writeAttribute(body);
    }
    body.u2(0);
    ByteSink file = new ByteSink();
    file.u4(MAGIC).u2(0).u2(MAJOR_VERSION);
    pool.writeTo(file);
    return file.append(body).toByteArray();
  }
}
