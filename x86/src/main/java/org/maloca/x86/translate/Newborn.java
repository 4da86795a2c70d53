package org.maloca.x86.translate;

import java.lang.constant.ClassDesc;
import java.lang.invoke.MethodHandles;
import org.jspecify.annotations.Nullable;

/**
 * Makes the one instance of a region's class: by the class's own initializer, which costs far less
 * than a constructor that has to be looked up. For any thread.
 */
final class Newborn {
  static final ClassDesc DESC = ClassDesc.of("org.maloca.x86.translate.Newborn");

  /** What the initializer passes to the constructor. */
  static @Nullable RegionParts parts;

  /** Where the initializer leaves the instance. */
  static @Nullable Region region;

  private Newborn() {}

  /**
   * Defines a region's class.
   *
   * @throws IllegalStateException if the JVM refuses it
   */
  static synchronized Region of(byte[] classFile, RegionParts parts) {
    Newborn.parts = parts;
    try {
      MethodHandles.lookup().defineHiddenClass(classFile, true);
      Region made = region;
      if (made == null) {
        throw new IllegalStateException("a compiled region made no instance");
      }
      return made;
    } catch (IllegalAccessException | LinkageError broken) {
      throw new IllegalStateException("a compiled region did not link", broken);
    } finally {
      Newborn.parts = null;
      region = null;
    }
  }
}
