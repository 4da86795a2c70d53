package org.maloca.x86.bytecode;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The JVM's verifier is the judge of the stack maps: a class that it refuses does not load. */
class MethodCodeTest {
  private static final ClassDesc TYPE = ClassDesc.of("org.maloca.x86.bytecode.Written");
  private static final ClassDesc TEST = ClassDesc.of("org.maloca.x86.bytecode.MethodCodeTest");
  private static final ClassDesc FUNCTION = TEST.nested("Function");
  private static final ClassDesc MATH = ClassDesc.of("java.lang.Math");
  private static final ClassDesc OVERFLOW = ClassDesc.of("java.lang.ArithmeticException");
  private static final MethodTypeDesc TO_OBJECT = MethodTypeDesc.of(CD_Object, CD_long);
  private static final MethodTypeDesc TO_INT = MethodTypeDesc.of(CD_int, CD_long);

  private static final int A = 1;
  private static final int B = 2;
  private static final int SUM = 4;

  /** What the pool was told of, once for each member. */
  private final List<ClassDesc> owners = new ArrayList<>();

  private final ConstantPool pool = new ConstantPool(owners::add);

  /** What the written classes extend. */
  abstract static class Function {
    abstract Object call(int a, long b);
  }

  static Object boxed(long value) {
    return value;
  }

  private static void returnLong(MethodCode code) {
    code.invokestatic(TEST, "boxed", TO_OBJECT).areturn();
  }

  private ClassFileWriter write(Consumer<MethodCode> body) {
    ClassFileWriter type = new ClassFileWriter(pool, TYPE, FUNCTION);
    type.method(0, "<init>", ConstantDescs.MTD_void)
        .aload(0)
        .invokespecial(FUNCTION, "<init>", ConstantDescs.MTD_void)
        .return_();
    body.accept(
        type.method(ClassFile.ACC_PUBLIC, "call", MethodTypeDesc.of(CD_Object, CD_int, CD_long)));
    return type;
  }

  private Function load(Consumer<MethodCode> body) throws ReflectiveOperationException {
    return (Function)
        MethodHandles.lookup()
            .defineHiddenClass(write(body).toByteArray(), true)
            .lookupClass()
            .getDeclaredConstructor()
            .newInstance();
  }

  @Test
  void jumpsBackFindWhatTheirTargetExpects() throws ReflectiveOperationException {
    Function sumOfMultiples =
        load(code -> {
          code.lconst_0().lstore(SUM);
          Frame entered = code.frame();
          Label again = code.newLabel();
          Label done = code.newLabel();
          code.labelBinding(again, entered);
          code.iload(A).ifle(done);
          code.lload(B).lstore(SUM + 2);
          code.lload(SUM).lload(SUM + 2).ladd().lstore(SUM);
          code.iload(A).iconst_m1().iadd().istore(A).goto_(again);
          code.labelBinding(done).lload(SUM);
          returnLong(code);
        });
    assertEquals(5 * 12L, sumOfMultiples.call(5, 12));
    assertEquals(0L, sumOfMultiples.call(0, 12));
  }

  @Test
  void operandsStayOnTheStackWhereWaysMeet() throws ReflectiveOperationException {
    Function addIfPositive =
        load(code -> {
          Label otherwise = code.newLabel();
          Label met = code.newLabel();
          code.lload(B).iload(A).ifle(otherwise);
          code.iload(A).i2l().goto_(met);
          code.labelBinding(otherwise).lconst_0();
          code.labelBinding(met).ladd();
          returnLong(code);
        });
    assertEquals(7L, addIfPositive.call(3, 4));
    assertEquals(4L, addIfPositive.call(-3, 4));
  }

  @Test
  void switchesFindTheirTargets() throws ReflectiveOperationException {
    Function dense = load(code -> switchOn(code, true));
    Function sparse = load(code -> switchOn(code, false));
    assertEquals(List.of(10L, 11L, 12L, 10L), answers(dense, 0, 1, 2, 3));
    assertEquals(List.of(11L, 12L, 10L, 10L), answers(sparse, -70_000, 70_000, 0, 1));
  }

  private static void switchOn(MethodCode code, boolean dense) {
    Label otherwise = code.newLabel();
    List<Label> targets = List.of(code.newLabel(), code.newLabel());
    code.iload(A);
    if (dense) {
      code.tableswitch(1, targets, otherwise);
    } else {
      code.lookupswitch(new int[] {-70_000, 70_000}, targets, otherwise);
    }
    for (int i = 0; i < 2; i++) {
      code.labelBinding(targets.get(i)).loadConstant(11L + i);
      returnLong(code);
    }
    code.labelBinding(otherwise).loadConstant(10L);
    returnLong(code);
  }

  private static List<Object> answers(Function function, int... arguments) {
    return Arrays.stream(arguments).mapToObj(a -> function.call(a, 0)).toList();
  }

  @Test
  void exceptionsArriveWhereTheyAreCaught() throws ReflectiveOperationException {
    Function orMinusOne =
        load(code -> {
          Frame entered = code.frame();
          Label from = code.newLabel();
          Label to = code.newLabel();
          Label caught = code.newLabel();
          code.labelBinding(from).lload(B);
          code.invokestatic(MATH, "toIntExact", TO_INT).i2l();
          returnLong(code);
          code.labelBinding(to);
          code.handlerBinding(caught, entered, OVERFLOW);
          code.astore(SUM).loadConstant(-1L);
          returnLong(code);
          code.exceptionCatch(from, to, caught, OVERFLOW);
        });
    assertEquals(9L, orMinusOne.call(0, 9));
    assertEquals(-1L, orMinusOne.call(0, 1L << 40));
  }

  @Test
  void codeThatNothingLeadsToIsNotWritten() throws ReflectiveOperationException {
    Function answer =
        load(code -> {
          code.lload(B);
          returnLong(code);
          int length = code.length();
          code.lload(99).pop2().getfield(TYPE, "none", CD_int);
          assertEquals(length, code.length());
        });
    assertEquals(3L, answer.call(0, 3));
  }

  @Test
  void slotsThatAreUsedLieCloseTogether() throws ReflectiveOperationException {
    List<Integer> slots = new ArrayList<>();
    Function sum =
        load(code -> {
          code.lload(B).lstore(500).iload(A).istore(300);
          code.iload(300).i2l().lload(500).ladd();
          Arrays.stream(code.namedSlots()).forEach(slots::add);
          returnLong(code);
        });

    assertEquals(7L, sum.call(3, 4));
    assertEquals(List.of(0, A, B, B, 500, 500, 300), slots);
  }

  @Test
  void oneWordOfASlotIsApartFromTwo() throws ReflectiveOperationException {
    Function sum =
        load(code -> {
          code.lload(B).lstore(SUM).iload(A).istore(SUM).iload(A).istore(SUM + 1);
          code.lload(SUM).iload(SUM).i2l().ladd();
          returnLong(code);
        });

    assertEquals(7L, sum.call(3, 4));
  }

  @Test
  void jumpsBackToWhereOtherLocalsAreExpectedAreRefused() {
    IllegalStateException refused =
        assertThrows(
            IllegalStateException.class,
            () ->
                write(code -> {
                  Label again = code.newLabel();
                  code.iload(A).istore(SUM);
                  code.labelBinding(again);
                  code.fconst_0().fstore(SUM).goto_(again);
                }));
    assertTrue(refused.getMessage().contains("local 4"), refused.getMessage());
  }

  @Test
  void methodsWithJumpsBeyondSixteenBitsAreRefused() {
    ClassFileWriter longer =
        write(code -> {
          for (int i = 0; i < 20_000; i++) {
            code.lload(B).pop2();
          }
        });
    IllegalStateException refused = assertThrows(IllegalStateException.class, longer::toByteArray);
    assertEquals("a method of 40000 bytes", refused.getMessage());
  }

  @Test
  void callsAndPlacesBeginNewEpochs() {
    write(code -> {
      int before = code.epoch();
      code.lload(B).pop2();
      assertEquals(before, code.epoch());
      code.labelBinding(code.newLabel());
      int place = code.epoch();
      assertNotEquals(before, place);
      code.lload(B);
      returnLong(code);
      assertNotEquals(place, code.epoch());
    });
  }

  @Test
  void eachClassFileHasOnlyItsOwnConstants() throws ReflectiveOperationException {
    int length = write(code -> code.lload(B).pop2()).toByteArray().length;
    load(code -> {
      code.loadConstant(123_456_789L);
      returnLong(code);
    });
    assertEquals(length, write(code -> code.lload(B).pop2()).toByteArray().length);
  }

  @Test
  void theOwnersOfMembersAreToldWhenCodeRefersToThemForTheFirstTime()
      throws ReflectiveOperationException {
    ClassDesc math = ClassDesc.of("java.lang.Math");
    MethodTypeDesc absolute = MethodTypeDesc.of(CD_long, CD_long);
    Consumer<MethodCode> body =
        code -> {
          code.lload(B).invokestatic(math, "abs", absolute).lstore(SUM).lload(SUM);
          returnLong(code);
        };
    assertEquals(5L, load(body).call(0, -5));
    assertEquals(1, owners.stream().filter(math::equals).count());
    assertEquals(7L, load(body).call(0, -7));
    assertEquals(1, owners.stream().filter(math::equals).count());
  }
}
