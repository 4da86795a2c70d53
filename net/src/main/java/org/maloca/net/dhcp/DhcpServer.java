package org.maloca.net.dhcp;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.maloca.core.time.VirtualClock;
import org.maloca.net.dns.NameSyntax;

/**
 * A DHCPv4 server for one network (RFC 2131). The only one there, so it also speaks up for
 * addresses that it has not given: a machine that was restored from a snapshot keeps its address if
 * that is free, and hears a refusal at once if it is not.
 *
 * <p>Thread-safe. A message costs a bounded amount of work, and of memory no more than the pool is
 * large.
 */
public final class DhcpServer {
  /** The UDP ports of server and client. */
  public static final int SERVER_PORT = 67;

  public static final int CLIENT_PORT = 68;

  /** For how long an offered address is kept for the client to ask for it. */
  private static final long OFFER_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** For how long an address is not given after a client found it in use. */
  private static final long DECLINED_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final DhcpConfig config;
  private final VirtualClock clock;
  private final LeaseListener listener;
  private final LeaseTable leases;
  private final Map<Long, String> names = new HashMap<>();

  /** Makes a server with no leases. */
  public DhcpServer(DhcpConfig config, VirtualClock clock, LeaseListener listener) {
    this.config = config;
    this.clock = clock;
    this.listener = listener;
    leases = new LeaseTable(config);
  }

  /**
   * Keeps an address for a machine; a former reservation of it ends.
   *
   * @throws IllegalArgumentException if the address is outside the network or the server's own
   */
  public synchronized void reserve(long hardwareAddress, int address) {
    if (((address ^ config.serverAddress()) & config.netmask()) != 0
        || address == config.serverAddress()
        || address == config.broadcastAddress()) {
      throw new IllegalArgumentException("the address is not a machine's of this network");
    }
    leases.reserve(hardwareAddress, address);
  }

  /** Ends a reservation; a lease goes on. */
  public synchronized void unreserve(long hardwareAddress) {
    leases.unreserve(hardwareAddress);
  }

  /**
   * All who were behind a port have gone: their addresses are others' if these are in need of them,
   * and their own again if they come back before.
   */
  public synchronized void left(int port) {
    for (LeaseTable.Lease lease : leases.ofPort(port)) {
      lease.expiryNanos = Math.min(lease.expiryNanos, clock.nanos());
      listener.released(lease.hardwareAddress, lease.address);
    }
  }

  /** Tells a machine its host name (option 12) from now on; an empty one tells none. */
  public synchronized void name(long hardwareAddress, String hostName) {
    if (hostName.isEmpty()) {
      names.remove(hardwareAddress);
    } else {
      names.put(hardwareAddress, hostName);
    }
  }

  /** The address that a machine has been given and has not lost since; 0 if there is none. */
  public synchronized int addressOf(long hardwareAddress) {
    LeaseTable.Lease lease = leases.of(hardwareAddress);
    return lease == null || isOver(lease) ? 0 : lease.address;
  }

  /**
   * Takes a client's message.
   *
   * @param message the UDP payload
   * @param port of the switch, by which it came
   * @return the answer, or null if there is none to give
   */
  public @Nullable DhcpReply receive(ByteBuffer message, int port) {
    DhcpRequest request = DhcpRequest.parse(message);
    if (request == null) {
      return null;
    }
    synchronized (this) {
      return switch (request.messageType()) {
        case DhcpOption.DISCOVER -> offer(request, port);
        case DhcpOption.REQUEST -> request(request, port);
        case DhcpOption.DECLINE -> decline(request, port);
        case DhcpOption.RELEASE -> release(request, port);
        case DhcpOption.INFORM -> inform(request);
        default -> null;
      };
    }
  }

  private @Nullable DhcpReply offer(DhcpRequest request, int port) {
    long now = clock.nanos();
    LeaseTable.Lease lease =
        leases.assign(request.hardwareAddress(), request.requestedAddress(), port, now);
    if (lease == null) {
      return null;
    }
    if (isOver(lease)) {
      lease.expiryNanos = now + OFFER_NANOS;
    }
    return reply(request, DhcpOption.OFFER, lease.address);
  }

  /** Tells the four kinds of request apart (RFC 2131, section 4.3.2). */
  private @Nullable DhcpReply request(DhcpRequest request, int port) {
    int server = request.serverIdentifier();
    if (server != 0 && server != config.serverAddress()) {
      return null;
    }
    int address =
        request.clientAddress() != 0 ? request.clientAddress() : request.requestedAddress();
    if (address == 0) {
      return null;
    }
    long now = clock.nanos();
    LeaseTable.Lease lease = leases.assignExactly(request.hardwareAddress(), address, port, now);
    if (lease == null) {
      return reply(request, DhcpOption.NAK, 0);
    }
    lease.expiryNanos = now + TimeUnit.SECONDS.toNanos(config.leaseSeconds());
    listener.leased(request.hardwareAddress(), address, port, request.hostName());
    return reply(request, DhcpOption.ACK, address);
  }

  private @Nullable DhcpReply decline(DhcpRequest request, int port) {
    LeaseTable.Lease lease = leases.of(request.hardwareAddress());
    if (lease != null && lease.port == port && lease.address == request.requestedAddress()) {
      leases.setAside(lease, clock.nanos() + DECLINED_NANOS);
      listener.released(request.hardwareAddress(), lease.address);
    }
    return null;
  }

  private @Nullable DhcpReply release(DhcpRequest request, int port) {
    LeaseTable.Lease lease = leases.of(request.hardwareAddress());
    if (lease != null && lease.port == port && lease.address == request.clientAddress()) {
      lease.expiryNanos = clock.nanos();
      listener.released(request.hardwareAddress(), lease.address);
    }
    return null;
  }

  private @Nullable DhcpReply inform(DhcpRequest request) {
    return request.clientAddress() == 0 ? null : reply(request, DhcpOption.ACK, 0);
  }

  private boolean isOver(LeaseTable.Lease lease) {
    return lease.expiryNanos - clock.nanos() <= 0;
  }

  private DhcpReply reply(DhcpRequest request, int type, int yourAddress) {
    DhcpReplyBuilder builder =
        new DhcpReplyBuilder(request, type, yourAddress, config.serverAddress());
    if (type == DhcpOption.NAK) {
      builder.text(DhcpOption.MESSAGE, "the address is not yours");
      return new DhcpReply(builder.build(), DhcpReply.BROADCAST_ADDRESS, DhcpReply.BROADCAST_MAC);
    }
    if (yourAddress != 0) {
      builder.seconds(DhcpOption.LEASE_TIME, config.leaseSeconds());
      builder.seconds(DhcpOption.RENEWAL_TIME, config.leaseSeconds() / 2);
      builder.seconds(DhcpOption.REBINDING_TIME, (int) (config.leaseSeconds() * 7L / 8));
    }
    addParameters(builder, request);
    byte[] message = builder.build();
    if (request.clientAddress() != 0) {
      return new DhcpReply(message, request.clientAddress(), request.hardwareAddress());
    }
    return request.isBroadcast()
        ? new DhcpReply(message, DhcpReply.BROADCAST_ADDRESS, DhcpReply.BROADCAST_MAC)
        : new DhcpReply(message, yourAddress, request.hardwareAddress());
  }

  /** What the network has to tell; whoever does not want it skips it. */
  private void addParameters(DhcpReplyBuilder builder, DhcpRequest request) {
    builder.address(DhcpOption.SUBNET_MASK, config.netmask());
    if (config.routerAddress() != 0) {
      builder.address(DhcpOption.ROUTER, config.routerAddress());
    }
    if (!config.dnsServers().isEmpty()) {
      ByteBuffer servers = ByteBuffer.allocate(4 * config.dnsServers().size());
      config.dnsServers().forEach(servers::putInt);
      builder.option(DhcpOption.DOMAIN_NAME_SERVER, servers.array());
    }
    builder.option(
        DhcpOption.INTERFACE_MTU, (byte) (config.mtuBytes() >> 8), (byte) config.mtuBytes());
    builder.address(DhcpOption.BROADCAST_ADDRESS, config.broadcastAddress());
    String name = names.get(request.hardwareAddress());
    if (name != null) {
      builder.text(DhcpOption.HOST_NAME, name);
    }
    if (!config.domain().isEmpty()) {
      builder.text(DhcpOption.DOMAIN_NAME, config.domain());
      if (isWanted(request, DhcpOption.DOMAIN_SEARCH)) {
        builder.option(DhcpOption.DOMAIN_SEARCH, NameSyntax.encode(config.domain()));
      }
    }
  }

  private static boolean isWanted(DhcpRequest request, int option) {
    for (byte code : request.parameters()) {
      if ((code & 0xff) == option) {
        return true;
      }
    }
    return false;
  }
}
