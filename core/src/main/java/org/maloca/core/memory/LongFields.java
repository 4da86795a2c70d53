package org.maloca.core.memory;

import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Fields of type long that lie side by side in an object, read and written by number. Compiled code
 * names such fields, which costs no check of bounds; others have the number. Only where {@link
 * HostMemory#isFast} is so and the JVM has put the fields in order.
 */
public final class LongFields {
  /** In place of an offset: the fields are not to be had by number. */
  public static final long NONE = -1;

  private LongFields() {}

  /** Where the first of the named fields is in an object of the class, or {@link #NONE}. */
  public static long offsetOf(Class<?> holder, String... names) {
    if (!HostMemory.isFast()) {
      return NONE;
    }
    long[] offsets =
        Stream.of(names).mapToLong(name -> JdkUnsafe.U.objectFieldOffset(holder, name)).toArray();
    boolean isRow =
        LongStream.range(0, offsets.length)
            .allMatch(i -> offsets[(int) i] == offsets[0] + i * Long.BYTES);
    return isRow ? offsets[0] : NONE;
  }

  /** The field of a number; offset and number are not checked. */
  public static long get(Object holder, long offset, int number) {
    return JdkUnsafe.U.getLong(holder, offset + (long) number * Long.BYTES);
  }

  /** Sets the field of a number; offset and number are not checked. */
  public static void set(Object holder, long offset, int number, long value) {
    JdkUnsafe.U.putLong(holder, offset + (long) number * Long.BYTES, value);
  }
}
