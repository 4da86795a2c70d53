package org.maloca.x86.translate;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.reflect.Method;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.maloca.core.jvm.JitCompiler;
import org.maloca.x86.decode.Decoder;

class PlainToolsTest {
  private static Method method(Class<?> type, String name) {
    return Arrays.stream(type.getDeclaredMethods())
        .filter(method -> method.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theDecoderIsLeftToTheQuickCompiler() {
    assumeTrue(JitCompiler.isAvailable(), "the JVM's compiler cannot be asked");
    PlainTools.ensure();
    Method decode = method(Decoder.class, "decode");

    assertFalse(JitCompiler.compile(decode, JitCompiler.TIER_BEST));
    assertTrue(JitCompiler.compile(decode, JitCompiler.TIER_QUICK));
  }
}
