package org.maloca.net.icmp;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.ip.IpBits;
import org.maloca.net.ip.IpHeaders;
import org.maloca.net.ip.IpPacket;
import org.maloca.net.nat.EventLoop;
import org.maloca.net.nat.Link;

/**
 * Takes echo requests of one IP version to the outside by a socket of the host's, and what comes of
 * them back: answers whole, and what routers on the way say (RFC 792, RFC 4443; RFC 5508 for the
 * numbers), so that times, sizes and hops are those of the way. Guarded by the network's lock.
 */
final class EchoRelay implements EchoSocket.Listener, AutoCloseable {
  private static final int HEADER_BYTES = 8;
  private static final int SEQUENCE = 6;
  private static final int REPLY4 = 0;
  private static final int REPLY6 = 129;

  private final EventLoop loop;
  private final Link link;
  private final IcmpErrors errors;
  private final boolean isIpv6;
  private final EchoSocket socket;
  private final EchoTable table = new EchoTable();

  /**
   * Opens the socket.
   *
   * @throws IOException if the host has none for us
   */
  EchoRelay(EventLoop loop, Link link, IcmpErrors errors, boolean isIpv6, EchoSocket.Opener opener)
      throws IOException {
    this.loop = loop;
    this.link = link;
    this.errors = errors;
    this.isIpv6 = isIpv6;
    socket = opener.open(isIpv6, this);
  }

  /** Sends a guest's request on. */
  void send(SwitchPort port, long mac, ByteBuffer bytes, IpPacket packet) {
    EchoTable.Request request = table.add(port, mac, bytes, packet, loop.nanos());
    if (request == null) {
      return;
    }
    int at = packet.payloadStart();
    int limit = bytes.limit();
    bytes.putShort(at + SEQUENCE, (short) request.sequence).limit(packet.end()).position(at);
    boolean isSent =
        socket.send(
            bytes, packet.destinationHigh(), packet.destinationLow(), packet.hopLimit() - 1);
    bytes.limit(limit).position(0);
    bytes.putInt(at + 4, request.guestNumbers);
    if (!isSent) {
      EchoTable.remove(request);
      errors.unreachable(port, mac, bytes, packet);
    }
  }

  @Override
  public void replied(ByteBuffer message, long high, long low) {
    int length = message.remaining();
    int type = isIpv6 ? REPLY6 : REPLY4;
    if (length < HEADER_BYTES || (message.get(message.position()) & 0xff) != type) {
      return;
    }
    synchronized (loop.lock()) {
      EchoTable.Request request = find(message);
      SwitchPort port = request == null ? null : request.port;
      if (request == null
          || port == null
          || request.targetHigh != high
          || request.targetLow != low) {
        return;
      }
      EchoTable.remove(request);
      ByteBuffer out = link.begin().bytes();
      int at = IpHeaders.payloadStart(isIpv6);
      if (at + length > out.capacity()) {
        return;
      }
      out.put(at, message, message.position(), length);
      out.putInt(at, type << 24).putInt(at + 4, request.guestNumbers);
      link.sendIcmp(port, request.mac, high, low, request.guestHigh, request.guestLow, length);
    }
  }

  private EchoTable.@Nullable Request find(ByteBuffer message) {
    return table.find(message.getShort(message.position() + SEQUENCE) & 0xffff);
  }

  @Override
  public void failed(int typeAndCode, int mtuBytes, long high, long low, ByteBuffer message) {
    if (message.remaining() < HEADER_BYTES) {
      return;
    }
    synchronized (loop.lock()) {
      EchoTable.Request request = find(message);
      if (request != null && IpBits.isIpv4(high, low) != isIpv6) {
        errors.pass(request, typeAndCode, mtuBytes, high, low);
        EchoTable.remove(request);
      }
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
