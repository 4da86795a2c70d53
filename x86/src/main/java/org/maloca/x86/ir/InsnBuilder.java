package org.maloca.x86.ir;

/** What the decoder fills in, field by field, before it freezes an {@link Insn}. Reusable. */
public final class InsnBuilder {
  public Operation operation = Operation.UD;
  public final OperandKind[] kinds = new OperandKind[4];
  public final int[] registers = new int[4];
  public int operandSize;
  public int sourceSize;
  public int addressSize;
  public int segment;
  public int base;
  public int index;
  public int scale;
  public long displacement;
  public boolean ripRelative;
  public long immediate;
  public int immediate2;
  public int condition;
  public int repeat;
  public boolean lock;
  public boolean rex;
  public X87Format x87Format = X87Format.NONE;
  public int x87Pops;
  public int opcode;
  public int modrm;
  public int length;
  public int offset;

  /** Empties the builder. */
  public void clear() {
    operation = Operation.UD;
    for (int i = 0; i < kinds.length; i++) {
      kinds[i] = OperandKind.NONE;
      registers[i] = 0;
    }
    operandSize = 0;
    sourceSize = 0;
    addressSize = 0;
    segment = Insn.NO_SEGMENT;
    base = Insn.NO_REGISTER;
    index = Insn.NO_REGISTER;
    scale = 0;
    displacement = 0;
    ripRelative = false;
    immediate = 0;
    immediate2 = 0;
    condition = 0;
    repeat = Insn.REPEAT_NONE;
    lock = false;
    rex = false;
    x87Format = X87Format.NONE;
    x87Pops = 0;
    opcode = 0;
    modrm = 0;
    length = 0;
    offset = 0;
  }

  public Insn build() {
    return new Insn(this);
  }
}
