package org.maloca.x86.bytecode;

/**
 * How two ints compare, in the order of the instructions IFEQ to IFLE and IF_ICMPEQ to IF_ICMPLE
 * (JVM specification, 6.5).
 */
public enum Comparison {
  EQUAL,
  NOT_EQUAL,
  LESS,
  GREATER_OR_EQUAL,
  GREATER,
  LESS_OR_EQUAL;

  private static final Comparison[] ALL = values();

  /** The one that holds where this does not. */
  public Comparison negated() {
    return ALL[ordinal() ^ 1];
  }
}
