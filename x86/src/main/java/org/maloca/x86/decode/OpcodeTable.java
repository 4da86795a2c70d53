package org.maloca.x86.decode;

import org.jspecify.annotations.Nullable;
import org.maloca.x86.ir.Operation;

/**
 * One opcode map: from mandatory prefix and opcode byte to a {@link Form}. Built from rows of text,
 * {@code prefixes opcode operation operands flags...}:
 *
 * <ul>
 *   <li>prefixes: {@code *} any, or some of {@code n} none, {@code 6} 66, {@code 3} F3, {@code 2}
 *       F2; {@code W} marks what an earlier row becomes with REX.W;
 *   <li>opcode: two hexadecimal digits; {@code +8}, {@code +16} for as many opcodes from there; then
 *       {@code /r} for one value of ModRM.reg, {@code /m} memory only, {@code /R} registers only,
 *       combined as {@code /5m} and {@code /5R}; or {@code :C1}, {@code :C0+8} for whole ModRM bytes;
 *   <li>operation: of {@link Operation};
 *   <li>operands: of {@link OperandCode} with commas, or {@code -};
 *   <li>flags: words for {@link Form}'s flags, or a size letter.
 * </ul>
 */
final class OpcodeTable {
  static final int PREFIX_NONE = 0;
  static final int PREFIX_66 = 1;
  static final int PREFIX_F3 = 2;
  static final int PREFIX_F2 = 3;

  private final @Nullable Form[] forms = new @Nullable Form[4 * 256];

  // Of the row being read.
  private final String[] words = new String[10];
  private int opcode;
  private int opcodeCount;
  private int group;
  private int modRm;
  private int modRmCount;
  private boolean memory;
  private boolean registers;

  /** Reads rows of text, a row a line. */
  OpcodeTable(String... texts) {
    for (String text : texts) {
      int start = 0;
      while (start < text.length()) {
        int end = text.indexOf('\n', start);
        add(text, start, end);
        start = end + 1;
      }
    }
  }

  @Nullable Form get(int prefix, int opcode) {
    return forms[prefix << 8 | opcode];
  }

  private void add(String text, int start, int end) {
    int count = split(text, start, end);
    if (count == 0) {
      return;
    }
    parseOpcode(words[1]);
    Form form = parseForm(count);
    String prefixes = words[0];
    boolean any = prefixes.charAt(0) == '*';
    boolean wide = prefixes.indexOf('W') >= 0;
    for (int prefix = 0; prefix < 4; prefix++) {
      if (any || prefixes.indexOf("n632".charAt(prefix)) >= 0) {
        for (int i = 0; i < opcodeCount; i++) {
          place(prefix << 8 | opcode + i, form, wide);
        }
      }
    }
  }

  private int split(String text, int start, int end) {
    int count = 0;
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
      words[count++] = text.substring(position, stop);
      position = stop;
    }
    return count;
  }

  private void parseOpcode(String word) {
    opcode = hex(word, 0);
    opcodeCount = 1;
    group = -1;
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
        group = 8;
      }
      if (at < word.length()) {
        memory = word.charAt(at) == 'm';
        registers = !memory;
      }
    }
  }

  private Form parseForm(int count) {
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

  private void place(int slot, Form form, boolean wide) {
    if (group < 0 && modRm < 0) {
      forms[slot] = link(forms[slot], form, wide);
      return;
    }
    Form choice = forms[slot];
    if (choice == null) {
      choice = Form.choice();
      forms[slot] = choice;
    }
    @Nullable Form[] byModRm = choice.byModRm;
    if (byModRm == null) {
      throw new IllegalArgumentException("opcode is no group: " + Integer.toHexString(slot));
    }
    if (modRm >= 0) {
      for (int i = 0; i < modRmCount; i++) {
        int index = 8 + (modRm - 0xc0) + i;
        byModRm[index] = link(byModRm[index], form, wide);
      }
      return;
    }
    int first = group == 8 ? 0 : group;
    int last = group == 8 ? 7 : group;
    for (int reg = first; reg <= last; reg++) {
      if (memory) {
        byModRm[reg] = link(byModRm[reg], form, wide);
      }
      for (int rm = 0; registers && rm < 8; rm++) {
        int index = 8 + reg * 8 + rm;
        byModRm[index] = link(byModRm[index], form, wide);
      }
    }
  }

  private static Form link(@Nullable Form old, Form form, boolean wide) {
    if (old == null) {
      return form;
    }
    if (wide) {
      old.wide = form;
    } else if (form.has(Form.ONLY_64)) {
      old.in64 = form;
    } else {
      throw new IllegalArgumentException("two rows for one opcode: " + form.operation);
    }
    return old;
  }

  private static int hex(String word, int at) {
    return Character.digit(word.charAt(at), 16) << 4 | Character.digit(word.charAt(at + 1), 16);
  }
}
