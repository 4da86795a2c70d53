package org.maloca.net.udp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import org.maloca.core.backend.NetFrame;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.ip.IpBits;
import org.maloca.net.nat.Flow;

/**
 * A guest's exchange of datagrams with one peer, through the socket of its endpoint or of a
 * forward. Ends when nothing passed for a while, as RFC 4787, section 4.3, has it (REQ-5, and for
 * DNS 5a).
 */
final class UdpFlow extends Flow {
  /** No less than two minutes. */
  private static final long ONE_WAY_NANOS = 120_000_000_000L;

  /** The five minutes that are recommended. */
  private static final long BOTH_WAYS_NANOS = 300_000_000_000L;

  /** Resolvers take a new port for each question, and have given up by then. */
  private static final long DNS_NANOS = 30_000_000_000L;

  private static final int DNS_PORT = 53;

  private final UdpNat nat;
  private final Outside outside;

  /** The host's side of a flow. */
  sealed interface Outside {}

  /**
   * A peer that the guest has sent something to by an endpoint.
   *
   * @param peer as the host knows it
   */
  record Peer(UdpEndpoint endpoint, InetSocketAddress peer, long high, long low)
      implements Outside {
    Peer(UdpEndpoint endpoint, InetSocketAddress peer) {
      this(endpoint, peer, IpBits.high(peer.getAddress()), IpBits.low(peer.getAddress()));
    }
  }

  /** Who came by a forward. */
  record Client(ForwardClient client) implements Outside {}

  /** Makes a flow that is not in the table yet. */
  UdpFlow(
      UdpNat nat,
      Outside outside,
      SwitchPort port,
      long guestMac,
      long guestHigh,
      long guestLow,
      int guestPort,
      long remoteHigh,
      long remoteLow,
      int remotePort) {
    super(port, true, guestMac, guestHigh, guestLow, guestPort, remoteHigh, remoteLow, remotePort);
    this.nat = nat;
    this.outside = outside;
  }

  /**
   * Sends a datagram of the guest.
   *
   * @param isDontFragment whether no router may cut it up, as far as the host's system tells them
   * @throws IOException if the host has no way for it now, as it may again
   */
  void fromGuest(NetFrame frame, int from, int end, boolean isDontFragment, long mac, long nowNanos)
      throws IOException {
    guestMac = mac;
    bytesFromGuest += end - from;
    keep(nowNanos);
    switch (outside) {
      case Client(ForwardClient client) -> client.send(frame, from, end);
      case Peer to -> send(frame, from, end, isDontFragment, to);
    }
  }

  private void send(NetFrame frame, int from, int end, boolean isDontFragment, Peer to)
      throws IOException {
    UdpEndpoint endpoint = to.endpoint;
    if (!endpoint.socket.isAsked()) {
      send(endpoint.host(), to.peer, frame, from, end);
      return;
    }
    boolean isSent =
        nat.hostErrors()
            .send(
                endpoint.socket,
                isDontFragment,
                frame.hostAddress() + from,
                end - from,
                to.high,
                to.low,
                to.peer.getPort());
    if (!isSent) {
      endpoint.tellErrors(this);
    }
  }

  /** Sends a part of a frame by a socket of the JDK. */
  static void send(DatagramChannel host, InetSocketAddress peer, NetFrame frame, int from, int end)
      throws IOException {
    ByteBuffer bytes = frame.bytes();
    int limit = bytes.limit();
    bytes.limit(end).position(from);
    try {
      host.send(bytes, peer);
    } finally {
      bytes.limit(limit).position(0);
    }
  }

  private void keep(long nowNanos) {
    nat.loop().arm(this, nowNanos + patienceNanos());
    nat.used(this);
  }

  private long patienceNanos() {
    if (outside instanceof Peer && remotePort == DNS_PORT) {
      return DNS_NANOS;
    }
    return bytesToGuest > 0 && bytesFromGuest > 0 ? BOTH_WAYS_NANOS : ONE_WAY_NANOS;
  }

  /** Sends the guest a datagram whose payload is in the link's frame. */
  void toGuest(int dataBytes, long nowNanos) {
    bytesToGuest += dataBytes;
    UdpNat.send(
        nat.link(),
        port,
        guestMac,
        remoteHigh,
        remoteLow,
        remotePort,
        guestHigh,
        guestLow,
        guestPort,
        dataBytes);
    keep(nowNanos);
  }

  @Override
  protected void expired(long nowNanos) {
    if (port.isPaused()) {
      // A machine that stands still has had no chance to say anything.
      keep(nowNanos);
    } else {
      evict();
    }
  }

  @Override
  public void evict() {
    nat.loop().remove(this);
    nat.forget(this);
    switch (outside) {
      case Client(ForwardClient client) -> nat.forget(client);
      case Peer to -> to.endpoint.remove(this, to.peer);
    }
  }
}
