package org.maloca.net.dhcp;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** A client's messages, and a reader of answers; numbers are written out from RFC 2131 and 2132. */
final class DhcpClient {
  final long mac;
  boolean wantsBroadcast;

  DhcpClient(long mac) {
    this.mac = mac;
  }

  ByteBuffer message(int type, int clientAddress, byte[]... options) {
    ByteBuffer message = ByteBuffer.allocate(548);
    message.put((byte) 1).put((byte) 1).put((byte) 6).put((byte) 0).putInt(0xcafe_0001);
    message.putShort((short) 0).putShort((short) (wantsBroadcast ? 0x8000 : 0));
    message.putInt(clientAddress).putInt(0).putInt(0).putInt(0);
    message.putInt((int) (mac >>> 16)).putShort((short) mac);
    message.position(236);
    message.putInt(0x6382_5363).put(new byte[] {53, 1, (byte) type});
    for (byte[] option : options) {
      message.put(option);
    }
    message.put((byte) 255);
    return message.flip();
  }

  static byte[] option(int code, int value) {
    return ByteBuffer.allocate(6).put((byte) code).put((byte) 4).putInt(value).array();
  }

  static byte[] rawOption(int code, byte... value) {
    return ByteBuffer.allocate(2 + value.length)
        .put((byte) code)
        .put((byte) value.length)
        .put(value)
        .array();
  }

  static int type(DhcpReply reply) {
    return options(reply).get(53)[0];
  }

  static int yourAddress(DhcpReply reply) {
    return ByteBuffer.wrap(reply.message()).getInt(16);
  }

  static int number(DhcpReply reply, int code) {
    return ByteBuffer.wrap(options(reply).get(code)).getInt();
  }

  static Map<Integer, byte[]> options(DhcpReply reply) {
    byte[] bytes = reply.message();
    Map<Integer, byte[]> options = new HashMap<>();
    int at = 240;
    while (bytes[at] != (byte) 255) {
      int length = bytes[at + 1] & 0xff;
      options.put(bytes[at] & 0xff, Arrays.copyOfRange(bytes, at + 2, at + 2 + length));
      at += 2 + length;
    }
    return options;
  }
}
