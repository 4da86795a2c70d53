package org.maloca.x86.bytecode;

import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.constant.ClassDesc;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Verification types as small numbers: those of the specification's {@code verification_type_info}
 * (4.7.4), and from {@link #FIRST_OBJECT} on one for each class.
 */
final class Types {
  /** The second slot of a long or double, which no instruction names. */
  static final int SECOND = -1;

  static final int TOP = 0;
  static final int INT = 1;
  static final int FLOAT = 2;
  static final int DOUBLE = 3;
  static final int LONG = 4;
  static final int NULL = 5;

  /** No value. */
  static final int VOID = 6;

  static final int FIRST_OBJECT = 8;

  private final Map<ClassDesc, Integer> numbers = new HashMap<>();
  private final List<ClassDesc> classes = new ArrayList<>();

  static boolean isWide(int type) {
    return type == LONG || type == DOUBLE;
  }

  int of(ClassDesc type) {
    if (!type.isPrimitive()) {
      return numbers.computeIfAbsent(
          type,
          unseen -> {
            classes.add(unseen);
            return FIRST_OBJECT + classes.size() - 1;
          });
    }
    if (type.equals(CD_long)) {
      return LONG;
    }
    if (type.equals(CD_double)) {
      return DOUBLE;
    }
    if (type.equals(CD_float)) {
      return FLOAT;
    }
    return type.equals(CD_void) ? VOID : INT;
  }

  ClassDesc classOf(int type) {
    return classes.get(type - FIRST_OBJECT);
  }
}
