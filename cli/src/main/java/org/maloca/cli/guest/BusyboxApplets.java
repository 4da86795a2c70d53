package org.maloca.cli.guest;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The applets that a BusyBox program has, read from the table of names inside it: a sorted run of
 * zero-terminated strings that starts with {@code [} and {@code [[}. So programs for other CPUs
 * than the host's can be asked too.
 */
final class BusyboxApplets {
  private static final byte[] START = "\0[\0[[\0a".getBytes(StandardCharsets.US_ASCII);
  private static final int MAX_APPLETS = 1000;
  private static final int MAX_NAME = 32;

  private BusyboxApplets() {}

  /** Their names; empty when no table is found. */
  static List<String> of(byte[] program) {
    List<String> names = new ArrayList<>();
    int at = find(program);
    while (at >= 0 && names.size() < MAX_APPLETS) {
      int end = at;
      while (end < program.length && end - at <= MAX_NAME && isNameByte(program[end])) {
        end++;
      }
      if (end == at || end == program.length || program[end] != 0) {
        break;
      }
      names.add(new String(program, at, end - at, StandardCharsets.US_ASCII));
      at = end + 1;
    }
    return names;
  }

  private static int find(byte[] program) {
    for (int at = 0; at + START.length <= program.length; at++) {
      int matched = 0;
      while (matched < START.length && program[at + matched] == START[matched]) {
        matched++;
      }
      if (matched == START.length) {
        return at + 1;
      }
    }
    return -1;
  }

  private static boolean isNameByte(byte value) {
    return value == '['
        || value == '_'
        || value == '-'
        || value >= '0' && value <= '9'
        || value >= 'a' && value <= 'z'
        || value >= 'A' && value <= 'Z';
  }
}
