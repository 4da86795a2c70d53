package org.maloca.net.udp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import org.jspecify.annotations.Nullable;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.nat.Flow;

/**
 * A guest's exchange of datagrams with one peer, through the socket of its endpoint or of a
 * forward. Ends when nothing passed for a while, as RFC 4787, section 4.3, has it.
 */
final class UdpFlow extends Flow {
  private static final long ONE_WAY_NANOS = 30_000_000_000L;
  private static final long BOTH_WAYS_NANOS = 180_000_000_000L;

  private final UdpNat nat;
  private final DatagramChannel host;
  private final InetSocketAddress peer;
  private final @Nullable UdpEndpoint endpoint;

  /**
   * Makes a flow that is not in the table yet.
   *
   * @param peer as the host knows it
   * @param endpoint that the guest opened; null for a flow of a forward
   */
  UdpFlow(
      UdpNat nat,
      DatagramChannel host,
      InetSocketAddress peer,
      @Nullable UdpEndpoint endpoint,
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
    this.endpoint = endpoint;
  }

  /**
   * Sends a datagram of the guest.
   *
   * @throws IOException if the host has no way for it now, as it may again
   */
  void fromGuest(ByteBuffer bytes, int from, int end, long mac, long nowNanos) throws IOException {
    guestMac = mac;
    bytesFromGuest += end - from;
    int limit = bytes.limit();
    keep(nowNanos);
    try {
      bytes.limit(end).position(from);
      if (!isSentAtOnce(bytes)) {
        bytes.position(from);
        host.send(bytes, peer);
      }
    } finally {
      bytes.limit(limit).position(0);
    }
  }

  /** The first try may tell, and forget, an error that is left over from another datagram. */
  private boolean isSentAtOnce(ByteBuffer bytes) {
    int length = bytes.remaining();
    try {
      return host.send(bytes, peer) == length;
    } catch (IOException leftOver) {
      return false;
    }
  }

  private void keep(long nowNanos) {
    boolean isBothWays = bytesToGuest > 0 && bytesFromGuest > 0;
    nat.loop().arm(this, nowNanos + (isBothWays ? BOTH_WAYS_NANOS : ONE_WAY_NANOS));
    nat.used(this);
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
    if (endpoint != null) {
      endpoint.remove(this, peer);
    } else {
      nat.forgetPeer(host, peer);
    }
  }
}
