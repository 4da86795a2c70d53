package org.maloca.x86.decode;

import org.jspecify.annotations.Nullable;

/** One opcode map: from mandatory prefix and opcode byte to a {@link Form}. */
final class OpcodeTable {
  static final int PREFIX_NONE = 0;
  static final int PREFIX_66 = 1;
  static final int PREFIX_F3 = 2;
  static final int PREFIX_F2 = 3;

  private final @Nullable Form[] forms = new @Nullable Form[4 * 256];

  /** Reads texts of {@linkplain OpcodeRow rows}, a row a line. */
  OpcodeTable(String... texts) {
    OpcodeRow row = new OpcodeRow();
    for (String text : texts) {
      int start = 0;
      while (start < text.length()) {
        int end = text.indexOf('\n', start);
        if (row.read(text, start, end)) {
          add(row);
        }
        start = end + 1;
      }
    }
  }

  @Nullable Form get(int prefix, int opcode) {
    return forms[prefix << 8 | opcode];
  }

  private void add(OpcodeRow row) {
    Form form = row.form();
    for (int prefix = 0; prefix < 4; prefix++) {
      if (row.isFor(prefix)) {
        for (int i = 0; i < row.opcodeCount; i++) {
          place(prefix << 8 | row.opcode + i, form, row);
        }
      }
    }
  }

  private void place(int slot, Form form, OpcodeRow row) {
    boolean wide = row.isWide();
    if (row.group == OpcodeRow.NO_GROUP && row.modRm < 0) {
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
    if (row.modRm >= 0) {
      for (int i = 0; i < row.modRmCount; i++) {
        int index = 8 + (row.modRm - 0xc0) + i;
        byModRm[index] = link(byModRm[index], form, wide);
      }
      return;
    }
    boolean all = row.group == OpcodeRow.ALL_OF_GROUP;
    int last = all ? 7 : row.group;
    for (int reg = all ? 0 : row.group; reg <= last; reg++) {
      if (row.memory) {
        byModRm[reg] = link(byModRm[reg], form, wide);
      }
      for (int rm = 0; row.registers && rm < 8; rm++) {
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
}
