package org.maloca.fuzz.network;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.maloca.core.time.ManualClock;
import org.maloca.fuzz.guided.FuzzTarget;
import org.maloca.fuzz.guided.Input;
import org.maloca.fuzz.guided.Output;
import org.maloca.net.NetworkConfig;
import org.maloca.net.NetworkMode;
import org.maloca.net.UserNetwork;
import org.maloca.net.dhcp.Dhcp6Config;
import org.maloca.net.dhcp.Dhcp6Server;
import org.maloca.net.dhcp.Dhcp6Service;
import org.maloca.net.dhcp.DhcpConfig;
import org.maloca.net.dhcp.DhcpServer;
import org.maloca.net.dhcp.DhcpService;
import org.maloca.net.dhcp.LeaseListener;
import org.maloca.net.dhcp.RouterAdvertisement;
import org.maloca.net.dns.DnsServer;
import org.maloca.net.dns.DnsService;
import org.maloca.net.dns.DnsUpstream;
import org.maloca.net.dns.LocalNames;
import org.maloca.net.ethernet.SwitchPort;

/**
 * Whole sessions of two guests on a network with all its services: frames as they come, TCP
 * segments near to where a connection is, and what the host does meanwhile. Port 7 stands for the
 * {@link SimulatedHost}; nothing else of the host is reached. The network has a thread of its own,
 * so an input need not do quite the same each time.
 */
public final class SessionTarget implements FuzzTarget {
  private static final int RAW = 0;
  private static final int SEGMENT = 1;
  private static final int HOST = 2;
  private static final int FULL = 3;
  private static final int ROOM = 4;
  private static final int PAUSE = 5;
  private static final int WAIT = 6;
  private static final int KINDS = 7;

  private static final int HOST_PORT = 7;
  private static final int MAX_OPERATIONS = 100;
  private static final int FIRST4 = 0x0a00_020f;
  private static final long PAUSE_NANOS = 200_000;
  private static final long MAX_BUFFERED_BYTES = 64 << 20;

  private final SimulatedHost host = new SimulatedHost();
  private final NetworkConfig config;

  /** Makes the host's side. */
  public SessionTarget() throws IOException {
    config =
        new NetworkConfig(
            NetworkMode.NAT,
            InetAddress.getByAddress(Frames.GATEWAY4),
            24,
            InetAddress.getByAddress(Frames.DNS4),
            InetAddress.getByAddress(Frames.GUEST4),
            InetAddress.getByAddress(Frames.GATEWAY6),
            InetAddress.getByAddress(Frames.DNS6),
            true);
  }

  @Override
  public long run(byte[] bytes) throws IOException {
    try (UserNetwork network = new UserNetwork("fuzz", config)) {
      serve(network);
      SwitchPort[] ports = {network.addPort(), network.addPort()};
      GuestCard[] cards = {new GuestCard(ports[0], 1), new GuestCard(ports[1], 2)};
      Input input = new Input(bytes);
      for (int i = 0; i < MAX_OPERATIONS && input.hasMore(); i++) {
        int kind = input.u8();
        int guest = kind >> 7;
        operate((kind & 0x7f) % KINDS, ports[guest], cards[guest], input);
      }
      if (network.bufferedBytes() > MAX_BUFFERED_BYTES) {
        throw new IllegalStateException(network.bufferedBytes() + " bytes are buffered");
      }
      for (GuestCard card : cards) {
        if (!card.wrong().isEmpty()) {
          throw new IllegalStateException("from the gateway: " + card.wrong());
        }
      }
      return cards[0].received() + cards[1].received();
    } finally {
      host.reset();
    }
  }

  /** As a machine's network has them, without names of the outside. */
  private void serve(UserNetwork network) {
    ManualClock clock = new ManualClock();
    network.setEgressFilter((port, protocol, high, low, remotePort) ->
        protocol == Frames.TCP && remotePort == host.tcpPort()
            || protocol == Frames.UDP && remotePort == host.udpPort());
    DhcpConfig dhcp =
        new DhcpConfig(
            FIRST4 - 13, 24, FIRST4 - 13, FIRST4, FIRST4 + 9, List.of(), "maloca", 1500, 3600);
    network.onUdp(
        DhcpServer.SERVER_PORT,
        new DhcpService(new DhcpServer(dhcp, clock, LeaseListener.NONE), dhcp));
    Inet6Address gateway = (Inet6Address) config.gateway6();
    List<Inet6Address> dns = List.of((Inet6Address) config.dns6());
    network.onRouterSolicitation(
        new RouterAdvertisement(
            gateway, 64, UserNetwork.GATEWAY_MAC, 1500, 1800, dns, "maloca", false));
    Dhcp6Config dhcp6 =
        new Dhcp6Config(gateway, UserNetwork.GATEWAY_MAC, 0x15, 10, dns, "maloca", 3600);
    network.onUdp(
        Dhcp6Server.SERVER_PORT,
        new Dhcp6Service(new Dhcp6Server(dhcp6, clock), InetAddress.ofLiteral("fe80::2")));
    LocalNames names = new LocalNames();
    names.add("gateway", config.gateway4());
    DnsServer server =
        new DnsServer(
            names,
            DnsUpstream.NONE,
            (port, name, isAlias, address, ttl) -> {},
            (port, name) -> true,
            Runnable::run);
    network.onUdp(DnsServer.PORT, new DnsService(server));
  }

  private void operate(int kind, SwitchPort port, GuestCard card, Input input) throws IOException {
    switch (kind) {
      case RAW -> {
        int how = input.u16();
        int segmentBytes = input.u16();
        byte[] frame = input.take(input.u16());
        if ((how & 0x8000) != 0) {
          leadToHost(frame);
          Frames.seal(frame);
        }
        card.send(frame, how, segmentBytes);
      }
      case SEGMENT -> segment(card, input);
      case HOST -> {
        LockSupport.parkNanos(PAUSE_NANOS);
        host.act(input.u8(), input);
        LockSupport.parkNanos(PAUSE_NANOS);
      }
      case FULL -> card.setFull(true);
      case ROOM -> card.setFull(false);
      case PAUSE -> {
        port.pause();
        port.resume();
      }
      default -> LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private void leadToHost(byte[] frame) {
    int at = frame.length < 14 ? -1 : frame[12] == 8 ? 34 : 54;
    if (at > 0 && frame.length >= at + 4 && frame[at + 2] == 0 && frame[at + 3] == HOST_PORT) {
      boolean isUdp = frame[at == 34 ? 23 : 20] == Frames.UDP;
      ByteBuffer.wrap(frame).putShort(at + 2, (short) (isUdp ? host.udpPort() : host.tcpPort()));
    }
  }

  /**
   * A TCP segment to the host: flow, flags, how far sequence and acknowledgement are off, window,
   * options, length of the data.
   */
  private void segment(GuestCard card, Input input) {
    int flow = input.u8() % GuestCard.FLOWS;
    int flags = input.u8();
    int off = (short) input.u16();
    int acknowledgedOff = (short) input.u16();
    int window = input.u16();
    byte[] options = input.take(input.u8() % 41);
    int dataBytes = input.u16() % 32768;
    byte[] tcp =
        Frames.tcp(
            GuestCard.FIRST_PORT + flow,
            host.tcpPort(),
            card.next[flow] + off,
            card.expected[flow] + acknowledgedOff,
            flags,
            window,
            options,
            dataBytes);
    if (off == 0) {
      card.next[flow] += dataBytes + ((flags & 3) != 0 ? 1 : 0);
    }
    byte[] frame = Frames.ip(Frames.GUEST4, Frames.GATEWAY4, Frames.TCP, tcp);
    System.arraycopy(card.macAddress(), 0, frame, 6, 6);
    card.send(frame, 1, 0);
    LockSupport.parkNanos(PAUSE_NANOS);
  }

  @Override
  public List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    seeds.add(connection());
    Output frames = new Output();
    raw(frames, arp());
    raw(frames, Frames.ip(Frames.GUEST4, Frames.GATEWAY4, Frames.ICMP, echo(8)));
    raw(frames, Frames.ip(Frames.GUEST6, Frames.GATEWAY6, Frames.ICMPV6, echo(128)));
    raw(frames, Frames.ip(Frames.GUEST6, Frames.GATEWAY6, Frames.ICMPV6, solicitation()));
    raw(frames, Frames.ip(Frames.GUEST6, Frames.GROUP6, Frames.ICMPV6, echo(133)));
    raw(frames, Frames.ip(Frames.GUEST4, Frames.GATEWAY4, Frames.UDP, Frames.udp(9, 7, (byte) 1)));
    raw(frames, Frames.ip(Frames.GUEST4, Frames.GATEWAY4, Frames.UDP, Frames.udp(9, 8, (byte) 1)));
    frames.u8(HOST, 0);
    seeds.add(frames.toByteArray());
    Output services = new Output();
    byte[] question = {0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2, 'v', 'm', 0, 0, 1, 0, 1};
    raw(services, Frames.ip(Frames.GUEST4, Frames.DNS4, Frames.UDP, Frames.udp(9, 53, question)));
    raw(services, Frames.ip(Frames.GUEST6, Frames.DNS6, Frames.UDP, Frames.udp(9, 53, question)));
    Input dhcp = new Input(new DhcpTarget().seeds().getFirst());
    int ignored = dhcp.u16();
    byte[] discover = dhcp.take(dhcp.u16());
    raw(services, Frames.ip(Frames.GUEST4, Frames.GATEWAY4, 17, Frames.udp(68, 67, discover)));
    Input dhcp6 = new Input(new Dhcp6Target().seeds().getFirst());
    ignored = dhcp6.u16();
    byte[] solicit = dhcp6.take(dhcp6.u16());
    raw(services, Frames.ip(Frames.GUEST6, Frames.GATEWAY6, 17, Frames.udp(546, 547, solicit)));
    seeds.add(services.toByteArray());
    return seeds;
  }

  private static byte[] connection() {
    Output output = new Output();
    byte[] options = {2, 4, 5, -76, 4, 2, 1, 3, 3, 7};
    tcp(output, 2, 0, options, 0);
    tcp(output, 0x10, 0, new byte[0], 0);
    tcp(output, 0x18, 0, new byte[0], 500);
    output.u8(HOST, 0, HOST, 2).u16(3000).u8(WAIT);
    tcp(output, 0x10, 0, new byte[0], 0);
    tcp(output, 0x18, 100, new byte[0], 100);
    output.u8(FULL, HOST, 2).u16(2000).u8(WAIT, ROOM, PAUSE, WAIT);
    tcp(output, 0x11, 0, new byte[0], 0);
    output.u8(HOST, 4, WAIT);
    tcp(output, 0x10, 0, new byte[0], 0);
    tcp(output, 0x04, 0, new byte[0], 0);
    return output.toByteArray();
  }

  private static void tcp(Output output, int flags, int off, byte[] options, int dataBytes) {
    output.u8(SEGMENT, 0, flags).u16(off).u16(0).u16(8192);
    output.u8(options.length).bytes(options).u16(dataBytes);
  }

  private static void raw(Output output, byte[] frame) {
    output.u8(RAW).u16(0x8000).u16(0).u16(frame.length).bytes(frame);
  }

  private static byte[] arp() {
    return ByteBuffer.allocate(42)
        .put(Frames.EVERYBODY)
        .put(Frames.GUEST_MAC)
        .putShort((short) 0x0806)
        .putLong(0x0001_0800_0604_0001L)
        .put(Frames.GUEST_MAC)
        .put(Frames.GUEST4)
        .put(new byte[6])
        .put(Frames.GATEWAY4)
        .array();
  }

  private static byte[] echo(int type) {
    byte[] message = new byte[16];
    message[0] = (byte) type;
    return message;
  }

  private static byte[] solicitation() {
    return ByteBuffer.allocate(24).putInt(135 << 24).putInt(0).put(Frames.GATEWAY6).array();
  }

  @Override
  public void close() throws IOException {
    host.close();
  }
}
