package org.maloca.devices.acpi;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A strict reader of the AML that a DSDT of ours may have: every length must end exactly where its
 * contents do, every op-code must be known.
 */
final class AmlReader {
  private final byte[] code;
  private final List<String> devices = new ArrayList<>();
  private int at;

  AmlReader(byte[] table, int start) {
    code = table;
    at = start;
  }

  List<String> devices() {
    return devices;
  }

  void readAll() {
    terms(code.length);
  }

  private void terms(int end) {
    while (at < end) {
      term();
    }
    check(at == end, "contents overrun their length");
  }

  private int next() {
    return code[at++] & 0xff;
  }

  private void check(boolean isRight, String complaint) {
    if (!isRight) {
      throw new IllegalStateException(complaint + " at " + at);
    }
  }

  private int packageEnd() {
    int start = at;
    int lead = next();
    int extra = lead >> 6;
    int length = extra == 0 ? lead & 0x3f : lead & 0x0f;
    check(extra == 0 || (lead & 0x30) == 0, "reserved bits in a package length");
    for (int i = 0; i < extra; i++) {
      length |= next() << 4 + 8 * i;
    }
    check(start + length <= code.length, "package beyond the table");
    return start + length;
  }

  private String name() {
    while (code[at] == '\\' || code[at] == '^') {
      at++;
    }
    int lead = code[at] & 0xff;
    int segments = 1;
    if (lead == 0x2e) {
      at++;
      segments = 2;
    } else if (lead == 0x2f) {
      at++;
      segments = next();
    } else if (lead == 0) {
      at++;
      return "";
    }
    String last = "";
    for (int i = 0; i < segments; i++) {
      last = new String(code, at, 4, StandardCharsets.US_ASCII);
      check(last.matches("[A-Z_][A-Z0-9_]{3}"), "bad name " + last);
      at += 4;
    }
    return last;
  }

  private void several(int count) {
    for (int i = 0; i < count; i++) {
      term();
    }
  }

  private void term() {
    int lead = code[at] & 0xff;
    if (lead == '\\' || lead == '^' || lead == '_' || lead >= 'A' && lead <= 'Z') {
      name();
      return;
    }
    at++;
    switch (lead) {
      case 0x00, 0x01 -> {}
      case 0x0a -> at += 1;
      case 0x0b -> at += 2;
      case 0x0c -> at += 4;
      case 0x0e -> at += 8;
      case 0x0d -> string();
      case 0x08 -> {
        name();
        term();
      }
      case 0x10, 0xa0, 0xa1 -> block(lead);
      case 0x11 -> buffer();
      case 0x12 -> elements();
      case 0x14 -> {
        int end = packageEnd();
        name();
        check((next() & 0x07) <= 7, "method flags");
        terms(end);
      }
      case 0x5b -> device();
      case 0x60, 0x61, 0x68, 0x69, 0x6a, 0x6b -> {}
      case 0x70, 0x93 -> several(2);
      case 0x7b, 0x7d -> several(3);
      case 0x8a -> several(3);
      case 0xa4, 0x92 -> several(1);
      default -> check(false, "unknown op-code " + lead);
    }
  }

  private void string() {
    while (code[at] != 0) {
      check(code[at] > 0, "string is not ASCII");
      at++;
    }
    at++;
  }

  private void block(int lead) {
    int end = packageEnd();
    if (lead == 0x10) {
      name();
    }
    terms(end);
  }

  private void buffer() {
    int end = packageEnd();
    int lead = next();
    check(lead == 0x0a || lead == 0x0b, "buffer size");
    int size = lead == 0x0a ? next() : next() | next() << 8;
    check(at + size == end, "buffer size against its package");
    at = end;
  }

  private void elements() {
    int end = packageEnd();
    several(next());
    check(at == end, "package elements overrun");
  }

  private void device() {
    check(next() == 0x82, "extended op-code");
    int end = packageEnd();
    devices.add(name());
    terms(end);
  }
}
