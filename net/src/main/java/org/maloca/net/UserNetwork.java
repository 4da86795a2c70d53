package org.maloca.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.maloca.core.backend.NetBackend;
import org.maloca.net.ethernet.AddressClaims;
import org.maloca.net.ethernet.EthernetSwitch;
import org.maloca.net.ethernet.GuestAddressListener;
import org.maloca.net.ethernet.PortCounters;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.host.IpLiteral;
import org.maloca.net.host.PortForward;
import org.maloca.net.icmp.EchoSocket;
import org.maloca.net.ip.IpBits;
import org.maloca.net.linux.PingSocket;
import org.maloca.net.nat.EgressFilter;
import org.maloca.net.nat.EventLoop;
import org.maloca.net.nat.Flow;
import org.maloca.net.nat.HostAddresses;
import org.maloca.net.nat.Link;
import org.maloca.net.service.DatagramSender;
import org.maloca.net.service.RouterAdvertiser;
import org.maloca.net.service.StreamService;
import org.maloca.net.service.UdpService;

/**
 * A network of machines without privileges on the host: a switch, and a gateway that speaks for the
 * outside through the host's own sockets. Safe for any thread.
 */
public final class UserNetwork implements AutoCloseable {
  static final long LINK_LOCAL_HIGH = 0xfe80_0000_0000_0000L;
  static final long LINK_LOCAL_LOW = 2;

  /** The gateway's link address. */
  public static final long GATEWAY_MAC = 0x52_55_0a_00_02_02L;

  private final NetworkConfig config;
  private final EventLoop loop;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final HostAddresses addresses;
  private final AddressClaims claims = new AddressClaims(System::nanoTime);
  private final Gateway gateway;
  private final EthernetSwitch ethernet;
  private final Map<Integer, Listening> forwards = new ConcurrentHashMap<>();
  private int lastForward;
  private volatile IntConsumer leaving = number -> {};

  /** Starts a network without machines. */
  public UserNetwork(String name, NetworkConfig config) throws IOException {
    this(name, config, System::nanoTime, PingSocket::open);
  }

  UserNetwork(String name, NetworkConfig config, LongSupplier clock, EchoSocket.Opener echoOpener)
      throws IOException {
    this.config = config;
    loop = new EventLoop("net-" + name, clock);
    Link link = new Link(GATEWAY_MAC);
    addresses =
        new HostAddresses(
            config.mode() == NetworkMode.NAT,
            config.isLoopbackOpen(),
            config.gateway4(),
            config.gateway6(),
            config.mask4());
    gateway = new Gateway(config, link, loop, addresses, executor, echoOpener, this::left);
    for (InetAddress own :
        new InetAddress[] {config.gateway4(), config.dns4(), config.gateway6(), config.dns6()}) {
      claims.reserve(IpBits.high(own), IpBits.low(own));
    }
    claims.reserve(LINK_LOCAL_HIGH, LINK_LOCAL_LOW);
    ethernet = new EthernetSwitch(GATEWAY_MAC, claims, config.mode() != NetworkMode.NONE, gateway);
  }

  public NetworkConfig config() {
    return config;
  }

  /** Adds a port for a machine's card. It leaves the network when it is closed. */
  public synchronized SwitchPort addPort() {
    SwitchPort port = ethernet.add();
    publishPorts();
    return port;
  }

  /** Sets who hears of the numbers of ports that have left the network, on any thread. */
  public void onLeave(IntConsumer listener) {
    leaving = listener;
  }

  private void left(SwitchPort port) {
    forwards(port).forEach(forwarding -> removeForward(forwarding.number()));
    leaving.accept(port.number());
  }

  private void publishPorts() {
    Map<Integer, SwitchPort> byNumber = new HashMap<>();
    for (SwitchPort port : ethernet.ports()) {
      byNumber.put(port.number(), port);
    }
    gateway.setPorts(Map.copyOf(byNumber));
  }

  /** Sets what listens on a UDP port of the gateway: 67, 547, or those of the name server. */
  public void onUdp(int port, UdpService service) {
    gateway.setService(port, service);
  }

  /** Sets what listens on a TCP port of the name server's addresses. */
  public void onStream(int port, StreamService service) {
    gateway.setStreamService(port, service);
  }

  /** Sets who hears which IPv6 addresses machines use. */
  public void onGuestAddress(GuestAddressListener listener) {
    claims.setListener(listener);
  }

  /** Sets what machines are told when they solicit a router, and from time to time. */
  public void onRouterSolicitation(RouterAdvertiser advertiser) {
    gateway.setAdvertiser(advertiser);
  }

  /** The way of datagrams to guests that are not answers. */
  public DatagramSender sender() {
    return gateway;
  }

  /** Sets the rules for new flows to the outside; flows that exist stay. */
  public void setEgressFilter(EgressFilter filter) {
    addresses.setFilter(filter);
  }

  /**
   * Lets a port of the host lead to one of a machine.
   *
   * @param from where the host listens; port 0 for one that it chooses
   * @return a number for {@link #removeForward}, and the address that it listens on
   * @throws IOException if the host cannot listen there, or the mode allows no forwards
   */
  public synchronized Forwarding addForward(
      SwitchPort to, InetSocketAddress from, int guestPort, boolean isUdp) throws IOException {
    if (config.mode() != NetworkMode.NAT && config.mode() != NetworkMode.HOST_ONLY) {
      throw new IOException(
          "no port forwards lead into a network that is "
              + config.mode().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }
    Forward forward = new Forward(this, to, guestPort, isUdp);
    InetSocketAddress address = forward.listen(from);
    Forwarding made = new Forwarding(++lastForward, address, guestPort, isUdp);
    forwards.put(lastForward, new Listening(to, forward, made));
    return made;
  }

  /** The forwards to a machine, in order of making. */
  public List<Forwarding> forwards(SwitchPort to) {
    return forwards.values().stream()
        .filter(listening -> listening.to() == to)
        .map(Listening::made)
        .sorted(Comparator.comparingInt(Forwarding::number))
        .toList();
  }

  private record Listening(SwitchPort to, Forward forward, Forwarding made) {}

  /**
   * A port forward that exists.
   *
   * @param number for {@link #removeForward}
   * @param address where the host listens
   * @param guestPort where it leads
   */
  public record Forwarding(int number, InetSocketAddress address, int guestPort, boolean isUdp) {
    /** As in {@code 127.0.0.1:2222 leads to the guest's port 22}. */
    @Override
    public String toString() {
      return "%s:%d%s leads to the guest's port %d"
          .formatted(
              IpLiteral.bracketed(address.getAddress()),
              address.getPort(),
              isUdp ? "/udp" : "",
              guestPort);
    }
  }

  /**
   * Lets some ports of the host lead to a machine, or none of them.
   *
   * @throws IOException as of {@link #addForward}, of the first that cannot be
   */
  public synchronized List<Forwarding> addForwards(SwitchPort to, List<PortForward> wanted)
      throws IOException {
    List<Forwarding> made = new ArrayList<>();
    try {
      for (PortForward each : wanted) {
        InetSocketAddress from = new InetSocketAddress(each.hostAddress(), each.hostPort());
        made.add(addForward(to, from, each.guestPort(), each.isUdp()));
      }
      return made;
    } catch (IOException refused) {
      made.forEach(forward -> removeForward(forward.number()));
      throw refused;
    }
  }

  /**
   * Ends a forward: no new connections come, and its port is free again; those that are there stay.
   */
  public void removeForward(int number) {
    Listening listening = forwards.remove(number);
    if (listening != null) {
      listening.forward().close();
      loop.settle();
    }
  }

  EventLoop loop() {
    return loop;
  }

  Gateway gateway() {
    return gateway;
  }

  /** The IPv4 address of a machine, as it says, else the first that is assigned. */
  long guestLow4(SwitchPort port) {
    Integer claimed = claims.ipv4Of(port.number());
    return claimed == null ? IpBits.low(config.firstGuest4()) : IpBits.lowOfIpv4(claimed);
  }

  /** Shows all flows; their counters hold still during the call. */
  public void forEachFlow(Consumer<? super Flow> action) {
    synchronized (loop.lock()) {
      gateway.tcp().forEach(action);
      gateway.udp().forEach(action);
    }
  }

  /** The flows of a machine at this moment. */
  public List<FlowStatistics> flows(SwitchPort port) {
    List<FlowStatistics> flows = new ArrayList<>();
    forEachFlow(flow -> {
      if (flow.port() == port) {
        flows.add(
            new FlowStatistics(
                flow.isUdp(),
                flow.guestAddress(),
                flow.guestPort(),
                flow.remoteAddress(),
                flow.remotePort(),
                flow.bytesFromGuest(),
                flow.bytesToGuest()));
      }
    });
    return flows;
  }

  /** The counters of each port, by its number. */
  public Map<Integer, PortCounters> counters() {
    Map<Integer, PortCounters> byNumber = new HashMap<>();
    for (SwitchPort port : ethernet.ports()) {
      byNumber.put(port.number(), port.counters());
    }
    return byNumber;
  }

  /** Bytes of buffers that connections use now. */
  public long bufferedBytes() {
    synchronized (loop.lock()) {
      return gateway.tcp().bufferedBytes();
    }
  }

  /** Ends all flows and forwards. */
  @Override
  public void close() {
    forwards.values().forEach(listening -> listening.forward().close());
    forwards.clear();
    for (NetBackend port : ethernet.ports()) {
      port.close();
    }
    executor.shutdownNow();
    gateway.close();
    loop.close();
  }
}
