package org.maloca.core.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.reflect.Method;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JitCompilerTest {
  /** Methods that nobody calls. */
  private static final class Left {
    static int twice(int value) {
      return 2 * value;
    }
  }

  private static final class Free {
    static int twice(int value) {
      return 2 * value;
    }
  }

  @BeforeEach
  void askTheCompiler() {
    assumeTrue(JitCompiler.isAvailable(), "the JVM's compiler cannot be asked");
    JitCompiler.direct("org/maloca/core/jvm/JitCompilerTest*.*", List.of(), List.of());
  }

  private static Method methodOf(Class<?> type) throws NoSuchMethodException {
    return type.getDeclaredMethod("twice", int.class);
  }

  @Test
  void whatIsDirectedIsCompiledWhenTheCallReturns() throws Exception {
    Method method = methodOf(Free.class);
    assertTrue(JitCompiler.compile(method, JitCompiler.TIER_BEST));
    assertEquals(JitCompiler.TIER_BEST, JitCompiler.tierOf(method));
  }

  @Test
  void whatIsLeftToTheQuickCompilerTheOptimizingOneRefuses() throws Exception {
    Method method = methodOf(Left.class);
    JitCompiler.leaveToQuick(List.of("org/maloca/core/jvm/JitCompilerTest$Left.*"));
    assertFalse(JitCompiler.compile(method, JitCompiler.TIER_BEST));
    assertTrue(JitCompiler.compile(method, JitCompiler.TIER_QUICK));
  }

  @Test
  void aPatternThatTheJvmWouldTakeForNothingIsRefused() {
    List<String> patterns = List.of("org/maloca/core/jvm/Jit*Test.*");
    assertThrows(IllegalArgumentException.class, () -> JitCompiler.leaveToQuick(patterns));
  }
}
