package org.maloca.net.frame;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.maloca.core.backend.NetFrame;

/** Frames for tests, and a checksum that adds up bytes one by one. */
public final class Frames {
  private Frames() {}

  /** A TCP segment over IPv4 or IPv6 with {@code payload} bytes of a pattern, checksums missing. */
  public static NetFrame tcp(boolean isIpv6, int payload, int flags) {
    NetFrame frame = new NetFrame();
    frame.clear();
    ByteBuffer bytes = frame.bytes();
    ethernet(bytes, isIpv6);
    ip(bytes, isIpv6, 6, 24 + payload);
    bytes.putShort((short) 1000).putShort((short) 80).putInt(0x7fff_fff0).putInt(5);
    bytes.putShort((short) (6 << 12 | flags)).putShort((short) 4096).putInt(0);
    bytes.putInt(0x0101_0101);
    pattern(bytes, payload);
    bytes.flip();
    return frame;
  }

  /** A UDP datagram, the checksum missing. */
  public static NetFrame udp(boolean isIpv6, int payload) {
    NetFrame frame = new NetFrame();
    frame.clear();
    ByteBuffer bytes = frame.bytes();
    ethernet(bytes, isIpv6);
    ip(bytes, isIpv6, 17, 8 + payload);
    bytes.putShort((short) 1000).putShort((short) 53).putShort((short) (8 + payload));
    bytes.putShort((short) 0);
    pattern(bytes, payload);
    bytes.flip();
    return frame;
  }

  /** Any frame, told from others by its number. */
  public static NetFrame numbered(int number, int length) {
    NetFrame frame = new NetFrame();
    frame.clear();
    frame
        .bytes()
        .putInt(0x5254_0000)
        .putInt(0x0001_5254)
        .putInt(0x0000_0002)
        .putShort((short) 0x88b5);
    frame.bytes().putInt(number).limit(length).position(0);
    return frame;
  }

  public static int number(ByteBuffer frame) {
    return frame.getInt(14);
  }

  private static void ethernet(ByteBuffer bytes, boolean isIpv6) {
    bytes.putInt(0x5254_0000).putInt(0x0001_5254).putInt(0x0000_0002);
    bytes.putShort((short) (isIpv6 ? 0x86dd : 0x0800));
  }

  private static void ip(ByteBuffer bytes, boolean isIpv6, int protocol, int length) {
    if (isIpv6) {
      bytes.putInt(0x6000_0000).putShort((short) length).put((byte) protocol).put((byte) 64);
      bytes.putLong(0xfd00_0000_0000_0000L).putLong(1);
      bytes.putLong(0xfd00_0000_0000_0000L).putLong(2);
    } else {
      bytes.putShort((short) 0x4500).putShort((short) (20 + length)).putShort((short) 0xfffe);
      bytes.putShort((short) 0x4000).put((byte) 64).put((byte) protocol).putShort((short) 0);
      bytes.putInt(0x0a00_020f).putInt(0x0a00_0202);
    }
  }

  private static void pattern(ByteBuffer bytes, int count) {
    for (int i = 0; i < count; i++) {
      bytes.put((byte) (i * 7 + (i >> 8)));
    }
  }

  /** A copy of what is between position and limit. */
  public static byte[] copy(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(bytes.position(), copy);
    return copy;
  }

  /** Whether the transport checksum, and that of an IPv4 header, are right. */
  public static boolean hasGoodChecksums(byte[] frame) {
    boolean isIpv6 = frame[12] == (byte) 0x86;
    int transport = isIpv6 ? 54 : 34;
    int protocol = frame[isIpv6 ? 20 : 23];
    byte[] addresses = Arrays.copyOfRange(frame, isIpv6 ? 22 : 26, transport);
    byte[] body = Arrays.copyOfRange(frame, transport, frame.length);
    int sum = slowSum(addresses) + slowSum(body) + protocol + body.length;
    boolean isTransportGood = folded(sum) == 0xffff;
    return isTransportGood
        && (isIpv6 || folded(slowSum(Arrays.copyOfRange(frame, 14, 34))) == 0xffff);
  }

  static int slowSum(byte[] bytes) {
    int sum = 0;
    for (int i = 0; i < bytes.length; i++) {
      sum += (bytes[i] & 0xff) << (i % 2 == 0 ? 8 : 0);
    }
    return sum;
  }

  static int folded(int sum) {
    int result = sum;
    while (result >>> 16 != 0) {
      result = (result & 0xffff) + (result >>> 16);
    }
    return result;
  }
}
