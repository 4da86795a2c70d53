package org.maloca.fuzz;

import org.maloca.fuzz.Form.Trait;

/**
 * Marks what the Intel SDM leaves undefined after a case, so that the default comparison holds on
 * any vendor's silicon. The second mask is for a comparison with this very silicon; AMD's current
 * parts compute every flag deterministically, so it is empty.
 */
final class UndefinedBits {
  private static final int CF = 0x001;
  private static final int PF = 0x004;
  private static final int AF = 0x010;
  private static final int ZF = 0x040;
  private static final int SF = 0x080;
  private static final int OF = 0x800;
  private static final int ALL = CF | PF | AF | ZF | SF | OF;

  /** C0, C2 and C3 of the x87 status word. */
  private static final int CODES = 0x4500;

  private static final int C1 = 0x200;
  private static final int RCX = 1;

  private UndefinedBits() {}

  static void mark(CaseBatch batch, int index, Encoding e, int target) {
    int status = e.form.kind() == CaseKind.X87 ? statusBits(e.form) : 0;
    batch.masks(index, flagBits(batch, index, e), 0, status, 0, options(e, target));
  }

  private static int flagBits(CaseBatch batch, int index, Encoding e) {
    var form = e.form;
    if (form.kind() != CaseKind.GPR) {
      return 0;
    }
    if (form.map() == Form.Map.SEQUENCE) {
      return AF;
    }
    int bits = form.has(Trait.LOGIC) ? AF : 0;
    bits |= form.has(Trait.MUL) ? SF | ZF | AF | PF : 0;
    bits |= form.has(Trait.DIV) ? ALL : 0;
    bits |= form.has(Trait.SCAN) ? ALL & ~ZF : 0;
    bits |= form.has(Trait.COUNT) ? OF | SF | PF | AF : 0;
    bits |= form.has(Trait.BIT_TEST) ? OF | SF | PF | AF : 0;
    bits |= form.has(Trait.BEXTR) ? AF | SF | PF : 0;
    bits |= form.has(Trait.BLS) ? AF | PF : 0;
    if (form.has(Trait.SHIFT_FLAGS) || form.has(Trait.ROTATE_FLAGS)) {
      bits |= shiftBits(form, count(batch, index, e), e.width());
    } else if (form.has(Trait.DOUBLE_SHIFT)) {
      int count = count(batch, index, e);
      bits |= count == 0 ? 0 : count > e.operandBits ? ALL : count == 1 ? AF : AF | OF;
    }
    return bits;
  }

  private static int shiftBits(Form form, int count, int width) {
    if (count == 0) {
      return 0;
    }
    int overflow = count == 1 ? 0 : OF;
    if (form.has(Trait.ROTATE_FLAGS)) {
      return overflow;
    }
    boolean arithmeticRight = form.extension() == 7;
    return AF | overflow | (count >= width && !arithmeticRight ? CF : 0);
  }

  private static int count(CaseBatch batch, int index, Encoding e) {
    boolean byImmediate = e.form.immediate() == Form.Immediate.BYTE;
    boolean byCl = e.form.has(Trait.SHIFT);
    int count = byImmediate ? e.immediate : byCl ? (int) batch.gpr(index, RCX) : 1;
    return count & (e.rexW ? 63 : 31);
  }

  private static int statusBits(Form form) {
    if (form.map() == Form.Map.SEQUENCE) {
      return CODES | C1;
    }
    boolean mmx = form.map() != Form.Map.ONE_BYTE;
    if (mmx || form.has(Trait.EXACT_CODES)) {
      return form.has(Trait.APPROXIMATE) ? C1 : 0;
    }
    return CODES | undefinedC1(form);
  }

  /** Control instructions leave C1 undefined, too. */
  private static int undefinedC1(Form form) {
    boolean control =
        form.opcode() == 0x9b
            || form.opcode() == 0xd9 && (form.extension() >= 5 && form.extension() <= 7)
            || form.opcode() == 0xd9 && form.extension() == 0x1d0
            || form.opcode() == 0xdb && form.extension() == 0x1e2
            || form.opcode() == 0xdd && form.extension() == 7
            || form.opcode() == 0xdd && form.extension() == 0 && form.modrm() == Form.Modrm.REGISTER
            || form.has(Trait.APPROXIMATE);
    return control ? C1 : 0;
  }

  /**
   * @param target the memory operand's window offset
   */
  private static int options(Encoding e, int target) {
    var form = e.form;
    if (form.has(Trait.APPROXIMATE)) {
      return form.kind() == CaseKind.X87
          ? CaseBatch.OPTION_X87_APPROXIMATE
          : CaseBatch.OPTION_SSE_APPROXIMATE;
    }
    if (form.has(Trait.FXSAVE)) {
      return CaseBatch.OPTION_STORES_FXSAVE | target << 16;
    }
    if (form.has(Trait.ENVIRONMENT)) {
      int format = e.operandBits == 16 ? CaseBatch.OPTION_ENVIRONMENT_16 : 0;
      return CaseBatch.OPTION_STORES_ENVIRONMENT | format | target << 16;
    }
    return 0;
  }
}
