package org.maloca.devices.acpi;

import java.io.ByteArrayOutputStream;

/**
 * A complete piece of AML byte code: a statement, an expression, or a name. Immutable.
 *
 * @see Aml
 */
public final class AmlTerm {
  private static final int ONE_BYTE_LIMIT = 1 << 6;
  private static final int TWO_BYTE_LIMIT = 1 << 12;
  private static final int THREE_BYTE_LIMIT = 1 << 20;
  private static final int FOUR_BYTE_LIMIT = 1 << 28;

  private final byte[] code;

  private AmlTerm(byte[] code) {
    this.code = code;
  }

  /** The term's byte code, a new array. */
  public byte[] toByteArray() {
    return code.clone();
  }

  int length() {
    return code.length;
  }

  /** Concatenates op-codes (as {@code Integer} bytes) and terms. */
  static AmlTerm of(Object... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Object part : parts) {
      append(out, part);
    }
    return new AmlTerm(out.toByteArray());
  }

  private static void append(ByteArrayOutputStream out, Object part) {
    switch (part) {
      case Integer opcodeByte -> out.write(opcodeByte);
      case AmlTerm term -> out.writeBytes(term.code);
      case byte[] raw -> out.writeBytes(raw);
      case Object[] several -> {
        for (Object one : several) {
          append(out, one);
        }
      }
      default -> throw new IllegalArgumentException("not AML: " + part.getClass());
    }
  }

  /** Op-codes, then a package length that covers itself and the rest (ACPI 6.4, 20.2.4). */
  static AmlTerm packaged(int[] opcode, Object... parts) {
    AmlTerm body = of(parts);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int one : opcode) {
      out.write(one);
    }
    writePackageLength(out, body.length());
    out.writeBytes(body.code);
    return new AmlTerm(out.toByteArray());
  }

  private static void writePackageLength(ByteArrayOutputStream out, int bodyLength) {
    if (bodyLength + 1 < ONE_BYTE_LIMIT) {
      out.write(bodyLength + 1);
      return;
    }
    int extra = bodyLength + 2 < TWO_BYTE_LIMIT ? 1 : bodyLength + 3 < THREE_BYTE_LIMIT ? 2 : 3;
    int total = bodyLength + 1 + extra;
    if (total >= FOUR_BYTE_LIMIT) {
      throw new IllegalArgumentException("AML package of " + bodyLength + " bytes");
    }
    out.write(extra << 6 | total & 0xf);
    for (int i = 0; i < extra; i++) {
      out.write(total >> 4 + 8 * i);
    }
  }
}
