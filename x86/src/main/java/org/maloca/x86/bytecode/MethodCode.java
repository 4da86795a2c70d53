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

  private static final int WIDE = 196;
  private static final int GOTO = 167;
  private static final int TABLESWITCH = 170;
  private static final int LOOKUPSWITCH = 171;

  private final ConstantPool pool;
  private final ByteSink code = new ByteSink();
  private final List<Label> labels = new ArrayList<>();
  private final List<Catch> catches = new ArrayList<>();
  private final Frame initial;
  private final Frame now;
  private boolean reachable = true;
  private int maxStack;
  private int stackSlots;
  private int maxLocals;
  private int epoch;

  /** A range whose exceptions are caught. */
  private record Catch(Label from, Label to, Label handler, ClassDesc type) {}

  /**
   * Begins a method.
   *
   * @param owner the class of which it is an instance method; null for a static one
   */
  MethodCode(ConstantPool pool, @Nullable ClassDesc owner, MethodTypeDesc type) {
    this.pool = pool;
    now = new Frame(128, 32);
    int slot = 0;
    if (owner != null) {
      setLocal(slot++, pool.types.of(owner));
    }
    for (ClassDesc parameter : type.parameterArray()) {
      int known = pool.types.of(parameter);
      setLocal(slot, known);
      slot += Types.isWide(known) ? 2 : 1;
    }
    initial = now.copy();
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
    return epoch;
  }

  /** What holds here, to be expected elsewhere. */
  public Frame frame() {
    return now.copy();
  }

  // Labels.

  /** A new label, not bound yet. */
  public Label newLabel() {
    return new Label();
  }

  /** Binds a label to this place: jumps to it so far hold, and those later may know no less. */
  public MethodCode labelBinding(Label label) {
    return bind(label, null);
  }

  /**
   * Binds a label that is jumped to from behind it, too.
   *
   * @param expected what holds at all of these jumps
   */
  public MethodCode labelBinding(Label label, Frame expected) {
    return bind(label, expected);
  }

  private MethodCode bind(Label label, @Nullable Frame expected) {
    epoch++;
    label.position = code.length();
    Frame frame = label.frame;
    if (frame == null) {
      frame = reachable ? now.copy() : expected == null ? null : expected.copy();
    } else if (reachable) {
      frame.merge(now);
    }
    if (frame == null) {
      label.resolve(code);
      return this;
    }
    if (expected != null) {
      frame.restrict(expected);
    }
    // Code behind a jump has a map, though nothing may lead to it in the end.
    label.isTarget |= !reachable;
    Label before = labels.isEmpty() ? null : labels.getLast();
    if (before != null && before.position == label.position && before.frame != null && reachable) {
      // One place has one map.
      before.frame.restrict(frame);
      label.frame = before.frame;
    } else {
      label.frame = frame;
    }
    labels.add(label);
    label.resolve(code);
    resume(label.frame);
    return this;
  }

  private void resume(Frame frame) {
    now.become(frame);
    reachable = true;
    stackSlots = now.stackSlots();
    maxStack = Math.max(maxStack, stackSlots);
  }

  /**
   * Binds the label where exceptions of a type arrive.
   *
   * @param expected what holds wherever they may be thrown
   */
  public MethodCode handlerBinding(Label label, Frame expected, ClassDesc type) {
    Frame frame = expected.copy();
    frame.depth = 0;
    frame.push(pool.types.of(type));
    label.frame = frame;
    label.isTarget = true;
    reachable = false;
    return bind(label, null);
  }

  /** Has exceptions in a range caught; all three labels may still be unbound. */
  public MethodCode exceptionCatch(Label from, Label to, Label handler, ClassDesc type) {
    catches.add(new Catch(from, to, handler, type));
    return this;
  }

  private void jumpTo(Label target, int operand, int instruction) {
    target.isTarget = true;
    if (target.isBound()) {
      Frame frame = target.frame;
      if (frame == null) {
        throw new IllegalStateException("a jump back to what nothing led to");
      }
      now.requireFits(frame);
      target.await(operand, instruction);
      target.resolve(code);
      return;
    }
    if (target.frame == null) {
      target.frame = now.copy();
    } else {
      target.frame.merge(now);
    }
    target.await(operand, instruction);
  }

  // Types.

  private void setLocal(int slot, int type) {
    now.setLocal(slot, type);
    maxLocals = Math.max(maxLocals, now.localCount);
  }

  private void push(int type) {
    if (type != Types.VOID) {
      now.push(type);
      stackSlots += Types.isWide(type) ? 2 : 1;
      if (stackSlots > maxStack) {
        maxStack = stackSlots;
      }
    }
  }

  private int take() {
    int type = now.stack[--now.depth];
    stackSlots -= Types.isWide(type) ? 2 : 1;
    return type;
  }

  private void pop(int count) {
    for (int i = 0; i < count; i++) {
      take();
    }
  }

  private MethodCode plain(int opcode, int pops, int pushed) {
    if (reachable) {
      code.u1(opcode);
      pop(pops);
      push(pushed);
    }
    return this;
  }

  // Constants.

  /** Pushes an int. */
  public MethodCode loadConstant(int value) {
    if (!reachable) {
      return this;
    }
    if (value >= -1 && value <= 5) {
      code.u1(3 + value);
    } else if (value == (byte) value) {
      code.u1(16).u1(value);
    } else if (value == (short) value) {
      code.u1(17).u2(value);
    } else {
      ldc(pool.indexOf(value));
    }
    push(Types.INT);
    return this;
  }

  /** Pushes a float. */
  public MethodCode loadConstant(float value) {
    if (reachable) {
      ldc(pool.indexOf(value));
      push(Types.FLOAT);
    }
    return this;
  }

  private void ldc(int index) {
    if (index < 256) {
      code.u1(18).u1(index);
    } else {
      code.u1(19).u2(index);
    }
  }

  /** Pushes a long. */
  public MethodCode loadConstant(long value) {
    if (!reachable) {
      return this;
    }
    if (value == 0 || value == 1) {
      code.u1(9 + (int) value);
    } else {
      code.u1(20).u2(pool.indexOf(value));
    }
    push(Types.LONG);
    return this;
  }

  /** Pushes a double. */
  public MethodCode loadConstant(double value) {
    if (reachable) {
      code.u1(20).u2(pool.indexOf(value));
      push(Types.DOUBLE);
    }
    return this;
  }

  // Locals. The short forms follow the long ones: four for each type.

  private MethodCode load(int opcode, int slot, int type) {
    if (reachable) {
      local(opcode, 26 + 4 * (opcode - 21), slot);
      push(type);
    }
    return this;
  }

  private MethodCode store(int opcode, int slot, int type) {
    if (reachable) {
      local(opcode, 59 + 4 * (opcode - 54), slot);
      take();
      setLocal(slot, type);
    }
    return this;
  }

  private void local(int opcode, int shortForms, int slot) {
    if (slot < 4) {
      code.u1(shortForms + slot);
    } else if (slot < 256) {
      code.u1(opcode).u1(slot);
    } else {
      code.u1(WIDE).u1(opcode).u2(slot);
    }
  }

  public MethodCode aload(int slot) {
    return load(25, slot, now.local(slot));
  }

  public MethodCode astore(int slot) {
    if (reachable) {
      store(58, slot, now.stack[now.depth - 1]);
    }
    return this;
  }

  public MethodCode iload(int slot) {
    return load(21, slot, Types.INT);
  }

  public MethodCode lload(int slot) {
    return load(22, slot, Types.LONG);
  }

  public MethodCode fload(int slot) {
    return load(23, slot, Types.FLOAT);
  }

  public MethodCode dload(int slot) {
    return load(24, slot, Types.DOUBLE);
  }

  public MethodCode istore(int slot) {
    return store(54, slot, Types.INT);
  }

  public MethodCode lstore(int slot) {
    return store(55, slot, Types.LONG);
  }

  public MethodCode fstore(int slot) {
    return store(56, slot, Types.FLOAT);
  }

  public MethodCode dstore(int slot) {
    return store(57, slot, Types.DOUBLE);
  }

  // The operand stack.

  public MethodCode dup() {
    if (reachable) {
      code.u1(89);
      push(now.stack[now.depth - 1]);
    }
    return this;
  }

  /** Of one long or double. */
  public MethodCode dup2() {
    if (reachable) {
      code.u1(92);
      push(now.stack[now.depth - 1]);
    }
    return this;
  }

  /** Of a long or double above another. */
  public MethodCode dup2_x2() {
    if (reachable) {
      code.u1(94);
      int top = take();
      int below = take();
      push(top);
      push(below);
      push(top);
    }
    return this;
  }

  public MethodCode pop() {
    return plain(87, 1, Types.VOID);
  }

  /** Of one long or double. */
  public MethodCode pop2() {
    return plain(88, 1, Types.VOID);
  }

  // Arithmetic, conversions, comparisons.

  public MethodCode iconst_m1() {
    return plain(2, 0, Types.INT);
  }

  public MethodCode iconst_0() {
    return plain(3, 0, Types.INT);
  }

  public MethodCode iconst_1() {
    return plain(4, 0, Types.INT);
  }

  public MethodCode iconst_2() {
    return plain(5, 0, Types.INT);
  }

  public MethodCode iconst_3() {
    return plain(6, 0, Types.INT);
  }

  public MethodCode aconst_null() {
    return plain(1, 0, Types.NULL);
  }

  public MethodCode lconst_0() {
    return plain(9, 0, Types.LONG);
  }

  public MethodCode lconst_1() {
    return plain(10, 0, Types.LONG);
  }

  public MethodCode fconst_0() {
    return plain(11, 0, Types.FLOAT);
  }

  public MethodCode dconst_0() {
    return plain(14, 0, Types.DOUBLE);
  }

  public MethodCode laload() {
    return plain(47, 2, Types.LONG);
  }

  public MethodCode lastore() {
    return plain(80, 3, Types.VOID);
  }

  public MethodCode iadd() {
    return plain(96, 2, Types.INT);
  }

  public MethodCode ladd() {
    return plain(97, 2, Types.LONG);
  }

  public MethodCode fadd() {
    return plain(98, 2, Types.FLOAT);
  }

  public MethodCode dadd() {
    return plain(99, 2, Types.DOUBLE);
  }

  public MethodCode isub() {
    return plain(100, 2, Types.INT);
  }

  public MethodCode lsub() {
    return plain(101, 2, Types.LONG);
  }

  public MethodCode fsub() {
    return plain(102, 2, Types.FLOAT);
  }

  public MethodCode dsub() {
    return plain(103, 2, Types.DOUBLE);
  }

  public MethodCode imul() {
    return plain(104, 2, Types.INT);
  }

  public MethodCode lmul() {
    return plain(105, 2, Types.LONG);
  }

  public MethodCode fmul() {
    return plain(106, 2, Types.FLOAT);
  }

  public MethodCode dmul() {
    return plain(107, 2, Types.DOUBLE);
  }

  public MethodCode fdiv() {
    return plain(110, 2, Types.FLOAT);
  }

  public MethodCode ddiv() {
    return plain(111, 2, Types.DOUBLE);
  }

  public MethodCode lneg() {
    return plain(117, 1, Types.LONG);
  }

  public MethodCode ishl() {
    return plain(120, 2, Types.INT);
  }

  public MethodCode lshl() {
    return plain(121, 2, Types.LONG);
  }

  public MethodCode lshr() {
    return plain(123, 2, Types.LONG);
  }

  public MethodCode iushr() {
    return plain(124, 2, Types.INT);
  }

  public MethodCode lushr() {
    return plain(125, 2, Types.LONG);
  }

  public MethodCode iand() {
    return plain(126, 2, Types.INT);
  }

  public MethodCode land() {
    return plain(127, 2, Types.LONG);
  }

  public MethodCode ior() {
    return plain(128, 2, Types.INT);
  }

  public MethodCode lor() {
    return plain(129, 2, Types.LONG);
  }

  public MethodCode ixor() {
    return plain(130, 2, Types.INT);
  }

  public MethodCode lxor() {
    return plain(131, 2, Types.LONG);
  }

  public MethodCode i2l() {
    return plain(133, 1, Types.LONG);
  }

  public MethodCode i2d() {
    return plain(135, 1, Types.DOUBLE);
  }

  public MethodCode l2i() {
    return plain(136, 1, Types.INT);
  }

  public MethodCode l2f() {
    return plain(137, 1, Types.FLOAT);
  }

  public MethodCode l2d() {
    return plain(138, 1, Types.DOUBLE);
  }

  public MethodCode f2d() {
    return plain(141, 1, Types.DOUBLE);
  }

  public MethodCode d2i() {
    return plain(142, 1, Types.INT);
  }

  public MethodCode d2l() {
    return plain(143, 1, Types.LONG);
  }

  public MethodCode d2f() {
    return plain(144, 1, Types.FLOAT);
  }

  public MethodCode i2b() {
    return plain(145, 1, Types.INT);
  }

  public MethodCode i2s() {
    return plain(147, 1, Types.INT);
  }

  public MethodCode lcmp() {
    return plain(148, 2, Types.INT);
  }

  public MethodCode fcmpg() {
    return plain(150, 2, Types.INT);
  }

  public MethodCode dcmpl() {
    return plain(151, 2, Types.INT);
  }

  public MethodCode dcmpg() {
    return plain(152, 2, Types.INT);
  }

  // Objects.

  public MethodCode aaload() {
    if (reachable) {
      code.u1(50);
      take();
      push(pool.types.of(pool.types.classOf(take()).componentType()));
    }
    return this;
  }

  public MethodCode getfield(ClassDesc owner, String name, ClassDesc type) {
    if (reachable) {
      Member field = pool.field(owner, name, type);
      code.u1(180).u2(pool.indexOfField(field));
      take();
      push(field.type);
    }
    return this;
  }

  public MethodCode putfield(ClassDesc owner, String name, ClassDesc type) {
    if (reachable) {
      code.u1(181).u2(pool.indexOfField(pool.field(owner, name, type)));
      pop(2);
    }
    return this;
  }

  public MethodCode getstatic(ClassDesc owner, String name, ClassDesc type) {
    if (reachable) {
      Member field = pool.field(owner, name, type);
      code.u1(178).u2(pool.indexOfField(field));
      push(field.type);
    }
    return this;
  }

  public MethodCode putstatic(ClassDesc owner, String name, ClassDesc type) {
    if (reachable) {
      code.u1(179).u2(pool.indexOfField(pool.field(owner, name, type)));
      take();
    }
    return this;
  }

  public MethodCode new_(ClassDesc type) {
    if (reachable) {
      code.u1(187).u2(pool.indexOf(type));
      push(pool.types.of(type));
    }
    return this;
  }

  public MethodCode invokevirtual(ClassDesc owner, String name, MethodTypeDesc type) {
    return invoke(182, 1, owner, name, type);
  }

  public MethodCode invokespecial(ClassDesc owner, String name, MethodTypeDesc type) {
    return invoke(183, 1, owner, name, type);
  }

  public MethodCode invokestatic(ClassDesc owner, String name, MethodTypeDesc type) {
    return invoke(184, 0, owner, name, type);
  }

  private MethodCode invoke(
      int opcode, int receivers, ClassDesc owner, String name, MethodTypeDesc type) {
    if (reachable) {
      Member method = pool.method(owner, name, type);
      code.u1(opcode).u2(pool.indexOfMethod(method));
      pop(method.parameterCount + receivers);
      push(method.type);
      epoch++;
    }
    return this;
  }

  // Jumps.

  public MethodCode ifeq(Label target) {
    return branch(153, 1, target);
  }

  public MethodCode ifne(Label target) {
    return branch(154, 1, target);
  }

  public MethodCode iflt(Label target) {
    return branch(155, 1, target);
  }

  public MethodCode ifge(Label target) {
    return branch(156, 1, target);
  }

  public MethodCode ifgt(Label target) {
    return branch(157, 1, target);
  }

  public MethodCode ifle(Label target) {
    return branch(158, 1, target);
  }

  public MethodCode ifnonnull(Label target) {
    return branch(199, 1, target);
  }

  /** Jumps if the int on the stack is zero, to where the stack is empty. */
  public MethodCode ifeqDroppingAll(Label target) {
    if (now.depth <= 1) {
      return ifeq(target);
    }
    Label goesOn = newLabel();
    ifne(goesOn);
    if (reachable) {
      while (now.depth > 0) {
        if (Types.isWide(now.stack[now.depth - 1])) {
          pop2();
        } else {
          pop();
        }
      }
    }
    return goto_(target).labelBinding(goesOn);
  }

  public MethodCode goto_(Label target) {
    branch(GOTO, 0, target);
    reachable = false;
    return this;
  }

  private MethodCode branch(int opcode, int pops, Label target) {
    if (reachable) {
      int at = code.length();
      code.u1(opcode).u2(0);
      pop(pops);
      jumpTo(target, at + 1, at);
    }
    return this;
  }

  /** Jumps by the int on the stack to the first target if it is {@code low}, and so on. */
  public MethodCode tableswitch(int low, List<Label> targets, Label otherwise) {
    if (reachable) {
      int at = beginSwitch(TABLESWITCH, otherwise);
      code.u4(low).u4(low + targets.size() - 1);
      for (Label target : targets) {
        switchTarget(target, at);
      }
      reachable = false;
    }
    return this;
  }

  /** Jumps by the int on the stack to the target of the same index as its key; keys ascend. */
  public MethodCode lookupswitch(int[] keys, List<Label> targets, Label otherwise) {
    if (reachable) {
      int at = beginSwitch(LOOKUPSWITCH, otherwise);
      code.u4(keys.length);
      for (int i = 0; i < keys.length; i++) {
        code.u4(keys[i]);
        switchTarget(targets.get(i), at);
      }
      reachable = false;
    }
    return this;
  }

  private int beginSwitch(int opcode, Label otherwise) {
    int at = code.length();
    take();
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
    jumpTo(target, -operand, instruction);
  }

  public MethodCode athrow() {
    return end(191);
  }

  public MethodCode areturn() {
    return end(176);
  }

  public MethodCode return_() {
    return end(177);
  }

  private MethodCode end(int opcode) {
    if (reachable) {
      code.u1(opcode);
      reachable = false;
    }
    return this;
  }

  // The attribute Code (4.7.3).

  void writeAttribute(ByteSink out) {
    if (code.length() > MOST_BYTES) {
      throw new IllegalStateException("a method of " + code.length() + " bytes");
    }
    StackMap map = new StackMap(pool, labels, initial);
    ByteSink body = new ByteSink();
    body.u2(maxStack).u2(maxLocals).u4(code.length()).append(code);
    List<Catch> effective =
        catches.stream().filter(one -> one.from().position < one.to().position).toList();
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
