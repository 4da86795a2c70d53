package org.maloca.net.dhcp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Puts a server's message together (RFC 2131, section 2). Options come in the order in which they
 * are added; those that would not fit are left out, so the essential ones go first.
 */
final class DhcpReplyBuilder {
  /** What every client takes: 576 bytes of IP packet, less its headers (RFC 2131, section 2). */
  private static final int MAX_BYTES = 548;

  /** BOOTP's own length, which some old clients insist on. */
  private static final int MIN_BYTES = 300;

  private static final int BOOTREPLY = 2;
  private static final int ETHERNET = 1;

  private final ByteBuffer message = ByteBuffer.allocate(MAX_BYTES);

  DhcpReplyBuilder(DhcpRequest request, int messageType, int yourAddress, int serverAddress) {
    message.put((byte) BOOTREPLY).put((byte) ETHERNET).put((byte) 6).put((byte) 0);
    message.putInt(request.transactionId());
    message.putShort((short) 0).putShort((short) (request.isBroadcast() ? 0x8000 : 0));
    boolean isNak = messageType == DhcpOption.NAK;
    message.putInt(isNak ? 0 : request.clientAddress());
    message.putInt(yourAddress);
    message.putInt(0).putInt(0);
    message.putInt((int) (request.hardwareAddress() >>> 16));
    message.putShort((short) request.hardwareAddress());
    message.position(DhcpRequest.OPTIONS - 4);
    message.putInt(DhcpRequest.MAGIC_COOKIE);
    option(DhcpOption.MESSAGE_TYPE, (byte) messageType);
    address(DhcpOption.SERVER_IDENTIFIER, serverAddress);
    byte[] identifier = request.clientIdentifier();
    if (identifier != null) {
      option(DhcpOption.CLIENT_IDENTIFIER, identifier);
    }
  }

  void option(int code, byte... value) {
    if (value.length <= 255 && message.remaining() >= value.length + 3) {
      message.put((byte) code).put((byte) value.length).put(value);
    }
  }

  void address(int code, int value) {
    option(code, ByteBuffer.allocate(4).putInt(value).array());
  }

  void seconds(int code, int value) {
    address(code, value);
  }

  void text(int code, String value) {
    option(code, value.getBytes(StandardCharsets.US_ASCII));
  }

  byte[] build() {
    message.put((byte) DhcpOption.END);
    return Arrays.copyOf(message.array(), Math.max(MIN_BYTES, message.position()));
  }
}
