package org.maloca.fuzz.network;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** Builds frames of a guest, the slow way, and makes their checksums right. */
final class Frames {
  static final byte[] GATEWAY_MAC = {0x52, 0x55, 0x0a, 0, 2, 2};
  static final byte[] GUEST_MAC = {0x52, 0x54, 0, 0, 0, 1};
  static final byte[] EVERYBODY = {-1, -1, -1, -1, -1, -1};

  static final byte[] GUEST4 = {10, 0, 2, 15};
  static final byte[] GATEWAY4 = {10, 0, 2, 2};
  static final byte[] DNS4 = {10, 0, 2, 3};
  static final byte[] GUEST6 = HexFormat.of().parseHex("fd000000000000000000000000000015");
  static final byte[] GATEWAY6 = HexFormat.of().parseHex("fd000000000000000000000000000002");
  static final byte[] DNS6 = HexFormat.of().parseHex("fd000000000000000000000000000003");
  static final byte[] GROUP6 = HexFormat.of().parseHex("ff020000000000000000000000000002");

  static final int ICMP = 1;
  static final int TCP = 6;
  static final int UDP = 17;
  static final int ICMPV6 = 58;

  static final int ETHERNET_BYTES = 14;
  static final int IPV4_BYTES = 20;
  static final int IPV6_BYTES = 40;
  static final int ETHERTYPE_IPV4 = 0x0800;
  static final int ETHERTYPE_IPV6 = 0x86dd;

  private Frames() {}

  /** A frame to the gateway with an IP packet, of the version that the addresses have. */
  static byte[] ip(byte[] from, byte[] to, int protocol, byte[] payload) {
    boolean isIpv6 = from.length == 16;
    ByteBuffer frame =
        ByteBuffer.allocate(ETHERNET_BYTES + (isIpv6 ? IPV6_BYTES : IPV4_BYTES) + payload.length);
    frame.put(GATEWAY_MAC).put(GUEST_MAC);
    if (isIpv6) {
      frame.putShort((short) ETHERTYPE_IPV6).putInt(0x6000_0000).putShort((short) payload.length);
      frame.put((byte) protocol).put((byte) (protocol == ICMPV6 ? 255 : 64)).put(from).put(to);
    } else {
      frame.putShort((short) ETHERTYPE_IPV4).putShort((short) 0x4500);
      frame.putShort((short) (IPV4_BYTES + payload.length)).putInt(0);
      frame.put((byte) 64).put((byte) protocol).putShort((short) 0).put(from).put(to);
    }
    byte[] bytes = frame.put(payload).array();
    seal(bytes);
    return bytes;
  }

  static byte[] udp(int from, int to, byte... data) {
    ByteBuffer packet = ByteBuffer.allocate(8 + data.length);
    packet.putShort((short) from).putShort((short) to).putShort((short) (8 + data.length));
    return packet.putShort((short) 0).put(data).array();
  }

  static byte[] tcp(
      int from,
      int to,
      int sequence,
      int acknowledged,
      int flags,
      int window,
      byte[] options,
      int dataBytes) {
    int header = 20 + (options.length + 3 & ~3);
    ByteBuffer packet = ByteBuffer.allocate(header + dataBytes);
    packet.putShort((short) from).putShort((short) to).putInt(sequence).putInt(acknowledged);
    packet.put((byte) (header / 4 << 4)).put((byte) flags).putShort((short) window);
    return packet.position(20).put(options).array();
  }

  /** Makes right what checksums the frame has room for. */
  static void seal(byte[] frame) {
    ByteBuffer bytes = ByteBuffer.wrap(frame);
    if (frame.length < ETHERNET_BYTES + IPV4_BYTES) {
      return;
    }
    int type = bytes.getShort(12) & 0xffff;
    if (type == ETHERTYPE_IPV4) {
      int start = ETHERNET_BYTES + (frame[ETHERNET_BYTES] & 15) * 4;
      int end = ETHERNET_BYTES + (bytes.getShort(ETHERNET_BYTES + 2) & 0xffff);
      if (start <= frame.length) {
        bytes.putShort(ETHERNET_BYTES + 10, (short) 0);
        bytes.putShort(ETHERNET_BYTES + 10, (short) sum(bytes, ETHERNET_BYTES, start, 0));
        sealTransport(bytes, 26, 8, frame[23] & 0xff, start, Math.min(end, frame.length));
      }
    } else if (type == ETHERTYPE_IPV6 && frame.length >= ETHERNET_BYTES + IPV6_BYTES) {
      int start = ETHERNET_BYTES + IPV6_BYTES;
      int end = Math.min(start + (bytes.getShort(18) & 0xffff), frame.length);
      sealTransport(bytes, 22, 32, frame[20] & 0xff, start, end);
    }
  }

  private static void sealTransport(
      ByteBuffer bytes, int addresses, int addressBytes, int protocol, int start, int end) {
    int field = checksumField(protocol);
    if (field < 0 || start + field + 2 > end) {
      return;
    }
    bytes.putShort(start + field, (short) 0);
    int sum = transportSum(bytes, addresses, addressBytes, protocol, start, end);
    bytes.putShort(start + field, (short) (sum == 0 && protocol == UDP ? 0xffff : sum));
  }

  static int checksumField(int protocol) {
    return switch (protocol) {
      case ICMP, ICMPV6 -> 2;
      case TCP -> 16;
      case UDP -> 6;
      default -> -1;
    };
  }

  /** What stands in the checksum's place if that was 0, and 0 if it was right. */
  static int transportSum(
      ByteBuffer bytes, int addresses, int addressBytes, int protocol, int start, int end) {
    long pseudo = 0;
    if (protocol != ICMP) {
      for (int i = 0; i < addressBytes; i += 2) {
        pseudo += bytes.getShort(addresses + i) & 0xffff;
      }
      pseudo += protocol + (end - start);
    }
    return sum(bytes, start, end, pseudo);
  }

  /** The Internet checksum (RFC 1071). */
  static int sum(ByteBuffer bytes, int start, int end, long initial) {
    long sum = initial;
    for (int i = start; i < end; i += 2) {
      sum += i + 1 < end ? bytes.getShort(i) & 0xffff : (bytes.get(i) & 0xff) << 8;
    }
    while (sum >> 16 != 0) {
      sum = (sum & 0xffff) + (sum >> 16);
    }
    return (int) ~sum & 0xffff;
  }
}
