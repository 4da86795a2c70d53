package org.maloca.net.udp;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import org.jspecify.annotations.Nullable;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.ip.IpBits;
import org.maloca.net.ip.IpHeaders;
import org.maloca.net.nat.EventLoop;
import org.maloca.net.nat.Flow;

/**
 * A guest's exchange of datagrams with one peer: through a connected socket of its own, so that the
 * host lets nobody else answer; or through a forward's socket, which it shares. Ends when nothing
 * passed for a while, as RFC 4787, section 4.3, has it.
 */
final class UdpFlow extends Flow implements EventLoop.Handler {
  private static final long ONE_WAY_NANOS = 30_000_000_000L;
  private static final long BOTH_WAYS_NANOS = 180_000_000_000L;
  private static final int HEADER_BYTES = 8;
  private static final int MAX_DATAGRAM_BYTES = 65507;
  private static final int TURN = 64;

  private final UdpNat nat;
  private final DatagramChannel host;
  private final @Nullable SocketAddress peer;

  UdpFlow(
      UdpNat nat,
      DatagramChannel host,
      @Nullable SocketAddress peer,
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
    this.host = host;
    this.peer = peer;
  }

  /** A datagram of the guest. */
  void fromGuest(ByteBuffer bytes, int from, int end, long mac, long nowNanos) {
    guestMac = mac;
    bytesFromGuest += end - from;
    int limit = bytes.limit();
    bytes.limit(end).position(from);
    try {
      if (peer == null) {
        host.write(bytes);
      } else {
        host.send(bytes, peer);
      }
    } catch (IOException unreachable) {
      // As lost as any datagram; the port may open yet.
    } finally {
      bytes.limit(limit).position(0);
    }
    keep(nowNanos);
  }

  private void keep(long nowNanos) {
    boolean isBothWays = bytesToGuest > 0 && bytesFromGuest > 0;
    nat.loop().arm(this, nowNanos + (isBothWays ? BOTH_WAYS_NANOS : ONE_WAY_NANOS));
    nat.used(this);
  }

  @Override
  public void ready(SelectionKey key) {
    long nowNanos = System.nanoTime();
    boolean isIpv6 = !IpBits.isIpv4(remoteHigh, remoteLow);
    int data = IpHeaders.payloadStart(isIpv6) + HEADER_BYTES;
    try {
      for (int i = 0; i < TURN; i++) {
        ByteBuffer bytes = nat.link().begin().bytes();
        bytes.limit(data + MAX_DATAGRAM_BYTES).position(data);
        int count = host.read(bytes);
        // An empty datagram cannot be told from none here; the next event brings what is behind.
        if (count <= 0) {
          return;
        }
        toGuest(count, nowNanos);
      }
    } catch (IOException refused) {
      // The peer's port is closed; the socket goes on.
      keep(nowNanos);
    }
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
    evict();
  }

  @Override
  public void evict() {
    if (peer == null) {
      try {
        host.close();
      } catch (IOException ignored) {
        // Nothing more can be done about it.
      }
      nat.loop().wake();
    } else {
      nat.forgetPeer(host, peer);
    }
    nat.loop().remove(this);
    nat.forget(this);
  }
}
