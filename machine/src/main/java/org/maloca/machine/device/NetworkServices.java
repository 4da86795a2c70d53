package org.maloca.machine.device;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.maloca.core.time.VirtualClock;
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
import org.maloca.net.dns.DnsStreamService;
import org.maloca.net.dns.LocalNames;
import org.maloca.net.egress.EgressPolicy;
import org.maloca.net.egress.ResolvedNames;
import org.maloca.net.http.PostService;

/** What the gateway of a network does for its machines: addresses, names, rules. */
final class NetworkServices implements AutoCloseable {
  private static final int MTU_BYTES = 1500;
  private static final int LEASE_SECONDS = 86_400;
  private static final int ROUTER_LIFETIME_SECONDS = 1800;
  private static final int POOL = 200;

  private static final long NOBODY = -1;
  private static final int NO_PLACE = -1;

  /**
   * A machine.
   *
   * @param mac of its card; {@link #NOBODY} if it joined by a socket
   * @param place of its address among those of the pool; {@link #NO_PLACE} if it has none for good
   * @param policy what it may reach
   * @param resolved what its questions to the name server have led to
   */
  private record Guest(long mac, int place, EgressPolicy policy, ResolvedNames resolved) {}

  private final Map<Integer, Guest> guests = new ConcurrentHashMap<>();
  private final MachineNames machineNames;
  private final LocalNames names = new LocalNames();
  private final UserNetwork network;
  private final PostService posts = new PostService();
  private final VirtualClock clock;
  private final DhcpServer dhcp;
  private final Dhcp6Server dhcp6;
  private final int firstAddress;
  private final BitSet taken = new BitSet();
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

  /** Starts them for a network without machines. */
  NetworkServices(UserNetwork network, VirtualClock clock) {
    NetworkConfig config = network.config();
    boolean leadsOut = config.mode() == NetworkMode.NAT;
    this.network = network;
    this.clock = clock;
    firstAddress = bits(config.firstGuest4());
    names.add("gateway", config.gateway4());
    machineNames = new MachineNames(names, config.gateway6());
    dhcp = dhcp(network, leadsOut);
    dhcp6 = ipv6(network, clock, leadsOut);
    DnsServer dns =
        new DnsServer(
            names,
            DnsServer.upstreamOfHost(),
            this::resolved,
            (port, name) -> leadsOut && allowsName(port, name),
            executor);
    network.onUdp(DnsServer.PORT, new DnsService(dns));
    network.onStream(DnsServer.PORT, new DnsStreamService(dns));
    network.setEgressFilter(this::allows);
    network.onGuestAddress(machineNames);
    network.onLeave(this::left);
  }

  /**
   * Gives a machine its name and address before it asks, and its rules.
   *
   * @param port number of its switch port
   * @param mac of its card
   */
  synchronized void admit(int port, String machineName, long mac, EgressPolicy policy) {
    int place = taken.nextClearBit(0);
    guests.put(port, new Guest(mac, place, policy, new ResolvedNames(clock)));
    machineNames.admit(port, mac, machineName);
    taken.set(place);
    if (place < POOL) {
      dhcp.reserve(mac, firstAddress + place);
    }
    dhcp.name(mac, machineName);
  }

  /** Lets somebody in whose name nobody knows, under given rules. */
  void admitPeer(int port, EgressPolicy policy) {
    guests.put(port, new Guest(NOBODY, NO_PLACE, policy, new ResolvedNames(clock)));
    machineNames.admitPeer(port);
  }

  /** Sets the rules of a machine that is here, for new flows. */
  void setPolicy(int port, EgressPolicy policy) {
    guests.computeIfPresent(
        port, (number, guest) -> new Guest(guest.mac(), guest.place(), policy, guest.resolved()));
  }

  /** Has a path of the name server's address, by HTTP, lead to somebody. */
  void takePosts(String path, Consumer<byte[]> receiver) {
    posts.receive(path, receiver);
    network.onStream(PostService.PORT, posts);
  }

  /** And no longer. */
  void forgetPosts(String path) {
    posts.forget(path);
  }

  private synchronized void left(int port) {
    Guest guest = guests.remove(port);
    if (guest == null) {
      return;
    }
    machineNames.left(port, guest.mac());
    if (guest.place() != NO_PLACE) {
      taken.clear(guest.place());
      dhcp.unreserve(guest.mac());
      dhcp.name(guest.mac(), "");
    }
    dhcp.left(port);
    dhcp6.left(port);
  }

  private void resolved(
      int port, String name, boolean isAlias, InetAddress address, long ttlSeconds) {
    Guest guest = guests.get(port);
    if (guest != null) {
      guest.resolved().add(name, isAlias, address, ttlSeconds);
    }
  }

  private boolean allowsName(int port, String name) {
    Guest guest = guests.get(port);
    return guest != null && guest.policy().allowsName(name);
  }

  private boolean allows(int port, int protocol, long high, long low, int remotePort) {
    Guest guest = guests.get(port);
    return guest != null
        && guest.policy().allows(protocol, high, low, remotePort, guest.resolved());
  }

  private DhcpServer dhcp(UserNetwork network, boolean leadsOut) {
    NetworkConfig config = network.config();
    DhcpConfig settings =
        new DhcpConfig(
            bits(config.gateway4()),
            config.prefixLength4(),
            leadsOut ? bits(config.gateway4()) : 0,
            firstAddress,
            firstAddress + POOL - 1,
            List.of(bits(config.dns4())),
            LocalNames.DOMAIN,
            MTU_BYTES,
            LEASE_SECONDS);
    DhcpServer server =
        new DhcpServer(
            settings,
            clock,
            new LeaseListener() {
              @Override
              public void leased(long mac, int address, int port, String hostName) {
                machineNames.leased(mac, address(address), port, hostName);
              }

              @Override
              public void released(long mac, int address) {
                machineNames.gaveBack(mac, address(address));
              }
            });
    network.onUdp(DhcpServer.SERVER_PORT, new DhcpService(server, settings));
    return server;
  }

  private static Dhcp6Server ipv6(UserNetwork network, VirtualClock clock, boolean leadsOut) {
    NetworkConfig config = network.config();
    Inet6Address gateway = (Inet6Address) config.gateway6();
    List<Inet6Address> dns = List.of((Inet6Address) config.dns6());
    network.onRouterSolicitation(
        new RouterAdvertisement(
            gateway,
            64,
            UserNetwork.GATEWAY_MAC,
            MTU_BYTES,
            leadsOut ? ROUTER_LIFETIME_SECONDS : 0,
            dns,
            LocalNames.DOMAIN,
            false));
    Dhcp6Config dhcp =
        new Dhcp6Config(
            gateway, UserNetwork.GATEWAY_MAC, 0x15, POOL, dns, LocalNames.DOMAIN, LEASE_SECONDS);
    Dhcp6Server server = new Dhcp6Server(dhcp, clock);
    network.onUdp(
        Dhcp6Server.SERVER_PORT, new Dhcp6Service(server, InetAddress.ofLiteral("fe80::2")));
    return server;
  }

  private static int bits(InetAddress address) {
    return ByteBuffer.wrap(address.getAddress()).getInt();
  }

  private static InetAddress address(int bits) {
    try {
      return InetAddress.getByAddress(ByteBuffer.allocate(4).putInt(bits).array());
    } catch (UnknownHostException wrongLength) {
      throw new IllegalStateException(wrongLength);
    }
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
