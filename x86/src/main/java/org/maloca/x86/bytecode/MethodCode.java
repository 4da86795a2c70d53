package org.maloca.x86.bytecode;

import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The code of one method, written instruction by instruction (chapter 6). It follows the types of
 * locals and operands, so that stack maps are known when the method is done. What cannot be reached
 * is not written. For one thread.
 */
public final class MethodCode {
  /** Distances of jumps are 16 bits. */
  private static final int MOST_BYTES = Short.MAX_VALUE;

  private final ConstantPool pool;
  private final ByteSink code = new ByteSink();
  private final Flow flow = new Flow(code);
  private final LocalSlots slots = new LocalSlots();
  private final List<Catch> catches = new ArrayList<>();
  private final Frame initial;

  /** A range whose exceptions are caught. */
  private record Catch(Label from, Label to, Label handler, ClassDesc type) {}

  /**
   * Begins a method.
   *
   * @param owner the class of which it is an instance method; null for a static one
   */
  MethodCode(ConstantPool pool, @Nullable ClassDesc owner, MethodTypeDesc type) {
    this.pool = pool;
    int slot = 0;
    if (owner != null) {
      parameter(slot++, pool.types.of(owner));
    }
    for (ClassDesc parameter : type.parameterArray()) {
      int known = pool.types.of(parameter);
      parameter(slot, known);
      slot += Types.isWide(known) ? 2 : 1;
    }
    initial = flow.now.copy();
  }

  private void parameter(int slot, int type) {
    flow.setLocal(slots.place(slot, Types.isWide(type)), type);
  }

  /** By place among the method's local variables, the slot that was named for it. */
  public int[] namedSlots() {
    return slots.slots();
  }

  /** Bytes written so far. */
  public int length() {
    return code.length();
  }

  /**
   * Changes wherever the places that code may come from change, or other code was called: what was
   * loaded from memory before need not be there any more.
   */
  public int epoch() {
    return flow.epoch;
  }

  /** What holds here, to be expected elsewhere. */
  public Frame frame() {
    return flow.now.copy();
  }

  // Labels.

  /** A new label, not bound yet. */
  public Label newLabel() {
    return new Label();
  }

  /** Binds a label to this place: jumps to it so far hold, and those later may know no less. */
  public MethodCode labelBinding(Label label) {
    flow.bind(label, null);
    return this;
  }

  /**
   * Binds a label that is jumped to from behind it, too.
   *
   * @param expected what holds at all of these jumps
   */
  public MethodCode labelBinding(Label label, Frame expected) {
    flow.bind(label, expected);
    return this;
  }

  /**
   * Binds the label where exceptions of a type arrive.
   *
   * @param expected what holds wherever they may be thrown
   */
  public MethodCode handlerBinding(Label label, Frame expected, ClassDesc type) {
    flow.bindHandler(label, expected, pool.types.of(type));
    return this;
  }

  /** Has exceptions in a range caught; all three labels may still be unbound. */
  public MethodCode exceptionCatch(Label from, Label to, Label handler, ClassDesc type) {
    catches.add(new Catch(from, to, handler, type));
    return this;
  }

  private MethodCode plain(int opcode, int pops, int pushed) {
    if (flow.reachable) {
      code.u1(opcode);
      flow.drop(pops);
      flow.push(pushed);
    }
    return this;
  }

  // Constants.

  /** Pushes an int. */
  public MethodCode loadConstant(int value) {
    if (!flow.reachable) {
      return this;
    }
    if (value >= -1 && value <= 5) {
      code.u1(Opcodes.ICONST_0 + value);
    } else if (value == (byte) value) {
      code.u1(Opcodes.BIPUSH).u1(value);
    } else if (value == (short) value) {
      code.u1(Opcodes.SIPUSH).u2(value);
    } else {
      ldc(pool.indexOf(value));
    }
    flow.push(Types.INT);
    return this;
  }

  private void ldc(int index) {
    if (index < 256) {
      code.u1(Opcodes.LDC).u1(index);
    } else {
      code.u1(Opcodes.LDC_W).u2(index);
    }
  }

  /** Pushes a long. */
  public MethodCode loadConstant(long value) {
    if (!flow.reachable) {
      return this;
    }
    if (value == 0 || value == 1) {
      code.u1(Opcodes.LCONST_0 + (int) value);
    } else {
      code.u1(Opcodes.LDC2_W).u2(pool.indexOf(value));
    }
    flow.push(Types.LONG);
    return this;
  }

  // Locals: see LocalSlots. The short forms follow the long ones: four for each type.

  private MethodCode load(int opcode, int slot, int type) {
    if (flow.reachable) {
      int place = slots.place(slot, Types.isWide(type));
      local(opcode, Opcodes.ILOAD_0 + 4 * (opcode - Opcodes.ILOAD), place);
      flow.push(type);
    }
    return this;
  }

  private MethodCode store(int opcode, int slot, int type) {
    if (flow.reachable) {
      int place = slots.place(slot, Types.isWide(type));
      local(opcode, Opcodes.ISTORE_0 + 4 * (opcode - Opcodes.ISTORE), place);
      flow.take();
      flow.setLocal(place, type);
    }
    return this;
  }

  private void local(int opcode, int shortForms, int place) {
    if (place < 4) {
      code.u1(shortForms + place);
    } else if (place < 256) {
      code.u1(opcode).u1(place);
    } else {
      code.u1(Opcodes.WIDE).u1(opcode).u2(place);
    }
  }

  public MethodCode aload(int slot) {
    return flow.reachable
        ? load(Opcodes.ALOAD, slot, flow.now.local(slots.place(slot, false)))
        : this;
  }

  public MethodCode astore(int slot) {
    if (flow.reachable) {
      store(Opcodes.ASTORE, slot, flow.now.stack[flow.now.depth - 1]);
    }
    return this;
  }

  public MethodCode iload(int slot) {
    return load(Opcodes.ILOAD, slot, Types.INT);
  }

  public MethodCode lload(int slot) {
    return load(Opcodes.LLOAD, slot, Types.LONG);
  }

  public MethodCode fload(int slot) {
    return load(Opcodes.FLOAD, slot, Types.FLOAT);
  }

  public MethodCode dload(int slot) {
    return load(Opcodes.DLOAD, slot, Types.DOUBLE);
  }

  public MethodCode istore(int slot) {
    return store(Opcodes.ISTORE, slot, Types.INT);
  }

  public MethodCode lstore(int slot) {
    return store(Opcodes.LSTORE, slot, Types.LONG);
  }

  public MethodCode fstore(int slot) {
    return store(Opcodes.FSTORE, slot, Types.FLOAT);
  }

  public MethodCode dstore(int slot) {
    return store(Opcodes.DSTORE, slot, Types.DOUBLE);
  }

  // The operand stack.

  public MethodCode dup() {
    if (flow.reachable) {
      code.u1(Opcodes.DUP);
      flow.push(flow.now.stack[flow.now.depth - 1]);
    }
    return this;
  }

  /** Of one long or double. */
  public MethodCode dup2() {
    if (flow.reachable) {
      code.u1(Opcodes.DUP2);
      flow.push(flow.now.stack[flow.now.depth - 1]);
    }
    return this;
  }

  /** Of a long or double above another. */
  public MethodCode dup2_x2() {
    if (flow.reachable) {
      code.u1(Opcodes.DUP2_X2);
      int top = flow.take();
      int below = flow.take();
      flow.push(top);
      flow.push(below);
      flow.push(top);
    }
    return this;
  }

  public MethodCode pop() {
    return plain(Opcodes.POP, 1, Types.VOID);
  }

  /** Of one long or double. */
  public MethodCode pop2() {
    return plain(Opcodes.POP2, 1, Types.VOID);
  }

  // Arithmetic, conversions, comparisons.

  public MethodCode iconst_m1() {
    return plain(Opcodes.ICONST_M1, 0, Types.INT);
  }

  public MethodCode iconst_0() {
    return plain(Opcodes.ICONST_0, 0, Types.INT);
  }

  public MethodCode iconst_1() {
    return plain(Opcodes.ICONST_1, 0, Types.INT);
  }

  public MethodCode iconst_2() {
    return plain(Opcodes.ICONST_2, 0, Types.INT);
  }

  public MethodCode iconst_3() {
    return plain(Opcodes.ICONST_3, 0, Types.INT);
  }

  public MethodCode aconst_null() {
    return plain(Opcodes.ACONST_NULL, 0, Types.NULL);
  }

  public MethodCode lconst_0() {
    return plain(Opcodes.LCONST_0, 0, Types.LONG);
  }

  public MethodCode lconst_1() {
    return plain(Opcodes.LCONST_1, 0, Types.LONG);
  }

  public MethodCode fconst_0() {
    return plain(Opcodes.FCONST_0, 0, Types.FLOAT);
  }

  public MethodCode dconst_0() {
    return plain(Opcodes.DCONST_0, 0, Types.DOUBLE);
  }

  public MethodCode laload() {
    return plain(Opcodes.LALOAD, 2, Types.LONG);
  }

  public MethodCode lastore() {
    return plain(Opcodes.LASTORE, 3, Types.VOID);
  }

  public MethodCode iadd() {
    return plain(Opcodes.IADD, 2, Types.INT);
  }

  public MethodCode ladd() {
    return plain(Opcodes.LADD, 2, Types.LONG);
  }

  public MethodCode fadd() {
    return plain(Opcodes.FADD, 2, Types.FLOAT);
  }

  public MethodCode dadd() {
    return plain(Opcodes.DADD, 2, Types.DOUBLE);
  }

  public MethodCode isub() {
    return plain(Opcodes.ISUB, 2, Types.INT);
  }

  public MethodCode lsub() {
    return plain(Opcodes.LSUB, 2, Types.LONG);
  }

  public MethodCode fsub() {
    return plain(Opcodes.FSUB, 2, Types.FLOAT);
  }

  public MethodCode dsub() {
    return plain(Opcodes.DSUB, 2, Types.DOUBLE);
  }

  public MethodCode imul() {
    return plain(Opcodes.IMUL, 2, Types.INT);
  }

  public MethodCode lmul() {
    return plain(Opcodes.LMUL, 2, Types.LONG);
  }

  public MethodCode ldiv() {
    return plain(Opcodes.LDIV, 2, Types.LONG);
  }

  public MethodCode lrem() {
    return plain(Opcodes.LREM, 2, Types.LONG);
  }

  public MethodCode fmul() {
    return plain(Opcodes.FMUL, 2, Types.FLOAT);
  }

  public MethodCode dmul() {
    return plain(Opcodes.DMUL, 2, Types.DOUBLE);
  }

  public MethodCode fdiv() {
    return plain(Opcodes.FDIV, 2, Types.FLOAT);
  }

  public MethodCode ddiv() {
    return plain(Opcodes.DDIV, 2, Types.DOUBLE);
  }

  public MethodCode lneg() {
    return plain(Opcodes.LNEG, 1, Types.LONG);
  }

  public MethodCode ishl() {
    return plain(Opcodes.ISHL, 2, Types.INT);
  }

  public MethodCode lshl() {
    return plain(Opcodes.LSHL, 2, Types.LONG);
  }

  public MethodCode lshr() {
    return plain(Opcodes.LSHR, 2, Types.LONG);
  }

  public MethodCode iushr() {
    return plain(Opcodes.IUSHR, 2, Types.INT);
  }

  public MethodCode lushr() {
    return plain(Opcodes.LUSHR, 2, Types.LONG);
  }

  public MethodCode iand() {
    return plain(Opcodes.IAND, 2, Types.INT);
  }

  public MethodCode land() {
    return plain(Opcodes.LAND, 2, Types.LONG);
  }

  public MethodCode ior() {
    return plain(Opcodes.IOR, 2, Types.INT);
  }

  public MethodCode lor() {
    return plain(Opcodes.LOR, 2, Types.LONG);
  }

  public MethodCode ixor() {
    return plain(Opcodes.IXOR, 2, Types.INT);
  }

  public MethodCode lxor() {
    return plain(Opcodes.LXOR, 2, Types.LONG);
  }

  public MethodCode i2l() {
    return plain(Opcodes.I2L, 1, Types.LONG);
  }

  public MethodCode i2d() {
    return plain(Opcodes.I2D, 1, Types.DOUBLE);
  }

  public MethodCode l2i() {
    return plain(Opcodes.L2I, 1, Types.INT);
  }

  public MethodCode l2f() {
    return plain(Opcodes.L2F, 1, Types.FLOAT);
  }

  public MethodCode l2d() {
    return plain(Opcodes.L2D, 1, Types.DOUBLE);
  }

  public MethodCode f2d() {
    return plain(Opcodes.F2D, 1, Types.DOUBLE);
  }

  public MethodCode d2i() {
    return plain(Opcodes.D2I, 1, Types.INT);
  }

  public MethodCode d2l() {
    return plain(Opcodes.D2L, 1, Types.LONG);
  }

  public MethodCode d2f() {
    return plain(Opcodes.D2F, 1, Types.FLOAT);
  }

  public MethodCode i2b() {
    return plain(Opcodes.I2B, 1, Types.INT);
  }

  public MethodCode i2s() {
    return plain(Opcodes.I2S, 1, Types.INT);
  }

  public MethodCode lcmp() {
    return plain(Opcodes.LCMP, 2, Types.INT);
  }

  public MethodCode fcmpg() {
    return plain(Opcodes.FCMPG, 2, Types.INT);
  }

  public MethodCode dcmpl() {
    return plain(Opcodes.DCMPL, 2, Types.INT);
  }

  public MethodCode dcmpg() {
    return plain(Opcodes.DCMPG, 2, Types.INT);
  }

  // Objects.

  public MethodCode getfield(ClassDesc owner, String name, ClassDesc type) {
    if (flow.reachable) {
      Member field = pool.field(owner, name, type);
      code.u1(Opcodes.GETFIELD).u2(pool.indexOfField(field));
      flow.take();
      flow.push(field.type);
    }
    return this;
  }

  public MethodCode putfield(ClassDesc owner, String name, ClassDesc type) {
    if (flow.reachable) {
      code.u1(Opcodes.PUTFIELD).u2(pool.indexOfField(pool.field(owner, name, type)));
      flow.drop(2);
    }
    return this;
  }

  public MethodCode getstatic(ClassDesc owner, String name, ClassDesc type) {
    if (flow.reachable) {
      Member field = pool.field(owner, name, type);
      code.u1(Opcodes.GETSTATIC).u2(pool.indexOfField(field));
      flow.push(field.type);
    }
    return this;
  }

  public MethodCode putstatic(ClassDesc owner, String name, ClassDesc type) {
    if (flow.reachable) {
      code.u1(Opcodes.PUTSTATIC).u2(pool.indexOfField(pool.field(owner, name, type)));
      flow.take();
    }
    return this;
  }

  public MethodCode new_(ClassDesc type) {
    if (flow.reachable) {
      code.u1(Opcodes.NEW).u2(pool.indexOf(type));
      flow.push(pool.types.of(type));
    }
    return this;
  }

  public MethodCode invokevirtual(ClassDesc owner, String name, MethodTypeDesc type) {
    return invoke(Opcodes.INVOKEVIRTUAL, 1, owner, name, type);
  }

  public MethodCode invokespecial(ClassDesc owner, String name, MethodTypeDesc type) {
    return invoke(Opcodes.INVOKESPECIAL, 1, owner, name, type);
  }

  public MethodCode invokestatic(ClassDesc owner, String name, MethodTypeDesc type) {
    return invoke(Opcodes.INVOKESTATIC, 0, owner, name, type);
  }

  /** The same for a method that every compiler makes part of its caller. */
  public MethodCode invokeInlined(ClassDesc owner, String name, MethodTypeDesc type) {
    int epoch = flow.epoch;
    invokestatic(owner, name, type);
    flow.epoch = epoch;
    return this;
  }

  private MethodCode invoke(
      int opcode, int receivers, ClassDesc owner, String name, MethodTypeDesc type) {
    if (flow.reachable) {
      Member method = pool.method(owner, name, type);
      code.u1(opcode).u2(pool.indexOfMethod(method));
      flow.drop(method.parameterCount + receivers);
      flow.push(method.type);
      flow.epoch++;
    }
    return this;
  }

  // Jumps.

  public MethodCode ifeq(Label target) {
    return branch(Opcodes.IFEQ, 1, target);
  }

  public MethodCode ifne(Label target) {
    return branch(Opcodes.IFNE, 1, target);
  }

  public MethodCode iflt(Label target) {
    return branch(Opcodes.IFLT, 1, target);
  }

  public MethodCode ifge(Label target) {
    return branch(Opcodes.IFGE, 1, target);
  }

  public MethodCode ifgt(Label target) {
    return branch(Opcodes.IFGT, 1, target);
  }

  public MethodCode ifle(Label target) {
    return branch(Opcodes.IFLE, 1, target);
  }

  /** Jumps by how the int on the stack compares with zero. */
  public MethodCode ifZero(Comparison how, Label target) {
    return branch(Opcodes.IFEQ + how.ordinal(), 1, target);
  }

  /** Jumps by how the two ints on the stack compare. */
  public MethodCode ifInts(Comparison how, Label target) {
    return branch(Opcodes.IF_ICMPEQ + how.ordinal(), 2, target);
  }

  public MethodCode ifnull(Label target) {
    return branch(Opcodes.IFNULL, 1, target);
  }

  public MethodCode ifAcmpne(Label target) {
    return branch(Opcodes.IF_ACMPNE, 2, target);
  }

  public MethodCode ifnonnull(Label target) {
    return branch(Opcodes.IFNONNULL, 1, target);
  }

  /** Jumps if the int on the stack is zero, to where the stack is empty. */
  public MethodCode ifeqDroppingAll(Label target) {
    if (flow.now.depth <= 1) {
      return ifeq(target);
    }
    Label goesOn = newLabel();
    ifne(goesOn);
    if (flow.reachable) {
      while (flow.now.depth > 0) {
        if (Types.isWide(flow.now.stack[flow.now.depth - 1])) {
          pop2();
        } else {
          pop();
        }
      }
    }
    return goto_(target).labelBinding(goesOn);
  }

  public MethodCode goto_(Label target) {
    branch(Opcodes.GOTO, 0, target);
    flow.reachable = false;
    return this;
  }

  private MethodCode branch(int opcode, int pops, Label target) {
    if (flow.reachable) {
      int at = code.length();
      code.u1(opcode).u2(0);
      flow.drop(pops);
      flow.jumpTo(target, at + 1, at);
    }
    return this;
  }

  /** Jumps by the int on the stack to the first target if it is {@code low}, and so on. */
  public MethodCode tableswitch(int low, List<Label> targets, Label otherwise) {
    if (flow.reachable) {
      int at = beginSwitch(Opcodes.TABLESWITCH, otherwise);
      code.u4(low).u4(low + targets.size() - 1);
      for (Label target : targets) {
        switchTarget(target, at);
      }
      flow.reachable = false;
    }
    return this;
  }

  /** Jumps by the int on the stack to the target of the same index as its key; keys ascend. */
  public MethodCode lookupswitch(int[] keys, List<Label> targets, Label otherwise) {
    if (flow.reachable) {
      int at = beginSwitch(Opcodes.LOOKUPSWITCH, otherwise);
      code.u4(keys.length);
      for (int i = 0; i < keys.length; i++) {
        code.u4(keys[i]);
        switchTarget(targets.get(i), at);
      }
      flow.reachable = false;
    }
    return this;
  }

  private int beginSwitch(int opcode, Label otherwise) {
    int at = code.length();
    flow.take();
    code.u1(opcode);
    while (code.length() % 4 != 0) {
      code.u1(0);
    }
    switchTarget(otherwise, at);
    return at;
  }

  private void switchTarget(Label target, int instruction) {
    int operand = code.length();
    code.u4(0);
    flow.jumpTo(target, -operand, instruction);
  }

  public MethodCode athrow() {
    return end(Opcodes.ATHROW);
  }

  public MethodCode areturn() {
    return end(Opcodes.ARETURN);
  }

  public MethodCode return_() {
    return end(Opcodes.RETURN);
  }

  private MethodCode end(int opcode) {
    if (flow.reachable) {
      code.u1(opcode);
      flow.reachable = false;
    }
    return this;
  }

  // The attribute Code (4.7.3).

  void writeAttribute(ByteSink out) {
    if (code.length() > MOST_BYTES) {
      throw new IllegalStateException("a method of " + code.length() + " bytes");
    }
    StackMap map = new StackMap(pool, flow.labels, initial);
    ByteSink body = new ByteSink();
    body.u2(flow.maxStack()).u2(flow.maxLocals()).u4(code.length()).append(code);
    List<Catch> effective = new ArrayList<>(catches);
    effective.removeIf(one -> one.from().position >= one.to().position);
    body.u2(effective.size());
    for (Catch one : effective) {
      body.u2(one.from().position).u2(one.to().position).u2(one.handler().position);
      body.u2(pool.indexOf(one.type()));
    }
    if (map.count() == 0) {
      body.u2(0);
    } else {
      body.u2(1).u2(pool.indexOf("StackMapTable")).u4(map.length());
      map.writeTo(body);
    }
    out.u2(pool.indexOf("Code")).u4(body.length()).append(body);
  }
}
