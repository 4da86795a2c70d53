package org.maloca.core.cpu;

/**
 * A segment register with its hidden part (AMD APM vol. 2, 4.5).
 *
 * <p>{@code attributes} has the layout of a VMCB/VMX access-rights word: bits 0-3 type, 4 S, 5-6
 * DPL, 7 P, 12 AVL, 13 L, 14 D/B, 15 G (i.e. descriptor bits 40-47 in 0-7, 52-55 in 12-15). {@code
 * limit} is in bytes, already scaled by G.
 */
public final class SegmentState {
  public static final int TYPE_MASK = 0xf;
  public static final int ATTR_S = 1 << 4;
  public static final int ATTR_DPL_SHIFT = 5;
  public static final int ATTR_P = 1 << 7;
  public static final int ATTR_AVL = 1 << 12;
  public static final int ATTR_L = 1 << 13;
  public static final int ATTR_DB = 1 << 14;
  public static final int ATTR_G = 1 << 15;

  public int selector;
  public long base;

  /** In bytes, unsigned 32 bits. */
  public int limit;

  public int attributes;

  /** Sets all four. */
  public void set(int selector, long base, int limit, int attributes) {
    this.selector = selector;
    this.base = base;
    this.limit = limit;
    this.attributes = attributes;
  }

  public void copyFrom(SegmentState other) {
    set(other.selector, other.base, other.limit, other.attributes);
  }
}
