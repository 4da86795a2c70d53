package org.maloca.net;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.NetFrame;
import org.maloca.core.defect.DefectLog;
import org.maloca.net.arp.ArpResponder;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.ethernet.Uplink;
import org.maloca.net.icmp.EchoSocket;
import org.maloca.net.icmp.IcmpEcho;
import org.maloca.net.icmp.IcmpErrors;
import org.maloca.net.icmp.TooBigNotice;
import org.maloca.net.ip.IpBits;
import org.maloca.net.ip.IpHeaders;
import org.maloca.net.ip.IpPacket;
import org.maloca.net.ip.Reassembly;
import org.maloca.net.nat.EventLoop;
import org.maloca.net.nat.FlowOpenings;
import org.maloca.net.nat.HostAddresses;
import org.maloca.net.nat.HostSockets;
import org.maloca.net.nat.Link;
import org.maloca.net.ndp.NeighborResponder;
import org.maloca.net.ndp.RouterDiscovery;
import org.maloca.net.service.Datagram;
import org.maloca.net.service.DatagramSender;
import org.maloca.net.service.RouterAdvertiser;
import org.maloca.net.service.StreamService;
import org.maloca.net.service.UdpService;
import org.maloca.net.tcp.TcpNat;
import org.maloca.net.udp.UdpNat;

/**
 * The router of a network: takes the frames that are for it or for all, and gives each protocol its
 * packets. Whatever a guest sends, it is answered or dropped; work is done on the guest's thread
 * under the network's lock.
 */
final class Gateway implements Uplink, DatagramSender {
  private static final int UDP_HEADER_BYTES = 8;
  private static final int ROUTER_SOLICITATION = 133;
  private static final int DHCP4 = 67;
  private static final int DHCP6 = 547;

  private final DefectLog defects = new DefectLog(System.getLogger(Gateway.class.getName()));
  private final EventLoop loop;
  private final Link link;
  private final long gatewayLow4;
  private final long gatewayHigh6;
  private final long gatewayLow6;
  private final long dnsLow4;
  private final long dnsLow6;
  private final long broadcastLow4;
  private final HostAddresses addresses;
  private final FlowOpenings openings = new FlowOpenings();
  private final HostSockets sockets = new HostSockets();
  private final ArpResponder arp;
  private final NeighborResponder neighbors;
  private final RouterDiscovery discovery;
  private final IcmpErrors errors;
  private final IcmpEcho echo;
  private final UdpNat udp;
  private final TcpNat tcp;
  private final IpPacket packet = new IpPacket();
  private final Reassembly reassembly = new Reassembly();
  private final NetFrame whole = new NetFrame();
  private final TooBigNotice tooBig = new TooBigNotice();
  private final Map<Integer, UdpService> services = new ConcurrentHashMap<>();
  private final Map<Integer, StreamService> streamServices = new ConcurrentHashMap<>();
  private final Consumer<SwitchPort> whenLeft;
  private volatile Map<Integer, SwitchPort> ports = Map.of();

  Gateway(
      NetworkConfig config,
      Link link,
      EventLoop loop,
      HostAddresses addresses,
      Executor executor,
      EchoSocket.Opener echoOpener,
      Consumer<SwitchPort> whenLeft) {
    this.whenLeft = whenLeft;
    this.loop = loop;
    this.link = link;
    this.addresses = addresses;
    gatewayLow4 = IpBits.low(config.gateway4());
    gatewayHigh6 = IpBits.high(config.gateway6());
    gatewayLow6 = IpBits.low(config.gateway6());
    dnsLow4 = IpBits.low(config.dns4());
    dnsLow6 = IpBits.low(config.dns6());
    broadcastLow4 = IpBits.lowOfIpv4((int) gatewayLow4 | ~config.mask4());
    arp = new ArpResponder(link, (int) gatewayLow4, (int) dnsLow4);
    neighbors =
        new NeighborResponder(
            link,
            gatewayHigh6,
            gatewayLow6,
            gatewayHigh6,
            dnsLow6,
            UserNetwork.LINK_LOCAL_HIGH,
            UserNetwork.LINK_LOCAL_LOW);
    discovery =
        new RouterDiscovery(loop, link, UserNetwork.LINK_LOCAL_HIGH, UserNetwork.LINK_LOCAL_LOW);
    errors = new IcmpErrors(link, loop, 0, gatewayLow4, gatewayHigh6, gatewayLow6);
    echo = new IcmpEcho(loop, link, errors, executor, echoOpener);
    udp = new UdpNat(loop, link, addresses, openings, sockets, errors);
    tcp = new TcpNat(loop, link, addresses, openings, sockets, errors, this::streamService);
  }

  Link link() {
    return link;
  }

  HostSockets sockets() {
    return sockets;
  }

  TcpNat tcp() {
    return tcp;
  }

  UdpNat udp() {
    return udp;
  }

  /** Lets go of the host's sockets that are not the event loop's. */
  void close() {
    synchronized (loop.lock()) {
      sockets.close();
    }
    echo.close();
  }

  void setService(int port, UdpService service) {
    services.put(port, service);
  }

  void setStreamService(int port, StreamService service) {
    streamServices.put(port, service);
  }

  private @Nullable StreamService streamService(long high, long low, int port) {
    boolean isDns =
        IpBits.isIpv4(high, low) ? low == dnsLow4 : high == gatewayHigh6 && low == dnsLow6;
    return isDns ? streamServices.get(port) : null;
  }

  void setAdvertiser(RouterAdvertiser value) {
    synchronized (loop.lock()) {
      discovery.start(value, () -> ports.values());
    }
  }

  void setPorts(Map<Integer, SwitchPort> byNumber) {
    ports = byNumber;
  }

  @Override
  public void roomAvailable(SwitchPort port) {
    synchronized (loop.lock()) {
      tcp.roomAvailable(port);
    }
  }

  @Override
  public void removed(SwitchPort port) {
    synchronized (loop.lock()) {
      tcp.evictAll(port.number());
      udp.evictAll(port.number());
      openings.forget(port.number());
      errors.forget(port.number());
    }
    whenLeft.accept(port);
  }

  @Override
  public void receive(SwitchPort from, NetFrame frame) {
    synchronized (loop.lock()) {
      try {
        handle(from, frame);
      } catch (RuntimeException | Error defect) {
        // A defect of ours must not become the card's.
        defects.tell("a guest's frame was dropped", defect);
      } finally {
        frame.bytes().position(0);
      }
    }
  }

  private void handle(SwitchPort from, NetFrame frame) {
    ByteBuffer bytes = frame.bytes();
    int type = bytes.getShort(12) & 0xffff;
    long mac = IpHeaders.getMac(bytes, 6);
    if (type == IpHeaders.ETHERTYPE_ARP) {
      arp.receive(from, bytes);
      return;
    }
    boolean isIp = type == IpHeaders.ETHERTYPE_IPV4 || type == IpHeaders.ETHERTYPE_IPV6;
    if (!isIp
        || !packet.parse(bytes, IpHeaders.ETHERNET_BYTES)
        || packet.isIpv6() != (type == IpHeaders.ETHERTYPE_IPV6)
        || IpBits.isMulticast(packet.sourceHigh(), packet.sourceLow())) {
      return;
    }
    NetFrame whose = frame;
    if (packet.isFragment()) {
      if (!reassembly.add(from.number(), frame, packet, whole, System.nanoTime())) {
        return;
      }
      whose = whole;
    }
    boolean isTrusted = whose.needsChecksum() || whose.isChecksumGood();
    switch (packet.protocol()) {
      case IpPacket.TCP -> {
        if (isTrusted || packet.isTransportChecksumRight(whose.bytes())) {
          routeTcp(from, mac, whose);
        }
      }
      case IpPacket.UDP -> handleUdp(from, mac, whose, isTrusted);
      case IpPacket.ICMP -> handleIcmp(from, mac, whose);
      case IpPacket.ICMPV6 -> {
        if (isTrusted || packet.isTransportChecksumRight(whose.bytes())) {
          handleIcmp6(from, mac, whose);
        }
      }
      default -> {}
    }
  }

  private boolean isForMany() {
    return IpBits.isMulticast(packet.destinationHigh(), packet.destinationLow())
        || packet.destinationHigh() == 0 && packet.destinationLow() == broadcastLow4;
  }

  private boolean isForDns() {
    return packet.isIpv6()
        ? packet.destinationHigh() == gatewayHigh6 && packet.destinationLow() == dnsLow6
        : packet.destinationLow() == dnsLow4;
  }

  private boolean isForGateway() {
    return packet.isIpv6()
        ? packet.destinationHigh() == gatewayHigh6 && packet.destinationLow() == gatewayLow6
            || packet.destinationHigh() == UserNetwork.LINK_LOCAL_HIGH
                && packet.destinationLow() == UserNetwork.LINK_LOCAL_LOW
        : packet.destinationLow() == gatewayLow4;
  }

  /** Whether a packet to outside has hops left; tells the guest if not. */
  private boolean mayPass(SwitchPort from, long mac, NetFrame frame) {
    if (packet.hopLimit() > 1 || isForGateway() || isForDns()) {
      return true;
    }
    if (!packet.isFragment() && packet.payloadStart() > packet.start() && frame != whole) {
      errors.timeExceeded(from, mac, frame.bytes(), packet);
    }
    return false;
  }

  private void routeTcp(SwitchPort from, long mac, NetFrame frame) {
    if (!isForMany() && mayPass(from, mac, frame)) {
      tcp.receive(from, mac, frame, packet);
    }
  }

  private void handleUdp(SwitchPort from, long mac, NetFrame frame, boolean isTrusted) {
    ByteBuffer bytes = frame.bytes();
    int at = packet.payloadStart();
    if (packet.end() - at < UDP_HEADER_BYTES) {
      return;
    }
    int length = bytes.getShort(at + 4) & 0xffff;
    boolean hasNoChecksum = bytes.getShort(at + 6) == 0 && !packet.isIpv6();
    boolean isLarge = frame.segmentation() == NetFrame.Segmentation.UDP;
    if (!isLarge && (length < UDP_HEADER_BYTES || length > packet.end() - at)) {
      return;
    }
    if (!isTrusted && !hasNoChecksum && !packet.isTransportChecksumRight(bytes)) {
      return;
    }
    int data = at + UDP_HEADER_BYTES;
    int end = isLarge ? packet.end() : at + length;
    int destinationPort = bytes.getShort(at + 2) & 0xffff;
    boolean isAssignment = destinationPort == DHCP4 || destinationPort == DHCP6;
    boolean isForServices = isForDns() || isAssignment && (isForMany() || isForGateway());
    if (isForServices) {
      UdpService service = services.get(destinationPort);
      if (service != null) {
        int sourcePort = bytes.getShort(at) & 0xffff;
        service.receive(datagram(from, mac, sourcePort, destinationPort, bytes, data, end), this);
      } else if (!isForMany()) {
        errors.portUnreachable(from, mac, bytes, packet);
      }
      return;
    }
    if (!isForMany() && mayPass(from, mac, frame)) {
      int step = isLarge && frame.segmentBytes() > 0 ? frame.segmentBytes() : end - data;
      int start = data;
      do {
        int stop = Math.min(start + step, end);
        udp.receive(from, mac, frame, packet, start, stop);
        start = stop;
      } while (start < end);
    }
  }

  private Datagram datagram(
      SwitchPort from,
      long mac,
      int sourcePort,
      int destinationPort,
      ByteBuffer bytes,
      int data,
      int end) {
    InetAddress source = IpBits.toAddress(packet.sourceHigh(), packet.sourceLow());
    InetAddress destination = IpBits.toAddress(packet.destinationHigh(), packet.destinationLow());
    return new Datagram(
        from.number(),
        mac,
        source,
        sourcePort,
        destination,
        destinationPort,
        bytes.slice(data, end - data));
  }

  private void handleIcmp(SwitchPort from, long mac, NetFrame frame) {
    ByteBuffer bytes = frame.bytes();
    int at = packet.payloadStart();
    if (packet.isIpv6() || packet.end() - at < 8 || !packet.isTransportChecksumRight(bytes)) {
      return;
    }
    int type = bytes.getShort(at) & 0xffff;
    if (type == IcmpEcho.REQUEST4 << 8) {
      answerEcho(from, mac, frame, IpPacket.ICMP);
    } else if (type == TooBigNotice.TYPE_AND_CODE4) {
      noteTooBig(from, bytes);
    }
  }

  private void noteTooBig(SwitchPort from, ByteBuffer bytes) {
    if (tooBig.parse(bytes, packet)) {
      tcp.tooBig(
          from,
          tooBig.guestHigh(),
          tooBig.guestLow(),
          tooBig.destinationPort(),
          tooBig.remoteHigh(),
          tooBig.remoteLow(),
          tooBig.sourcePort(),
          tooBig.sequence(),
          tooBig.mtuBytes());
    }
  }

  private void answerEcho(SwitchPort from, long mac, NetFrame frame, int protocol) {
    if (isForGateway() || isForDns()) {
      echo.answer(from, mac, frame.bytes(), packet);
    } else if (!isForMany() && mayPass(from, mac, frame)) {
      long high = packet.destinationHigh();
      long low = packet.destinationLow();
      if (addresses.isOpen(from.number(), protocol, high, low)) {
        echo.ask(from, mac, frame.bytes(), packet);
      } else if (addresses.isNowhere(high, low)) {
        errors.networkUnreachable(from, mac, frame.bytes(), packet);
      } else {
        errors.prohibited(from, mac, frame.bytes(), packet);
      }
    }
  }

  private void handleIcmp6(SwitchPort from, long mac, NetFrame frame) {
    ByteBuffer bytes = frame.bytes();
    int at = packet.payloadStart();
    if (!packet.isIpv6() || packet.end() - at < 8) {
      return;
    }
    switch (bytes.get(at) & 0xff) {
      case IcmpEcho.REQUEST6 -> answerEcho(from, mac, frame, IpPacket.ICMPV6);
      case NeighborResponder.SOLICITATION -> neighbors.receive(from, mac, bytes, packet);
      case ROUTER_SOLICITATION -> discovery.receive(from, mac, packet);
      case TooBigNotice.TYPE6 -> noteTooBig(from, bytes);
      default -> {}
    }
  }

  @Override
  public void send(Datagram datagram) {
    SwitchPort to = ports.get(datagram.switchPort());
    long sourceHigh = IpBits.high(datagram.source());
    long sourceLow = IpBits.low(datagram.source());
    int data = IpHeaders.payloadStart(!IpBits.isIpv4(sourceHigh, sourceLow)) + UDP_HEADER_BYTES;
    int length = datagram.payload().remaining();
    if (to == null || length > 65507) {
      return;
    }
    synchronized (loop.lock()) {
      ByteBuffer payload = datagram.payload();
      link.begin().bytes().put(data, payload, payload.position(), length);
      UdpNat.send(
          link,
          to,
          datagram.mac(),
          sourceHigh,
          sourceLow,
          datagram.sourcePort(),
          IpBits.high(datagram.destination()),
          IpBits.low(datagram.destination()),
          datagram.destinationPort(),
          length);
    }
  }
}
