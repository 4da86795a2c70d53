package org.maloca.net.dhcp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A client's message (RFC 2131, section 2), as far as a server looks at it.
 *
 * @param messageType option 53
 * @param transactionId {@code xid}
 * @param isBroadcast whether the client cannot take unicast yet
 * @param clientAddress {@code ciaddr}: the address that it has and answers for
 * @param hardwareAddress {@code chaddr}: six bytes as a number
 * @param requestedAddress option 50; 0 without
 * @param serverIdentifier option 54; 0 without
 * @param hostName option 12; empty without, and if it is not of ASCII's visible characters
 * @param parameters option 55, codes as bytes; empty without
 * @param clientIdentifier option 61, to be echoed (RFC 6842)
 */
record DhcpRequest(
    int messageType,
    int transactionId,
    boolean isBroadcast,
    int clientAddress,
    long hardwareAddress,
    int requestedAddress,
    int serverIdentifier,
    String hostName,
    byte[] parameters,
    byte @Nullable [] clientIdentifier) {
  static final int MAGIC_COOKIE = 0x6382_5363;
  static final int OPTIONS = 240;
  static final int SNAME = 44;
  static final int FILE = 108;

  private static final int BOOTREQUEST = 1;
  private static final int ETHERNET = 1;
  private static final int BROADCAST_FLAG = 0x8000;

  /** Reads a message; answers null for what is none, is for other hardware or came by a relay. */
  static @Nullable DhcpRequest parse(ByteBuffer message) {
    int at = message.position();
    int length = message.remaining();
    if (length < OPTIONS
        || message.get(at) != BOOTREQUEST
        || message.get(at + 1) != ETHERNET
        || message.get(at + 2) != 6
        || message.getInt(at + 24) != 0
        || message.getInt(at + 236) != MAGIC_COOKIE) {
      return null;
    }
    byte[] bytes = new byte[length];
    message.get(at, bytes);
    Options options = new Options(bytes);
    options.scan(OPTIONS, length);
    int overload = options.overload;
    if ((overload & 1) != 0) {
      options.scan(FILE, OPTIONS - 4);
    }
    if ((overload & 2) != 0) {
      options.scan(SNAME, FILE);
    }
    long hardware =
        ((long) message.getInt(at + 28) & 0xffff_ffffL) << 16 | message.getShort(at + 32) & 0xffff;
    // Neither a group's nor nobody's address.
    if ((hardware & 1L << 40) != 0 || hardware == 0 || options.messageType == 0) {
      return null;
    }
    return new DhcpRequest(
        options.messageType,
        message.getInt(at + 4),
        (message.getShort(at + 10) & BROADCAST_FLAG) != 0,
        message.getInt(at + 12),
        hardware,
        options.requestedAddress,
        options.serverIdentifier,
        options.hostName,
        options.parameters,
        options.clientIdentifier);
  }

  /** Collects options; those with a length that lies or passes the end are not seen. */
  private static final class Options {
    private final byte[] bytes;
    private int messageType;
    private int overload;
    private int requestedAddress;
    private int serverIdentifier;
    private String hostName = "";
    private byte[] parameters = {};
    private byte @Nullable [] clientIdentifier;

    Options(byte[] bytes) {
      this.bytes = bytes;
    }

    void scan(int from, int end) {
      int at = from;
      while (at < end) {
        int code = bytes[at] & 0xff;
        if (code == DhcpOption.END) {
          return;
        }
        if (code == DhcpOption.PAD) {
          at++;
          continue;
        }
        if (at + 1 >= end) {
          return;
        }
        int length = bytes[at + 1] & 0xff;
        if (at + 2 + length > end) {
          return;
        }
        take(code, at + 2, length);
        at += 2 + length;
      }
    }

    private void take(int code, int at, int length) {
      switch (code) {
        case DhcpOption.MESSAGE_TYPE -> messageType = length == 1 ? bytes[at] & 0xff : 0;
        case DhcpOption.OVERLOAD -> overload = length == 1 ? bytes[at] : 0;
        case DhcpOption.REQUESTED_ADDRESS -> requestedAddress = length == 4 ? address(at) : 0;
        case DhcpOption.SERVER_IDENTIFIER -> serverIdentifier = length == 4 ? address(at) : 0;
        case DhcpOption.HOST_NAME -> hostName = text(at, length);
        case DhcpOption.PARAMETER_REQUEST_LIST ->
            parameters = Arrays.copyOfRange(bytes, at, at + length);
        case DhcpOption.CLIENT_IDENTIFIER ->
            clientIdentifier = Arrays.copyOfRange(bytes, at, at + length);
        default -> {}
      }
    }

    private String text(int at, int length) {
      String text = new String(bytes, at, length, StandardCharsets.ISO_8859_1);
      return text.chars().allMatch(c -> c > ' ' && c < 0x7f) ? text : "";
    }

    private int address(int at) {
      return ByteBuffer.wrap(bytes).getInt(at);
    }
  }
}
