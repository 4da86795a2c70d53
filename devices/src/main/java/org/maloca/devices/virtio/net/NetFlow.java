package org.maloca.devices.virtio.net;

import java.nio.ByteBuffer;

/** Tells which frames belong together: both directions of a TCP or UDP connection have one hash. */
final class NetFlow {
  private static final int TYPE = 12;
  private static final int TYPE_IPV4 = 0x0800;
  private static final int TYPE_IPV6 = 0x86dd;
  private static final int TYPE_VLAN = 0x8100;
  private static final int TCP = 6;
  private static final int UDP = 17;

  private NetFlow() {}

  /** A hash of 31 bits; 0 for what is not IP. */
  static int hash(ByteBuffer frame) {
    int at = TYPE;
    if (at + 2 <= frame.limit() && type(frame, at) == TYPE_VLAN) {
      at += 4;
    }
    if (at + 2 > frame.limit()) {
      return 0;
    }
    int ip = at + 2;
    return switch (type(frame, at)) {
      case TYPE_IPV4 -> ipv4(frame, ip);
      case TYPE_IPV6 -> ipv6(frame, ip);
      default -> 0;
    };
  }

  private static int type(ByteBuffer frame, int at) {
    return frame.getShort(at) & 0xffff;
  }

  private static int ipv4(ByteBuffer frame, int ip) {
    if (ip + 20 > frame.limit()) {
      return 0;
    }
    int addresses = frame.getInt(ip + 12) ^ frame.getInt(ip + 16);
    boolean isFragment = (frame.getShort(ip + 6) & 0x3fff) != 0;
    int header = 4 * (frame.get(ip) & 0xf);
    return mix(addresses, isFragment ? 0 : ports(frame, frame.get(ip + 9), ip + header));
  }

  private static int ipv6(ByteBuffer frame, int ip) {
    if (ip + 40 > frame.limit()) {
      return 0;
    }
    int addresses = 0;
    for (int at = ip + 8; at < ip + 40; at += 4) {
      addresses ^= frame.getInt(at);
    }
    return mix(addresses, ports(frame, frame.get(ip + 6), ip + 40));
  }

  private static int ports(ByteBuffer frame, int protocol, int at) {
    if (protocol != TCP && protocol != UDP || at + 4 > frame.limit()) {
      return 0;
    }
    return (frame.getShort(at) ^ frame.getShort(at + 2)) & 0xffff;
  }

  private static int mix(int addresses, int ports) {
    int hash = (addresses ^ ports * 0x9e37_79b1) * 0x85eb_ca6b;
    return (hash ^ hash >>> 15) & 0x7fff_ffff;
  }
}
