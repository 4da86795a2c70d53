package org.maloca.x86.decode;

/**
 * How one operand is encoded, in the notation of the opcode maps (Intel SDM volume 2, A.2): a
 * letter for the addressing method and one for the size, as in {@code Ev} and {@code Gb}. Packed
 * into an int, method low, because the tables hold thousands. Fixed operands have methods of our
 * own, in lower case.
 *
 * <p>Methods: A far pointer, B GPR in VEX.vvvv, C control register, D debug register, E ModRM GPR
 * or memory, G GPR, I immediate (size {@code s} is a sign-extended byte, {@code l} ENTER's level),
 * J relative, M memory only, N ModRM MMX register, O memory at an offset, P MMX register, Q ModRM
 * MMX or memory, R ModRM GPR only, S segment register, U ModRM XMM register, V XMM register, W
 * ModRM XMM or memory, Z GPR in the opcode; a accumulator, c CL, d DX, f memory of an x87 format, i
 * ST(i), r ModRM GPR whatever mod says, s a certain segment, t ST(0), x XMM0, 0 and 1 those
 * numbers.
 *
 * <p>Sizes: b 1, w 2, d 4, q 8, v by operand size 2, 4, 8; z likewise but at most 4; y 4, or 8 with
 * REX.W; m 4, or 8 in 64-bit code; p as v but always 8 in 64-bit code; o 16 bytes; x by operation.
 */
final class OperandCode {
  static final int NONE = 0;

  private OperandCode() {}

  static int method(int code) {
    return code & 0xff;
  }

  static int size(int code) {
    return code >>> 8;
  }

  static int of(char method, char size) {
    return method | size << 8;
  }

  /** Whether the method can lend its size to the operation. */
  static boolean isInteger(int code) {
    int size = size(code);
    return size != 'x'
        && switch (method(code)) {
          case 'E', 'G', 'M', 'R', 'r', 'Z', 'O', 'a', 'B' -> true;
          default -> false;
        };
  }

  /** Whether the method lives in the ModRM byte. */
  static boolean usesModRm(int code) {
    return switch (method(code)) {
      case 'C', 'D', 'E', 'G', 'M', 'N', 'P', 'Q', 'R', 'S', 'U', 'V', 'W', 'f', 'i', 'r' -> true;
      default -> false;
    };
  }

  static int parse(String name) {
    return switch (name) {
      case "0" -> of('0', 'b');
      case "1" -> of('1', 'b');
      case "AL" -> of('a', 'b');
      case "AX" -> of('a', 'w');
      case "eAX" -> of('a', 'z');
      case "rAX" -> of('a', 'v');
      case "CL" -> of('c', 'b');
      case "DX" -> of('d', 'w');
      case "ES" -> of('s', '0');
      case "CS" -> of('s', '1');
      case "SS" -> of('s', '2');
      case "DS" -> of('s', '3');
      case "FS" -> of('s', '4');
      case "GS" -> of('s', '5');
      case "ST" -> of('t', 'x');
      case "STi" -> of('i', 'x');
      case "XMM0" -> of('x', 'x');
      case "f32" -> of('f', '1');
      case "f64" -> of('f', '2');
      case "f80" -> of('f', '3');
      case "i16" -> of('f', '4');
      case "i32" -> of('f', '5');
      case "i64" -> of('f', '6');
      case "bcd" -> of('f', '7');
      default -> of(name.charAt(0), name.charAt(1));
    };
  }
}
