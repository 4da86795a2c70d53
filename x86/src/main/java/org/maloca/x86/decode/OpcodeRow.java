package org.maloca.x86.decode;

import org.maloca.x86.ir.Operation;

/**
 * One row of an opcode table as text: {@code prefixes opcode operation operands flags...}.
 *
 * <ul>
 *   <li>prefixes: {@code *} any, or some of {@code n} none, {@code 6} 66, {@code 3} F3, {@code 2}
 *       F2; {@code W} marks what an earlier row becomes with REX.W;
 *   <li>opcode: two hexadecimal digits; {@code +8}, {@code +16} for as many opcodes from there;
 *       then {@code /r} for one value of ModRM.reg, {@code /m} memory only, {@code /R} registers
 *       only, combined as {@code /5m} and {@code /5R}; or {@code :C1}, {@code :C0+8} for whole
 *       ModRM bytes;
 *   <li>operation: of {@link Operation};
 *   <li>operands: of {@link OperandCode} with commas, or {@code -};
 *   <li>flags: words for {@link Form}'s flags, or a size letter.
 * </ul>
 *
 * Reused from row to row, because start-up time is what tables cost.
 */
final class OpcodeRow {
  /** In {@link #group}: not told apart by ModRM.reg. */
  static final int NO_GROUP = -1;

  /** In {@link #group}: every value of ModRM.reg, memory and registers told apart. */
  static final int ALL_OF_GROUP = 8;

  private final String[] words = new String[10];
  private int count;

  int opcode;
  int opcodeCount;

  /** ModRM.reg, {@link #NO_GROUP} or {@link #ALL_OF_GROUP}. */
  int group;

  /** The first of {@link #modRmCount} whole ModRM bytes, or -1. */
  int modRm;

  int modRmCount;

  /** Valid with a memory operand; with a register. */
  boolean memory;

  boolean registers;

  /** Reads the row between two positions of a text; false if there is none. */
  boolean read(String text, int start, int end) {
    count = split(text, start, end);
    if (count == 0) {
      return false;
    }
    parseOpcode(words[1]);
    return true;
  }

  /** Whether the row is for a mandatory prefix, 0 to 3 as in {@link OpcodeTable}. */
  boolean isFor(int prefix) {
    String prefixes = words[0];
    return prefixes.charAt(0) == '*' || prefixes.indexOf("n632".charAt(prefix)) >= 0;
  }

  /** Whether the row is for REX.W only. */
  boolean isWide() {
    return words[0].indexOf('W') >= 0;
  }

  private int split(String text, int start, int end) {
    int found = 0;
    int position = start;
    while (position < end) {
      if (text.charAt(position) == ' ') {
        position++;
        continue;
      }
      int stop = text.indexOf(' ', position);
      if (stop < 0 || stop > end) {
        stop = end;
      }
      words[found++] = text.substring(position, stop);
      position = stop;
    }
    return found;
  }

  private void parseOpcode(String word) {
    opcode = hex(word, 0);
    opcodeCount = 1;
    group = NO_GROUP;
    modRm = -1;
    modRmCount = 1;
    memory = true;
    registers = true;
    int at = 2;
    if (at < word.length() && word.charAt(at) == '+') {
      opcodeCount = word.charAt(at + 1) == '8' ? 8 : 16;
      return;
    }
    if (at < word.length() && word.charAt(at) == ':') {
      modRm = hex(word, at + 1);
      memory = false;
      modRmCount = word.length() > at + 3 ? 8 : 1;
      return;
    }
    if (at < word.length() && word.charAt(at) == '/') {
      at++;
      if (word.charAt(at) <= '7') {
        group = word.charAt(at++) - '0';
      } else {
        group = ALL_OF_GROUP;
      }
      if (at < word.length()) {
        memory = word.charAt(at) == 'm';
        registers = !memory;
      }
    }
  }

  /** The form that the row describes. */
  Form form() {
    int[] operands = new int[4];
    String list = words[3];
    int flags = 0;
    int size = 0;
    if (list.charAt(0) != '-') {
      int n = 0;
      int start = 0;
      while (start < list.length()) {
        int comma = list.indexOf(',', start);
        int end = comma < 0 ? list.length() : comma;
        int code = OperandCode.parse(list.substring(start, end));
        operands[n++] = code;
        if (size == 0 && OperandCode.isInteger(code)) {
          size = OperandCode.size(code);
        }
        if (OperandCode.usesModRm(code)) {
          flags |= Form.MODRM;
        }
        start = end + 1;
      }
    }
    for (int i = 4; i < count; i++) {
      String word = words[i];
      if (word.length() == 1) {
        size = word.charAt(0);
      } else {
        flags |= flag(word);
      }
    }
    if ((flags & Form.DEFAULT_64) != 0 && size == 0) {
      size = 'v';
    }
    return new Form(Operation.valueOf(words[2]), operands, size, flags);
  }

  private static int flag(String word) {
    return switch (word) {
      case "lock" -> Form.LOCKABLE;
      case "xlock" -> Form.LOCKABLE | Form.ALWAYS_LOCKED;
      case "i64" -> Form.NOT_64;
      case "o64" -> Form.ONLY_64;
      case "d64" -> Form.DEFAULT_64;
      case "prot" -> Form.PROTECTED;
      case "cc" -> Form.CONDITION;
      case "rep" -> Form.REPEATABLE;
      case "ds" -> Form.IMPLIED_SEGMENT;
      case "es" -> Form.IMPLIED_ES;
      case "modrm" -> Form.MODRM;
      case "anymod" -> Form.MOD_IGNORED;
      case "src" -> Form.SOURCE_SIZE;
      case "mem16" -> Form.MEMORY_WORD;
      case "pop" -> 1 << Form.POP_SHIFT;
      case "pop2" -> 2 << Form.POP_SHIFT;
      default -> throw new IllegalArgumentException(word);
    };
  }

  private static int hex(String word, int at) {
    return Character.digit(word.charAt(at), 16) << 4 | Character.digit(word.charAt(at + 1), 16);
  }
}
