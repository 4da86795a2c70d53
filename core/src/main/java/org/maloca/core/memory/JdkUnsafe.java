package org.maloca.core.memory;

import jdk.internal.misc.Unsafe;

/**
 * The JDK's internal {@code Unsafe}, whose accesses are one machine instruction each. In a class of
 * its own, which is loaded only when used, so that a missing export is noticed rather than fatal.
 */
final class JdkUnsafe {
  static final Unsafe U = Unsafe.getUnsafe();

  private JdkUnsafe() {}
}
