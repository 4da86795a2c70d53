package org.maloca.net;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Frames of a guest for tests, built and taken apart the slow way. */
final class Packets {
  static final byte[] GATEWAY_MAC = {0x52, 0x55, 0x0a, 0, 2, 2};

  private Packets() {}

  /** An IP packet in a frame; {@code payload} has its checksum field at 0. */
  static byte[] ip(
      byte[] mac, InetAddress from, InetAddress to, int protocol, byte[] payload, int checksumAt) {
    byte[] source = from.getAddress();
    byte[] target = to.getAddress();
    boolean isIpv6 = source.length == 16;
    byte[] body = payload.clone();
    if (checksumAt >= 0) {
      byte[] summed = body;
      if (protocol != 1) {
        ByteBuffer pseudo = ByteBuffer.allocate(source.length * 2 + 8 + body.length);
        pseudo.put(source).put(target).putInt(body.length).putInt(protocol).put(body);
        summed = pseudo.array();
      }
      int sum = Checksums.of(summed, 0, summed.length);
      body[checksumAt] = (byte) (sum >> 8);
      body[checksumAt + 1] = (byte) sum;
    }
    ByteBuffer frame = ByteBuffer.allocate(14 + (isIpv6 ? 40 : 20) + body.length);
    frame.put(GATEWAY_MAC).put(mac).putShort((short) (isIpv6 ? 0x86dd : 0x0800));
    if (isIpv6) {
      frame.putInt(0x6000_0000).putShort((short) body.length).put((byte) protocol);
      frame.put((byte) (protocol == 58 ? 255 : 64)).put(source).put(target);
    } else {
      frame.putShort((short) 0x4500).putShort((short) (20 + body.length)).putInt(0);
      frame.put((byte) 64).put((byte) protocol).putShort((short) 0).put(source).put(target);
      frame.putShort(24, (short) Checksums.of(frame.array(), 14, 34));
    }
    return frame.put(body).array();
  }

  static byte[] udp(int from, int to, byte[] data) {
    ByteBuffer packet = ByteBuffer.allocate(8 + data.length);
    packet.putShort((short) from).putShort((short) to).putShort((short) (8 + data.length));
    return packet.putShort((short) 0).put(data).array();
  }

  static int headerBytes(byte[] frame) {
    return frame[12] == 8 ? 34 : 54;
  }

  static int protocol(byte[] frame) {
    boolean isIpv4 = frame[12] == 8 && frame[13] == 0;
    boolean isIpv6 = (frame[12] & 0xff) == 0x86 && (frame[13] & 0xff) == 0xdd;
    return isIpv4 ? frame[23] & 0xff : isIpv6 ? frame[20] & 0xff : -1;
  }

  static byte[] payload(byte[] frame) {
    boolean isIpv4 = frame[12] == 8;
    int length = ByteBuffer.wrap(frame).getShort(isIpv4 ? 16 : 18) & 0xffff;
    int end = isIpv4 ? 14 + length : 54 + length;
    return Arrays.copyOfRange(frame, headerBytes(frame), end);
  }

  /** Whether the transport checksum is right. */
  static boolean isSound(byte[] frame) {
    byte[] body = payload(frame);
    boolean isIpv4 = frame[12] == 8;
    int addresses = isIpv4 ? 26 : 22;
    int size = isIpv4 ? 8 : 32;
    ByteBuffer pseudo = ByteBuffer.allocate(size + 8 + body.length);
    pseudo.put(frame, addresses, size).putInt(body.length).putInt(protocol(frame)).put(body);
    return Checksums.of(pseudo.array(), 0, pseudo.limit()) == 0
        && (!isIpv4 || Checksums.of(frame, 14, 34) == 0);
  }
}
