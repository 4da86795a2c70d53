package org.maloca.net.dns;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Domain names (RFC 1035, section 3.1) as text and as bytes. As text a name is in lower case,
 * without a dot at its end, and the root is empty; a byte that is neither a letter, digit, hyphen
 * nor underscore is {@code \DDD} (section 5.1), so that two names are the same if their texts are.
 */
public final class NameSyntax {
  static final int MAX_LABEL = 63;
  static final int MAX_NAME = 255;

  /** What {@link #read} answers for bytes that are no name. */
  static final int BAD = -1;

  private static final int POINTER = 0xc0;

  private NameSyntax() {}

  /**
   * The bytes of a name that consists of plain labels.
   *
   * @throws IllegalArgumentException if it is not a valid host or domain name
   */
  public static byte[] encode(String name) {
    String canonical = canonical(name);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    if (!canonical.isEmpty()) {
      for (String label : canonical.split("\\.", -1)) {
        if (!isLabel(label)) {
          throw new IllegalArgumentException("'" + name + "' is not a domain name");
        }
        bytes.write(label.length());
        bytes.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
      }
    }
    bytes.write(0);
    if (bytes.size() > MAX_NAME) {
      throw new IllegalArgumentException("'" + name + "' is too long for a domain name");
    }
    return bytes.toByteArray();
  }

  /** Whether the text is a name of plain labels that fits. */
  public static boolean isValid(String name) {
    String canonical = canonical(name);
    if (canonical.isEmpty() || canonical.length() > MAX_NAME - 2) {
      return false;
    }
    for (String label : canonical.split("\\.", -1)) {
      if (!isLabel(label)) {
        return false;
      }
    }
    return true;
  }

  /** In lower case, without the dot at the end. */
  public static String canonical(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }

  private static boolean isLabel(String label) {
    if (label.isEmpty() || label.length() > MAX_LABEL) {
      return false;
    }
    for (int i = 0; i < label.length(); i++) {
      if (!isPlain(label.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isPlain(int c) {
    return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_';
  }

  /**
   * Reads a name from a message, following its compression (RFC 1035, section 4.1.4). Each pointer
   * must lead to before the run of labels that it ends, which holds for all that honest programs
   * write, and makes loops impossible.
   *
   * @param at offset of the name in the message, which begins at the buffer's index 0
   * @param text takes the name
   * @return the offset behind the name, or {@link #BAD}
   */
  static int read(ByteBuffer message, int at, StringBuilder text) {
    int limit = message.limit();
    int runStart = at;
    int position = at;
    int end = BAD;
    int octets = 1;
    while (position < limit) {
      int length = message.get(position) & 0xff;
      if (length == 0) {
        return end == BAD ? position + 1 : end;
      }
      if (length >= POINTER) {
        if (position + 1 >= limit) {
          return BAD;
        }
        int target = message.getShort(position) & 0x3fff;
        if (target >= runStart) {
          return BAD;
        }
        end = end == BAD ? position + 2 : end;
        runStart = target;
        position = target;
        continue;
      }
      octets += 1 + length;
      if (length > MAX_LABEL || octets > MAX_NAME || position + length >= limit) {
        return BAD;
      }
      appendLabel(message, position + 1, length, text);
      position += 1 + length;
    }
    return BAD;
  }

  private static void appendLabel(ByteBuffer message, int at, int length, StringBuilder text) {
    if (!text.isEmpty()) {
      text.append('.');
    }
    for (int i = 0; i < length; i++) {
      int c = message.get(at + i) & 0xff;
      int lower = c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
      if (isPlain(lower)) {
        text.append((char) lower);
      } else {
        text.append('\\');
        text.append((char) ('0' + lower / 100));
        text.append((char) ('0' + lower / 10 % 10));
        text.append((char) ('0' + lower % 10));
      }
    }
  }
}
