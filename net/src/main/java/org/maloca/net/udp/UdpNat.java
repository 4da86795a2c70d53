package org.maloca.net.udp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.NetFrame;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.icmp.IcmpErrors;
import org.maloca.net.ip.IpBits;
import org.maloca.net.ip.IpHeaders;
import org.maloca.net.ip.IpPacket;
import org.maloca.net.linux.DatagramErrors;
import org.maloca.net.nat.EventLoop;
import org.maloca.net.nat.Flow;
import org.maloca.net.nat.FlowOpenings;
import org.maloca.net.nat.FlowTable;
import org.maloca.net.nat.HostAddresses;
import org.maloca.net.nat.HostSockets;
import org.maloca.net.nat.Link;

/** All exchanges by UDP (RFC 768) of a network with the outside. Guarded by the network's lock. */
public final class UdpNat {
  static final int MAX_PER_PORT = 2048;
  static final int MAX_TOTAL = 8192;

  private static final int HEADER_BYTES = 8;
  private static final int CHECKSUM_OFFSET = 6;

  private final EventLoop loop;
  private final Link link;
  private final HostAddresses addresses;
  private final FlowOpenings openings;
  private final HostSockets sockets;
  private final IcmpErrors errors;
  private final DatagramErrors hostErrors = new DatagramErrors();
  private final FlowTable<UdpFlow> table = new FlowTable<>(UdpFlow.class, MAX_PER_PORT, MAX_TOTAL);
  private final Map<ForwardClient, UdpFlow> forwarded = new HashMap<>();
  private final Map<UdpEndpoint.Key, UdpEndpoint> endpoints = new HashMap<>();
  private final SplittableRandom random = new SplittableRandom();

  /** Makes an empty set. */
  public UdpNat(
      EventLoop loop,
      Link link,
      HostAddresses addresses,
      FlowOpenings openings,
      HostSockets sockets,
      IcmpErrors errors) {
    this.loop = loop;
    this.openings = openings;
    this.sockets = sockets;
    this.link = link;
    this.addresses = addresses;
    this.errors = errors;
  }

  EventLoop loop() {
    return loop;
  }

  Link link() {
    return link;
  }

  /** What the host hears of datagrams that were sent. */
  DatagramErrors hostErrors() {
    return hostErrors;
  }

  void used(UdpFlow flow) {
    table.touch(flow);
  }

  void forget(UdpFlow flow) {
    table.remove(flow);
  }

  void forget(UdpEndpoint endpoint) {
    endpoints.remove(endpoint.key);
  }

  void forget(ForwardClient client) {
    forwarded.remove(client);
  }

  public int size() {
    return table.size();
  }

  /** Shows all flows. */
  public void forEach(Consumer<? super Flow> action) {
    table.forEach(action);
  }

  /** Ends all flows of a machine; of all if {@code portNumber} is 0. */
  public void evictAll(int portNumber) {
    table.evictAll(portNumber);
  }

  /**
   * Takes a guest's datagram to the outside, whose checksum and length are right.
   *
   * @param data where its data begin
   * @param end where they end
   */
  public void receive(
      SwitchPort port, long mac, NetFrame frame, IpPacket packet, int data, int end) {
    ByteBuffer bytes = frame.bytes();
    int udp = packet.payloadStart();
    int guestPort = bytes.getShort(udp) & 0xffff;
    int remotePort = bytes.getShort(udp + 2) & 0xffff;
    UdpFlow flow =
        table.find(
            port.number(),
            packet.sourceHigh(),
            packet.sourceLow(),
            guestPort,
            packet.destinationHigh(),
            packet.destinationLow(),
            remotePort);
    if (flow == null) {
      flow = open(port, mac, bytes, packet, guestPort, remotePort);
    }
    if (flow == null) {
      return;
    }
    try {
      flow.fromGuest(frame, data, end, packet.isDontFragment(), mac, loop.nanos());
    } catch (IOException why) {
      errors.unreachable(port, mac, bytes, packet, why);
    }
  }

  /** Tells the guest what the host has just heard of a datagram. */
  void tellError(UdpEndpoint endpoint) {
    UdpEndpoint.Key key = endpoint.key;
    InetAddress peer =
        addresses.seenByGuest(IpBits.toAddress(hostErrors.peerHigh(), hostErrors.peerLow()));
    int peerPort = hostErrors.peerPort();
    UdpFlow flow =
        table.find(
            key.switchPort(),
            key.guestHigh(),
            key.guestLow(),
            key.guestPort(),
            IpBits.high(peer),
            IpBits.low(peer),
            peerPort);
    if (flow != null) {
      tellError(flow);
    }
  }

  /** Tells the guest what the host has just heard of a datagram of a flow. */
  void tellError(UdpFlow flow) {
    errors.tell(
        flow,
        (long) flow.guestPort() << 48 | (long) flow.remotePort() << 32 | HEADER_BYTES << 16,
        hostErrors.typeAndCode(),
        hostErrors.mtuBytes(),
        hostErrors.reporterHigh(),
        hostErrors.reporterLow());
  }

  private @Nullable UdpFlow open(
      SwitchPort port, long mac, ByteBuffer bytes, IpPacket packet, int guestPort, int remotePort) {
    InetSocketAddress target =
        addresses.target(
            port.number(),
            IpPacket.UDP,
            packet.destinationHigh(),
            packet.destinationLow(),
            remotePort);
    if (target == null || remotePort == 0 || guestPort == 0) {
      refuse(port, mac, bytes, packet);
      return null;
    }
    long nowNanos = loop.nanos();
    UdpFlow going = table.nextToGo(port.number());
    boolean isFull = going != null && going.port() == port;
    if (!openings.admit(port.number(), isFull, nowNanos)) {
      return null;
    }
    UdpEndpoint.Key key =
        new UdpEndpoint.Key(port.number(), packet.sourceHigh(), packet.sourceLow(), guestPort);
    try {
      UdpEndpoint endpoint = endpoints.get(key);
      if (endpoint == null) {
        endpoint = new UdpEndpoint(this, key, port);
        endpoints.put(key, endpoint);
      }
      return add(
          endpoint, target, mac, packet.destinationHigh(), packet.destinationLow(), remotePort);
    } catch (IOException noSocket) {
      sockets.missing(noSocket);
      return null;
    } catch (RuntimeException noVersion) {
      // A host without IPv6.
      errors.unreachable(port, mac, bytes, packet);
      return null;
    }
  }

  private void refuse(SwitchPort port, long mac, ByteBuffer bytes, IpPacket packet) {
    if (addresses.isGateway(packet.destinationHigh(), packet.destinationLow())) {
      errors.portUnreachable(port, mac, bytes, packet);
    } else {
      // Also where no way leads: kernels keep the "network unreachable" from who sends datagrams.
      errors.prohibited(port, mac, bytes, packet);
    }
  }

  private UdpFlow add(
      UdpEndpoint endpoint,
      InetSocketAddress peer,
      long mac,
      long remoteHigh,
      long remoteLow,
      int remotePort) {
    UdpEndpoint.Key key = endpoint.key;
    UdpFlow flow =
        new UdpFlow(
            this,
            new UdpFlow.Peer(endpoint, peer),
            endpoint.port,
            mac,
            key.guestHigh(),
            key.guestLow(),
            key.guestPort(),
            remoteHigh,
            remoteLow,
            remotePort);
    // Before room is made in the table, lest the endpoint lose its last flow meanwhile.
    endpoint.add(peer, mac);
    table.add(flow);
    return flow;
  }

  /**
   * The flow of a guest's endpoint with a peer that has sent it something, from an address that the
   * guest has sent something to; null if the guest may not hear of it.
   */
  @Nullable UdpFlow flowFrom(UdpEndpoint endpoint, InetSocketAddress peer) {
    UdpEndpoint.Key key = endpoint.key;
    InetAddress seen = addresses.seenByGuest(peer.getAddress());
    long high = IpBits.high(seen);
    long low = IpBits.low(seen);
    int port = key.switchPort();
    UdpFlow flow =
        table.find(
            port, key.guestHigh(), key.guestLow(), key.guestPort(), high, low, peer.getPort());
    if (flow != null) {
      return flow;
    }
    boolean isAllowed = addresses.target(port, IpPacket.UDP, high, low, peer.getPort()) != null;
    return isAllowed ? add(endpoint, peer, endpoint.guestMac(), high, low, peer.getPort()) : null;
  }

  /**
   * Passes a datagram on that came to a forward's socket; its payload is in the link's frame.
   *
   * @param fromHigh the address that the guest sees, with {@code fromLow}
   */
  public void forward(
      ForwardClient client,
      SwitchPort port,
      long guestMac,
      long guestHigh,
      long guestLow,
      int guestPort,
      long fromHigh,
      long fromLow,
      int dataBytes) {
    UdpFlow flow = forwarded.get(client);
    if (flow == null) {
      int fromPort = 49152 + random.nextInt(16384);
      boolean isTaken =
          table.find(port.number(), guestHigh, guestLow, guestPort, fromHigh, fromLow, fromPort)
              != null;
      if (isTaken) {
        // The next datagram will try another.
        return;
      }
      flow =
          new UdpFlow(
              this,
              new UdpFlow.Client(client),
              port,
              guestMac,
              guestHigh,
              guestLow,
              guestPort,
              fromHigh,
              fromLow,
              fromPort);
      table.add(flow);
      forwarded.put(client, flow);
    }
    flow.toGuest(dataBytes, loop.nanos());
  }

  /** Writes the header before a payload that is in the link's frame, and sends both. */
  public static void send(
      Link link,
      SwitchPort port,
      long guestMac,
      long sourceHigh,
      long sourceLow,
      int sourcePort,
      long guestHigh,
      long guestLow,
      int guestPort,
      int dataBytes) {
    boolean isIpv6 = !IpBits.isIpv4(sourceHigh, sourceLow);
    ByteBuffer bytes = link.frame().bytes();
    int udp = IpHeaders.payloadStart(isIpv6);
    bytes.limit(udp + HEADER_BYTES + dataBytes).position(0);
    bytes.putShort(udp, (short) sourcePort).putShort(udp + 2, (short) guestPort);
    bytes.putShort(udp + 4, (short) (HEADER_BYTES + dataBytes)).putShort(udp + 6, (short) 0);
    link.sendPacket(
        port,
        guestMac,
        sourceHigh,
        sourceLow,
        guestHigh,
        guestLow,
        IpPacket.UDP,
        HEADER_BYTES + dataBytes,
        CHECKSUM_OFFSET);
  }
}
