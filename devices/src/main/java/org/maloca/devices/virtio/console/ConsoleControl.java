package org.maloca.devices.virtio.console;

import java.nio.charset.StandardCharsets;

/** Messages about ports, between device and driver (virtio 1.2, section 5.3.6.2). */
final class ConsoleControl {
  static final int DEVICE_READY = 0;
  static final int PORT_ADD = 1;
  static final int PORT_READY = 3;
  static final int CONSOLE_PORT = 4;
  static final int RESIZE = 5;
  static final int PORT_OPEN = 6;
  static final int PORT_NAME = 7;

  /** Length without what follows for some events. */
  static final int BYTES = 8;

  private ConsoleControl() {}

  static byte[] message(int port, int event, int value) {
    byte[] bytes = new byte[BYTES];
    fill(bytes, port, event, value);
    return bytes;
  }

  static byte[] name(int port, String name) {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    byte[] bytes = new byte[BYTES + text.length];
    fill(bytes, port, PORT_NAME, 1);
    System.arraycopy(text, 0, bytes, BYTES, text.length);
    return bytes;
  }

  static byte[] resize(int port, int columns, int rows) {
    byte[] bytes = new byte[BYTES + 4];
    fill(bytes, port, RESIZE, 0);
    put(bytes, BYTES, 2, columns);
    put(bytes, BYTES + 2, 2, rows);
    return bytes;
  }

  private static void fill(byte[] bytes, int port, int event, int value) {
    put(bytes, 0, 4, port);
    put(bytes, 4, 2, event);
    put(bytes, 6, 2, value);
  }

  private static void put(byte[] bytes, int offset, int size, int value) {
    for (int i = 0; i < size; i++) {
      bytes[offset + i] = (byte) (value >>> 8 * i);
    }
  }

  static int little(byte[] bytes, int offset, int size) {
    int value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | bytes[offset + i] & 0xff;
    }
    return value;
  }
}
