package org.maloca.net.udp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.ip.IpBits;
import org.maloca.net.ip.IpHeaders;
import org.maloca.net.linux.DatagramErrors;
import org.maloca.net.nat.EventLoop;

/**
 * A guest's address and port as the outside sees it: one socket of the host for all whom the guest
 * talks to from there (RFC 4787, section 4.1: endpoint-independent mapping). Only hosts that the
 * guest has sent something to can answer (section 5: address-dependent filtering). Lives as long as
 * it has flows.
 */
final class UdpEndpoint implements EventLoop.Handler {
  private static final int MAX_DATAGRAM_BYTES = 65507;
  private static final int HEADER_BYTES = 8;
  private static final int TURN = 64;

  /** Whose it is. */
  record Key(int switchPort, long guestHigh, long guestLow, int guestPort) {
    boolean isIpv6() {
      return !IpBits.isIpv4(guestHigh, guestLow);
    }
  }

  final Key key;
  final SwitchPort port;
  private final UdpNat nat;
  final DatagramErrors.Socket socket;
  private final DatagramChannel host;
  private final Map<InetAddress, Integer> flowsByPeer = new HashMap<>();
  private long guestMac;
  private int flows;

  // The peer that came last, since the channel gives the same object for it again.
  private @Nullable SocketAddress lastSource;
  private @Nullable UdpFlow lastFlow;

  /** Opens the socket. */
  UdpEndpoint(UdpNat nat, Key key, SwitchPort port) throws IOException {
    this.nat = nat;
    this.key = key;
    this.port = port;
    socket = nat.hostErrors().open(key.isIpv6());
    host = socket.channel();
    try {
      nat.loop().register(host, SelectionKey.OP_READ, this);
    } catch (IOException | RuntimeException failure) {
      close();
      throw failure;
    }
  }

  DatagramChannel host() {
    return host;
  }

  /** The guest's link address when it opened its last flow. */
  long guestMac() {
    return guestMac;
  }

  /** The guest talks to one more. */
  void add(InetSocketAddress peer, long mac) {
    guestMac = mac;
    flows++;
    flowsByPeer.merge(peer.getAddress(), 1, Integer::sum);
  }

  /** And to one less. */
  void remove(UdpFlow flow, InetSocketAddress peer) {
    if (lastFlow == flow) {
      lastFlow = null;
      lastSource = null;
    }
    flowsByPeer.computeIfPresent(
        peer.getAddress(), (address, count) -> count == 1 ? null : Integer.valueOf(count - 1));
    if (--flows == 0) {
      nat.forget(this);
      close();
    }
  }

  private void close() {
    try {
      host.close();
    } catch (IOException ignored) {
      // Nothing more can be done about it.
    }
    nat.loop().closed();
  }

  @Override
  public void ready(SelectionKey readyKey) {
    long nowNanos = nat.loop().nanos();
    int data = IpHeaders.payloadStart(key.isIpv6()) + HEADER_BYTES;
    try {
      for (int i = 0; i < TURN && host.isOpen(); i++) {
        ByteBuffer bytes = nat.link().begin().bytes();
        bytes.limit(data + MAX_DATAGRAM_BYTES).position(data);
        SocketAddress source = host.receive(bytes);
        if (source == null) {
          if (i == 0) {
            tellErrors(null);
          }
          return;
        }
        int length = bytes.position() - data;
        UdpFlow flow = flow(source);
        if (flow != null) {
          flow.toGuest(length, nowNanos);
        }
      }
    } catch (IOException ofOnePeer) {
      // Such as a port that is closed; the others go on.
      tellErrors(null);
    }
  }

  /**
   * Tells the guest what the host has heard of its datagrams.
   *
   * @param tooLarge whose datagram the host has just not sent, or null
   */
  void tellErrors(@Nullable UdpFlow tooLarge) {
    UdpFlow untold = tooLarge;
    for (int i = 0; i < TURN && nat.hostErrors().next(socket); i++) {
      if (!nat.hostErrors().isOfHost()) {
        nat.tellError(this);
      } else if (untold != null) {
        // The host has said so at each try.
        nat.tellError(untold);
        untold = null;
      }
    }
  }

  private @Nullable UdpFlow flow(SocketAddress source) {
    if (source == lastSource && lastFlow != null) {
      return lastFlow;
    }
    UdpFlow flow = null;
    if (source instanceof InetSocketAddress peer && flowsByPeer.containsKey(peer.getAddress())) {
      flow = nat.flowFrom(this, peer);
    }
    lastSource = source;
    lastFlow = flow;
    return flow;
  }
}
