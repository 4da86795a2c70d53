package org.maloca.net.linux;

import static org.maloca.net.linux.MessageLayout.CMSG_DATA;
import static org.maloca.net.linux.MessageLayout.CMSG_LEVEL;
import static org.maloca.net.linux.MessageLayout.CMSG_TYPE;
import static org.maloca.net.linux.MessageLayout.IPI_SPEC_DST;
import static org.maloca.net.linux.MessageLayout.MSGHDR_BYTES;
import static org.maloca.net.linux.MessageLayout.MSG_CONTROL;
import static org.maloca.net.linux.MessageLayout.MSG_CONTROLLEN;
import static org.maloca.net.linux.MessageLayout.MSG_IOV;
import static org.maloca.net.linux.MessageLayout.MSG_IOVLEN;
import static org.maloca.net.linux.MessageLayout.MSG_NAMELEN;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import org.jspecify.annotations.Nullable;
import org.maloca.core.linux.Errno;
import org.maloca.core.linux.LinuxCalls;
import org.maloca.core.linux.LinuxSockets;
import org.maloca.net.ip.IpBits;

/**
 * A UDP socket at all addresses of a Linux host that knows which of them each datagram was for, and
 * answers from that one ({@code ip(7)}, {@code IP_PKTINFO}; RFC 3542, section 6). The JDK leaves it
 * to the system, which takes that of the way to the client: one that the client has never heard of.
 * Guarded by the network's lock, also where its channel is closed.
 */
public final class AddressedSocket {
  private static final int MAX_DATAGRAM_BYTES = 65507;

  private static final int IN_PKTINFO_BYTES = 12;
  private static final int IN6_PKTINFO_BYTES = 20;
  private static final int CONTROL_BYTES = CMSG_DATA + 24;

  private final DatagramChannel channel;
  private final int descriptor;
  private final boolean isIpv6;
  private final Arena arena = Arena.ofAuto();
  private final ReceivedMessage received = new ReceivedMessage(MAX_DATAGRAM_BYTES);
  private final Sockaddr target = new Sockaddr(arena);
  private final MemorySegment control = arena.allocate(CONTROL_BYTES, 8);
  private final ByteBuffer controlBytes = control.asByteBuffer().order(ByteOrder.BIG_ENDIAN);
  private final MemorySegment piece = arena.allocate(LinuxCalls.IOVEC_BYTES, 8);
  private final MemorySegment header = arena.allocate(MSGHDR_BYTES, 8);

  private AddressedSocket(DatagramChannel channel, int descriptor, boolean isIpv6) {
    this.channel = channel;
    this.descriptor = descriptor;
    this.isIpv6 = isIpv6;
  }

  /**
   * Who has sent something, and to which of the host's addresses.
   *
   * @param scope the interface of a link-local address; else 0
   */
  public record Client(long high, long low, int port, int scope, long localHigh, long localLow) {}

  /**
   * Opens one that does not block.
   *
   * @param from any address of IPv4, or of both versions, and a port
   * @return null where this system has no such sockets, with nothing left open
   * @throws IOException if the port cannot be had
   */
  public static @Nullable AddressedSocket open(boolean isIpv6, InetSocketAddress from)
      throws IOException {
    if (!LinuxCalls.areAvailable()) {
      return null;
    }
    UdpDescriptor opened = new UdpDescriptor.Finder().open(isIpv6, from);
    if (!opened.isKnown()) {
      opened.channel().close();
      return null;
    }
    ReceivedMessage.set(opened.number(), ReceivedMessage.SOL_IP, ReceivedMessage.IP_PKTINFO);
    if (isIpv6) {
      ReceivedMessage.set(
          opened.number(), ReceivedMessage.SOL_IPV6, ReceivedMessage.IPV6_RECVPKTINFO);
    }
    return new AddressedSocket(opened.channel(), opened.number(), isIpv6);
  }

  public DatagramChannel channel() {
    return channel;
  }

  /**
   * Takes the next datagram.
   *
   * @param target takes its data, with room for any
   * @return who has sent it; null if there is none now
   */
  public @Nullable Client receive(ByteBuffer target) {
    if (!channel.isOpen() || received.receive(descriptor, 0) < 0 || !received.parseDestination()) {
      return null;
    }
    target.put(received.data());
    return new Client(
        received.nameHigh(),
        received.nameLow(),
        received.namePort(),
        received.nameScope(),
        received.localHigh(),
        received.localLow());
  }

  /**
   * Answers a client from the address that it knows.
   *
   * @param address where the data lie in memory
   */
  public void send(Client client, long address, int length) throws IOException {
    if (!channel.isOpen()) {
      throw new ClosedChannelException();
    }
    if (isIpv6) {
      target.setIpv6(client.high, client.low, client.port, client.scope);
    } else {
      target.set(client.high, client.low, client.port);
    }
    piece.set(ValueLayout.JAVA_LONG, 0, address);
    piece.set(ValueLayout.JAVA_LONG, 8, length);
    header.set(ValueLayout.JAVA_LONG, 0, target.address());
    header.set(ValueLayout.JAVA_INT, MSG_NAMELEN, target.sizeBytes());
    header.set(ValueLayout.JAVA_LONG, MSG_IOV, piece.address());
    header.set(ValueLayout.JAVA_LONG, MSG_IOVLEN, 1);
    header.set(ValueLayout.JAVA_LONG, MSG_CONTROL, control.address());
    header.set(ValueLayout.JAVA_LONG, MSG_CONTROLLEN, putSource(client.localHigh, client.localLow));
    int sent = (int) LinuxSockets.sendmsg(descriptor, header.address(), LinuxSockets.MSG_DONTWAIT);
    if (sent < 0 && sent != -Errno.EAGAIN) {
      throw new SocketException("the host does not send it: " + Errno.describe(-sent));
    }
  }

  /** Puts the address to send from; the size of what says so. */
  private int putSource(long high, long low) {
    boolean isIpv4 = IpBits.isIpv4(high, low);
    int size = CMSG_DATA + (isIpv4 ? IN_PKTINFO_BYTES : IN6_PKTINFO_BYTES);
    control.fill((byte) 0);
    control.set(ValueLayout.JAVA_LONG, 0, size);
    control.set(
        ValueLayout.JAVA_INT,
        CMSG_LEVEL,
        isIpv4 ? ReceivedMessage.SOL_IP : ReceivedMessage.SOL_IPV6);
    control.set(
        ValueLayout.JAVA_INT,
        CMSG_TYPE,
        isIpv4 ? ReceivedMessage.IP_PKTINFO : ReceivedMessage.IPV6_PKTINFO);
    if (isIpv4) {
      controlBytes.putInt(CMSG_DATA + IPI_SPEC_DST, (int) low);
    } else {
      controlBytes.putLong(CMSG_DATA, high).putLong(CMSG_DATA + Long.BYTES, low);
    }
    return CMSG_DATA + (size - CMSG_DATA + 7 & -8);
  }
}
