package org.maloca.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * HotSpot leaves methods of more than 8000 bytes to its interpreter for ever; we have none, but for
 * class initializers, which run once.
 */
class MethodSizeTest {
  private static final int HUGE_METHOD_BYTES = 8000;

  @Test
  void noMethodIsTooLongToBeCompiled() throws Exception {
    List<String> sizes = new ArrayList<>();
    for (Path file : classFiles()) {
      collect(ClassFile.of().parse(file), sizes);
    }

    assertTrue(sizes.size() > 1000, "the classes were found");
    assertEquals(List.of(), sizes.stream().filter(s -> s.endsWith("too long")).toList());
  }

  private static List<Path> classFiles() throws Exception {
    URI where = Cpu.class.getProtectionDomain().getCodeSource().getLocation().toURI();
    try (Stream<Path> files = Files.walk(Path.of(where))) {
      return files.filter(file -> file.toString().endsWith(".class")).toList();
    } catch (IOException unreadable) {
      throw new IllegalStateException(where.toString(), unreadable);
    }
  }

  private static void collect(ClassModel type, List<String> sizes) {
    type.methods().stream()
        .filter(method -> !method.methodName().equalsString("<clinit>"))
        .forEach(method ->
            method
                .code()
                .filter(CodeAttribute.class::isInstance)
                .map(CodeAttribute.class::cast)
                .ifPresent(code ->
                    sizes.add(
                        type.thisClass().asInternalName()
                            + "."
                            + method.methodName().stringValue()
                            + (code.codeLength() > HUGE_METHOD_BYTES ? " too long" : " fits"))));
  }
}
