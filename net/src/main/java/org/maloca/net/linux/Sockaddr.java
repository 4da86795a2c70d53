package org.maloca.net.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.maloca.core.linux.LinuxSockets;
import org.maloca.net.ip.IpBits;

/**
 * An address and a port as Linux's calls have them: {@code struct sockaddr_in} or {@code
 * sockaddr_in6} ({@code ip(7)}, {@code ipv6(7)}). For one thread at a time.
 */
final class Sockaddr {
  /** Room for either. */
  static final int BYTES = 28;

  /** Of an address of IPv4. */
  static final int IPV4_BYTES = 16;

  private static final int PORT = 2;
  private static final int ADDRESS4 = 4;
  private static final int ADDRESS6 = 8;
  private static final int SCOPE6 = 24;

  private final MemorySegment segment;
  private final ByteBuffer bytes;

  /** Makes room for one. */
  Sockaddr(Arena arena) {
    segment = arena.allocate(BYTES, 8);
    bytes = segment.asByteBuffer().order(ByteOrder.BIG_ENDIAN);
  }

  /** Where it lies in memory. */
  long address() {
    return segment.address();
  }

  /** Sets all of it, of IPv6, as which a socket of both versions knows addresses of IPv4 too. */
  void setIpv6(long high, long low, int port, int scope) {
    putFamily(LinuxSockets.AF_INET6);
    bytes.putShort(PORT, (short) port).putInt(ADDRESS4, 0);
    bytes.putLong(ADDRESS6, high).putLong(ADDRESS6 + Long.BYTES, low);
    bytes.order(ByteOrder.nativeOrder()).putInt(SCOPE6, scope).order(ByteOrder.BIG_ENDIAN);
  }

  /** Of IPv6: the number of the interface that a link-local address is of. */
  int scope() {
    if (!isIpv6(bytes, 0)) {
      return 0;
    }
    int scope = bytes.order(ByteOrder.nativeOrder()).getInt(SCOPE6);
    bytes.order(ByteOrder.BIG_ENDIAN);
    return scope;
  }

  /** Sets all of it. */
  void set(long high, long low, int port) {
    boolean isIpv4 = IpBits.isIpv4(high, low);
    putFamily(isIpv4 ? LinuxSockets.AF_INET : LinuxSockets.AF_INET6);
    bytes.putShort(PORT, (short) port);
    if (isIpv4) {
      bytes.putInt(ADDRESS4, (int) low);
    } else {
      bytes.putLong(ADDRESS6, high).putLong(ADDRESS6 + Long.BYTES, low);
    }
  }

  /** The one number in the host's order of bytes. */
  private void putFamily(int family) {
    bytes.order(ByteOrder.nativeOrder()).putShort(0, (short) family).order(ByteOrder.BIG_ENDIAN);
  }

  /** Bytes of it that count. */
  int sizeBytes() {
    return isIpv6(bytes, 0) ? BYTES : IPV4_BYTES;
  }

  long high() {
    return high(bytes, 0);
  }

  long low() {
    return low(bytes, 0);
  }

  int port() {
    return bytes.getShort(PORT) & 0xffff;
  }

  /** The address's upper half, of one among other bytes, in the order of networks. */
  static long high(ByteBuffer from, int at) {
    return isIpv6(from, at) ? from.getLong(at + ADDRESS6) : 0;
  }

  static long low(ByteBuffer from, int at) {
    return isIpv6(from, at)
        ? from.getLong(at + ADDRESS6 + Long.BYTES)
        : IpBits.lowOfIpv4(from.getInt(at + ADDRESS4));
  }

  private static boolean isIpv6(ByteBuffer from, int at) {
    short family = from.getShort(at);
    boolean isSwapped = ByteOrder.nativeOrder() != ByteOrder.BIG_ENDIAN;
    return (isSwapped ? Short.reverseBytes(family) : family) == LinuxSockets.AF_INET6;
  }
}
