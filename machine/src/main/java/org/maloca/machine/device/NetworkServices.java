package org.maloca.machine.device;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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
import org.maloca.net.ethernet.GuestAddressListener;

/** What the gateway of a network does for its machines: addresses, names, rules. */
final class NetworkServices implements AutoCloseable {
  private static final int MTU_BYTES = 1500;
  private static final int LEASE_SECONDS = 86_400;
  private static final int ROUTER_LIFETIME_SECONDS = 1800;
  private static final int POOL = 200;

  /** IPv6 addresses by which a machine is known; of more, as privacy makes them, the last ones. */
  private static final int NAMED_ADDRESSES = 8;

  /**
   * A machine.
   *
   * @param policy what it may reach
   * @param resolved what its questions to the name server have led to
   * @param addresses of IPv6 by which it is known, the oldest first
   */
  private record Guest(
      String name, EgressPolicy policy, ResolvedNames resolved, Deque<InetAddress> addresses) {}

  private final Map<Integer, Guest> guests = new ConcurrentHashMap<>();
  private final Map<Long, String> machineNames = new ConcurrentHashMap<>();
  private final LocalNames names = new LocalNames();
  private final VirtualClock clock;
  private final DhcpServer dhcp;
  private final int firstAddress;
  private int reserved;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

  /** Starts them for a network without machines. */
  NetworkServices(UserNetwork network, VirtualClock clock) {
    NetworkConfig config = network.config();
    boolean leadsOut = config.mode() == NetworkMode.NAT;
    this.clock = clock;
    firstAddress = bits(config.firstGuest4());
    names.add("gateway", config.gateway4());
    dhcp = dhcp(network, leadsOut);
    ipv6(network, clock, leadsOut);
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
    network.onGuestAddress(new AddressNames(config.gateway6()));
  }

  /** Names the IPv6 addresses that machines have in the network. */
  private final class AddressNames implements GuestAddressListener {
    private final byte[] gateway;

    AddressNames(InetAddress gateway) {
      this.gateway = gateway.getAddress();
    }

    @Override
    public void claimed(int switchPort, InetAddress address) {
      Guest guest = guests.get(switchPort);
      boolean isOfNetwork = Arrays.equals(gateway, 0, 8, address.getAddress(), 0, 8);
      if (guest == null || guest.name().isEmpty() || !isOfNetwork) {
        return;
      }
      guest.addresses().add(address);
      names.add(guest.name(), address);
      if (guest.addresses().size() > NAMED_ADDRESSES) {
        names.remove(guest.addresses().remove());
      }
    }

    @Override
    public void released(int switchPort, InetAddress address) {
      Guest guest = guests.get(switchPort);
      if (guest != null && guest.addresses().remove(address)) {
        names.remove(address);
      }
    }
  }

  /**
   * Gives a machine its name and address before it asks, and its rules.
   *
   * @param port number of its switch port
   * @param mac of its card
   */
  synchronized void admit(int port, String machineName, long mac, EgressPolicy policy) {
    guests.put(port, new Guest(machineName, policy, new ResolvedNames(clock), new ArrayDeque<>()));
    machineNames.put(mac, machineName);
    if (reserved < POOL) {
      dhcp.reserve(mac, firstAddress + reserved++);
    }
    dhcp.name(mac, machineName);
  }

  /** Lets somebody in whose name nobody knows, under given rules. */
  void admitPeer(int port, EgressPolicy policy) {
    guests.put(port, new Guest("", policy, new ResolvedNames(clock), new ArrayDeque<>()));
  }

  /** Sets the rules of a machine that is here, for new flows. */
  void setPolicy(int port, EgressPolicy policy) {
    guests.computeIfPresent(
        port,
        (number, guest) -> new Guest(guest.name(), policy, guest.resolved(), guest.addresses()));
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
              public void leased(long hardwareAddress, int address) {
                String name = machineNames.get(hardwareAddress);
                if (name != null) {
                  names.add(name, address(address));
                }
              }

              @Override
              public void released(long hardwareAddress, int address) {
                names.remove(address(address));
              }
            });
    network.onUdp(DhcpServer.SERVER_PORT, new DhcpService(server, settings));
    return server;
  }

  private static void ipv6(UserNetwork network, VirtualClock clock, boolean leadsOut) {
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
    network.onUdp(
        Dhcp6Server.SERVER_PORT,
        new Dhcp6Service(new Dhcp6Server(dhcp, clock), InetAddress.ofLiteral("fe80::2")));
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
