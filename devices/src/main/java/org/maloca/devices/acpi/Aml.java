package org.maloca.devices.acpi;

import java.nio.charset.StandardCharsets;

/**
 * Builds ACPI Machine Language (ACPI Specification 6.4, section 20). One method per construct of
 * the language; each returns a term to nest in others. Bad names and arguments are {@link
 * IllegalArgumentException}s.
 */
public final class Aml {
  private static final int EXTENDED = 0x5b;
  private static final int[] SCOPE = {0x10};
  private static final int[] BUFFER = {0x11};
  private static final int[] PACKAGE = {0x12};
  private static final int[] METHOD = {0x14};
  private static final int[] DEVICE = {EXTENDED, 0x82};
  private static final int[] FIELD = {EXTENDED, 0x81};
  private static final int[] IF = {0xa0};
  private static final int[] ELSE = {0xa1};

  private static final int OP_ZERO = 0x00;
  private static final int OP_ONE = 0x01;
  private static final int OP_NAME = 0x08;
  private static final int OP_BYTE = 0x0a;
  private static final int OP_WORD = 0x0b;
  private static final int OP_DWORD = 0x0c;
  private static final int OP_STRING = 0x0d;
  private static final int OP_QWORD = 0x0e;
  private static final int DUAL_NAME_PREFIX = 0x2e;
  private static final int MULTI_NAME_PREFIX = 0x2f;
  private static final int OP_LOCAL0 = 0x60;
  private static final int OP_ARG0 = 0x68;
  private static final int OP_STORE = 0x70;
  private static final int OP_AND = 0x7b;
  private static final int OP_OR = 0x7d;
  private static final int OP_NOTIFY = 0x86;
  private static final int OP_CREATE_DWORD_FIELD = 0x8a;
  private static final int OP_NOT = 0x92;
  private static final int OP_EQUAL = 0x93;
  private static final int OP_RETURN = 0xa4;
  private static final int OP_REGION = 0x80;

  /** Address spaces of operation regions. */
  public enum RegionSpace {
    SYSTEM_MEMORY,
    SYSTEM_IO,
    PCI_CONFIG
  }

  /** Access widths of fields. */
  public enum FieldAccess {
    ANY,
    BYTE,
    WORD,
    DWORD,
    QWORD
  }

  private Aml() {}

  /** Several terms one after the other. */
  public static AmlTerm list(AmlTerm... terms) {
    return AmlTerm.of((Object[]) terms);
  }

  /**
   * A name: segments of up to four characters, separated by dots, after {@code \} or any number of
   * {@code ^}; as a term it is also a reference or a call without arguments.
   */
  public static AmlTerm name(String path) {
    int at = 0;
    while (at < path.length() && (path.charAt(at) == '\\' || path.charAt(at) == '^')) {
      at++;
    }
    byte[] prefix = path.substring(0, at).getBytes(StandardCharsets.US_ASCII);
    String rest = path.substring(at);
    if (rest.isEmpty()) {
      return AmlTerm.of(prefix, 0);
    }
    String[] segments = rest.split("\\.", -1);
    Object[] encoded = new Object[segments.length];
    for (int i = 0; i < segments.length; i++) {
      encoded[i] = segment(segments[i]);
    }
    return switch (segments.length) {
      case 1 -> AmlTerm.of(prefix, encoded);
      case 2 -> AmlTerm.of(prefix, DUAL_NAME_PREFIX, encoded);
      default -> AmlTerm.of(prefix, MULTI_NAME_PREFIX, segments.length, encoded);
    };
  }

  private static byte[] segment(String segment) {
    if (!segment.matches("[A-Z_][A-Z0-9_]{0,3}")) {
      throw new IllegalArgumentException("not an ACPI name segment: " + segment);
    }
    return (segment + "____").substring(0, 4).getBytes(StandardCharsets.US_ASCII);
  }

  /** An integer in its shortest form, taken as unsigned. */
  public static AmlTerm integer(long value) {
    if (value == 0) {
      return AmlTerm.of(OP_ZERO);
    }
    if (value == 1) {
      return AmlTerm.of(OP_ONE);
    }
    if (value >>> 8 == 0) {
      return AmlTerm.of(OP_BYTE, littleEndian(value, 1));
    }
    if (value >>> 16 == 0) {
      return AmlTerm.of(OP_WORD, littleEndian(value, 2));
    }
    return value >>> 32 == 0
        ? AmlTerm.of(OP_DWORD, littleEndian(value, 4))
        : AmlTerm.of(OP_QWORD, littleEndian(value, 8));
  }

  static byte[] littleEndian(long value, int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (value >>> 8 * i);
    }
    return bytes;
  }

  /** An ASCII string. */
  public static AmlTerm string(String value) {
    return AmlTerm.of(OP_STRING, value.getBytes(StandardCharsets.US_ASCII), 0);
  }

  /** A compressed EISA id such as {@code PNP0501} (section 19.3.4, EISAID). */
  public static AmlTerm eisaId(String id) {
    if (!id.matches("[A-Z]{3}[0-9A-F]{4}")) {
      throw new IllegalArgumentException("not an EISA id: " + id);
    }
    int maker = id.charAt(0) - '@' << 10 | id.charAt(1) - '@' << 5 | id.charAt(2) - '@';
    int bigEndian = maker << 16 | Integer.parseInt(id.substring(3), 16);
    return AmlTerm.of(OP_DWORD, littleEndian(Integer.reverseBytes(bigEndian), 4));
  }

  /** A buffer of these bytes. */
  public static AmlTerm buffer(byte[] bytes) {
    return AmlTerm.packaged(BUFFER, integer(bytes.length), bytes);
  }

  /** A package of at most 255 elements. */
  public static AmlTerm packageOf(AmlTerm... elements) {
    if (elements.length > 255) {
      throw new IllegalArgumentException("package of " + elements.length);
    }
    return AmlTerm.packaged(PACKAGE, elements.length, elements);
  }

  /** {@code Scope (path) { … }}. */
  public static AmlTerm scope(String path, AmlTerm... body) {
    return AmlTerm.packaged(SCOPE, name(path), body);
  }

  /** {@code Device (path) { … }}. */
  public static AmlTerm device(String path, AmlTerm... body) {
    return AmlTerm.packaged(DEVICE, name(path), body);
  }

  /** {@code Name (path, value)}. */
  public static AmlTerm define(String path, AmlTerm value) {
    return AmlTerm.of(OP_NAME, name(path), value);
  }

  /** {@code Method (path, arguments, Serialized or not) { … }}; 0 to 7 arguments. */
  public static AmlTerm method(String path, int arguments, boolean isSerialized, AmlTerm... body) {
    if (arguments < 0 || arguments > 7) {
      throw new IllegalArgumentException("method of " + arguments + " arguments");
    }
    int flags = arguments | (isSerialized ? 0x08 : 0);
    return AmlTerm.packaged(METHOD, name(path), flags, body);
  }

  /** {@code OperationRegion (path, space, offset, length)}. */
  public static AmlTerm operationRegion(String path, RegionSpace space, long offset, long length) {
    return AmlTerm.of(
        EXTENDED, OP_REGION, name(path), space.ordinal(), integer(offset), integer(length));
  }

  /**
   * A {@code Field} with locking off and bits preserved; the units come from {@link #fieldUnit}.
   */
  public static AmlTerm field(String region, FieldAccess access, AmlTerm... units) {
    return AmlTerm.packaged(FIELD, name(region), access.ordinal(), units);
  }

  /** A named unit of a field, less than 64 bits long. */
  public static AmlTerm fieldUnit(String segment, int bits) {
    if (bits < 1 || bits > 63) {
      throw new IllegalArgumentException("field unit of " + bits + " bits");
    }
    return AmlTerm.of(segment(segment), bits);
  }

  /** {@code If (predicate) { … }}. */
  public static AmlTerm ifThen(AmlTerm predicate, AmlTerm... body) {
    return AmlTerm.packaged(IF, predicate, body);
  }

  /** {@code Else { … }}, right behind an {@code If}. */
  public static AmlTerm otherwise(AmlTerm... body) {
    return AmlTerm.packaged(ELSE, (Object) body);
  }

  /** {@code Return (value)}. */
  public static AmlTerm returnValue(AmlTerm value) {
    return AmlTerm.of(OP_RETURN, value);
  }

  /** {@code Store (value, target)}. */
  public static AmlTerm store(AmlTerm value, AmlTerm target) {
    return AmlTerm.of(OP_STORE, value, target);
  }

  /** {@code LEqual (left, right)}. */
  public static AmlTerm equal(AmlTerm left, AmlTerm right) {
    return AmlTerm.of(OP_EQUAL, left, right);
  }

  /** {@code LNot (value)}. */
  public static AmlTerm not(AmlTerm value) {
    return AmlTerm.of(OP_NOT, value);
  }

  /** {@code And (left, right, target)}. */
  public static AmlTerm and(AmlTerm left, AmlTerm right, AmlTerm target) {
    return AmlTerm.of(OP_AND, left, right, target);
  }

  /** {@code Or (left, right, target)}. */
  public static AmlTerm or(AmlTerm left, AmlTerm right, AmlTerm target) {
    return AmlTerm.of(OP_OR, left, right, target);
  }

  /** {@code Notify (object, value)}. */
  public static AmlTerm notifyOf(String path, long value) {
    return AmlTerm.of(OP_NOTIFY, name(path), integer(value));
  }

  /** {@code CreateDWordField (buffer, byteIndex, name)}. */
  public static AmlTerm createDwordField(AmlTerm buffer, long byteIndex, String path) {
    return AmlTerm.of(OP_CREATE_DWORD_FIELD, buffer, integer(byteIndex), name(path));
  }

  /** {@code Arg0} to {@code Arg6}. */
  public static AmlTerm arg(int index) {
    return AmlTerm.of(OP_ARG0 + java.util.Objects.checkIndex(index, 7));
  }

  /** {@code Local0} to {@code Local7}. */
  public static AmlTerm local(int index) {
    return AmlTerm.of(OP_LOCAL0 + java.util.Objects.checkIndex(index, 8));
  }
}
