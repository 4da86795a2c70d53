package org.maloca.net.dhcp;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A client's message (RFC 8415, section 8), as far as a server looks at it. Relayed ones are not
 * for us.
 *
 * @param type {@code msg-type}
 * @param transactionId 24 bits
 * @param clientId the client's DUID; null without
 * @param serverId the DUID of the server that is meant; null without
 * @param associations identifiers (IAID) of the identity associations for addresses
 * @param addresses for each of those the address that it has or wishes for: 16 bytes, or none
 * @param isRapid whether the client takes an address without asking back
 */
record Dhcp6Message(
    int type,
    int transactionId,
    byte @Nullable [] clientId,
    byte @Nullable [] serverId,
    int[] associations,
    byte[][] addresses,
    boolean isRapid) {
  static final int SOLICIT = 1;
  static final int ADVERTISE = 2;
  static final int REQUEST = 3;
  static final int CONFIRM = 4;
  static final int RENEW = 5;
  static final int REBIND = 6;
  static final int REPLY = 7;
  static final int RELEASE = 8;
  static final int DECLINE = 9;
  static final int INFORMATION_REQUEST = 11;

  static final int OPTION_CLIENTID = 1;
  static final int OPTION_SERVERID = 2;
  static final int OPTION_IA_NA = 3;
  static final int OPTION_IAADDR = 5;
  static final int OPTION_STATUS_CODE = 13;
  static final int OPTION_RAPID_COMMIT = 14;

  /** RFC 3646. */
  static final int OPTION_DNS_SERVERS = 23;

  static final int OPTION_DOMAIN_LIST = 24;

  static final int NO_ADDRS_AVAIL = 2;
  static final int NO_BINDING = 3;
  static final int NOT_ON_LINK = 4;

  private static final int MAX_DUID = 130;
  private static final int MAX_ASSOCIATIONS = 4;

  /** Reads a message; null for what is none. */
  static @Nullable Dhcp6Message parse(ByteBuffer payload) {
    ByteBuffer message = payload.slice();
    if (message.remaining() < 4) {
      return null;
    }
    int head = message.getInt();
    byte[] clientId = null;
    byte[] serverId = null;
    int[] associations = new int[MAX_ASSOCIATIONS];
    byte[][] addresses = new byte[MAX_ASSOCIATIONS][];
    int count = 0;
    boolean isRapid = false;
    while (message.remaining() >= 4) {
      int code = message.getShort() & 0xffff;
      int length = message.getShort() & 0xffff;
      if (length > message.remaining()) {
        return null;
      }
      ByteBuffer option = message.slice(message.position(), length);
      message.position(message.position() + length);
      switch (code) {
        case OPTION_CLIENTID -> clientId = duid(option);
        case OPTION_SERVERID -> serverId = duid(option);
        case OPTION_RAPID_COMMIT -> isRapid = true;
        case OPTION_IA_NA -> {
          if (length >= 12 && count < MAX_ASSOCIATIONS) {
            associations[count] = option.getInt(0);
            addresses[count++] = address(option.position(12));
          }
        }
        default -> {}
      }
    }
    return new Dhcp6Message(
        head >>> 24,
        head & 0xff_ffff,
        clientId,
        serverId,
        java.util.Arrays.copyOf(associations, count),
        java.util.Arrays.copyOf(addresses, count),
        isRapid);
  }

  private static byte @Nullable [] duid(ByteBuffer option) {
    if (option.remaining() == 0 || option.remaining() > MAX_DUID) {
      return null;
    }
    byte[] duid = new byte[option.remaining()];
    option.get(duid);
    return duid;
  }

  /** The first address in an association's options. */
  private static byte[] address(ByteBuffer options) {
    while (options.remaining() >= 4) {
      int code = options.getShort() & 0xffff;
      int length = options.getShort() & 0xffff;
      if (length > options.remaining()) {
        break;
      }
      if (code == OPTION_IAADDR && length >= 24) {
        byte[] address = new byte[16];
        options.get(address);
        return address;
      }
      options.position(options.position() + length);
    }
    return new byte[0];
  }
}
