package org.maloca.devices.virtio.net;

import java.nio.ByteBuffer;
import org.maloca.core.backend.NetFrame;

/** The checksum of IP, TCP and UDP (RFC 1071). */
final class InternetChecksum {
  private InternetChecksum() {}

  /**
   * Does what is left to do for a frame's checksum.
   *
   * @return false when its place is outside the frame
   */
  static boolean complete(NetFrame frame) {
    ByteBuffer bytes = frame.bytes();
    int start = frame.checksumStart();
    int place = start + frame.checksumOffset();
    if (start < 0 || frame.checksumOffset() < 0 || place > bytes.limit() - 2) {
      return false;
    }
    int sum = ~sum(bytes, start, bytes.limit()) & 0xffff;
    // Zero says "no checksum" in UDP; the other zero means the same sum.
    bytes.putShort(place, (short) (sum == 0 ? 0xffff : sum));
    frame.clearChecksum();
    return true;
  }

  /** The ones' complement sum of big-endian 16-bit words; a last odd byte is the high one. */
  static int sum(ByteBuffer bytes, int from, int to) {
    long sum = 0;
    int at = from;
    for (; at <= to - 4; at += 4) {
      sum += bytes.getInt(at) & 0xffff_ffffL;
    }
    for (; at <= to - 2; at += 2) {
      sum += bytes.getShort(at) & 0xffff;
    }
    if (at < to) {
      sum += (bytes.get(at) & 0xff) << 8;
    }
    while (sum >>> 16 != 0) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return (int) sum;
  }
}
