package org.maloca.machine.device;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
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
import org.maloca.net.dns.LocalNames;
import org.maloca.net.egress.EgressPolicy;
import org.maloca.net.egress.ResolvedNames;

/** What the gateway of a network does for its machines: addresses, names, rules. */
final class NetworkServices implements AutoCloseable {
  private static final int MTU_BYTES = 1500;
  private static final int LEASE_SECONDS = 86_400;
  private static final int ROUTER_LIFETIME_SECONDS = 1800;
  private static final int POOL = 200;

  private final Map<Integer, ResolvedNames> resolved = new ConcurrentHashMap<>();
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * Starts them.
   *
   * @param machineName which the machine is also known by
   * @param macAddress of its card
   */
  NetworkServices(
      UserNetwork network,
      EgressPolicy policy,
      String machineName,
      long macAddress,
      VirtualClock clock) {
    NetworkConfig config = network.config();
    boolean leadsOut = config.mode() == NetworkMode.NAT;
    LocalNames names = new LocalNames();
    names.add("gateway", config.gateway4());
    dhcp(network, names, machineName, macAddress, clock, leadsOut);
    ipv6(network, clock, leadsOut);
    DnsServer dns =
        new DnsServer(
            names,
            DnsServer.upstreamOfHost(),
            (port, name, isAlias, address, ttlSeconds) ->
                namesOf(port, clock).add(name, isAlias, address, ttlSeconds),
            name -> leadsOut && policy.allowsName(name),
            executor);
    network.onUdp(DnsServer.PORT, new DnsService(dns));
    network.setEgressFilter((port, protocol, high, low, remotePort) ->
        policy.allows(protocol, high, low, remotePort, namesOf(port, clock)));
  }

  private ResolvedNames namesOf(int port, VirtualClock clock) {
    return resolved.computeIfAbsent(port, unknown -> new ResolvedNames(clock));
  }

  private static void dhcp(
      UserNetwork network,
      LocalNames names,
      String machineName,
      long macAddress,
      VirtualClock clock,
      boolean leadsOut) {
    NetworkConfig config = network.config();
    int first = bits(config.firstGuest4());
    DhcpConfig dhcp =
        new DhcpConfig(
            bits(config.gateway4()),
            config.prefixLength4(),
            leadsOut ? bits(config.gateway4()) : 0,
            first,
            first + POOL - 1,
            List.of(bits(config.dns4())),
            LocalNames.DOMAIN,
            MTU_BYTES,
            LEASE_SECONDS);
    DhcpServer server =
        new DhcpServer(
            dhcp,
            clock,
            new LeaseListener() {
              @Override
              public void leased(long hardwareAddress, int address) {
                if (hardwareAddress == macAddress) {
                  names.add(machineName, address(address));
                }
              }

              @Override
              public void released(long hardwareAddress, int address) {
                names.remove(address(address));
              }
            });
    // Known by name before it has asked.
    server.reserve(macAddress, first);
    server.name(macAddress, machineName);
    network.onUdp(DhcpServer.SERVER_PORT, new DhcpService(server, dhcp));
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
