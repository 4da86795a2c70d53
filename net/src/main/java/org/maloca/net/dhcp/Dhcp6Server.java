package org.maloca.net.dhcp;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.maloca.core.time.VirtualClock;
import org.maloca.net.dns.NameSyntax;

/**
 * A DHCPv6 server for one network (RFC 8415): addresses by association, and parameters for those
 * that make addresses of their own. Who had an address gets it again for as long as nobody else has
 * needed it. No port of the switch holds more than {@link LeaseTable#MAX_PER_PORT}. Thread-safe.
 */
public final class Dhcp6Server {
  /** The UDP ports of server and client. */
  public static final int SERVER_PORT = 547;

  public static final int CLIENT_PORT = 546;

  private static final long OFFER_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long DECLINED_NANOS = TimeUnit.MINUTES.toNanos(10);
  private static final int MAX_REPLY = 1024;

  /** Whose an address is: a client's association. */
  private record Owner(String duid, int association) {}

  private static final class Lease {
    private final int port;
    private final @Nullable Owner owner;
    private long expiryNanos;

    Lease(int port, @Nullable Owner owner, long expiryNanos) {
      this.port = port;
      this.owner = owner;
      this.expiryNanos = expiryNanos;
    }
  }

  private final Dhcp6Config config;
  private final VirtualClock clock;
  private final byte[] serverId;
  private final byte[] prefix;
  private final Map<Integer, Lease> leases = new LinkedHashMap<>();
  private final Map<Owner, Integer> indexes = new LinkedHashMap<>();

  /** Makes a server with no leases. */
  public Dhcp6Server(Dhcp6Config config, VirtualClock clock) {
    this.config = config;
    this.clock = clock;
    prefix = Arrays.copyOf(config.prefix().getAddress(), 8);
    // DUID-LL (section 11.4) of Ethernet.
    ByteBuffer duid = ByteBuffer.allocate(10).putShort((short) 3).putShort((short) 1);
    serverId =
        duid.putShort((short) (config.serverMac() >>> 32)).putInt((int) config.serverMac()).array();
  }

  /**
   * Takes a client's message.
   *
   * @param payload of the datagram
   * @param port of the switch, by which it came
   * @return the answer's payload, or null if there is none to give
   */
  public byte @Nullable [] receive(ByteBuffer payload, int port) {
    Dhcp6Message message = Dhcp6Message.parse(payload);
    if (message == null || !isForUs(message)) {
      return null;
    }
    boolean isOffer = message.type() == Dhcp6Message.SOLICIT && !message.isRapid();
    ByteBuffer reply = ByteBuffer.allocate(MAX_REPLY);
    int type = isOffer ? Dhcp6Message.ADVERTISE : Dhcp6Message.REPLY;
    reply.putInt(type << 24 | message.transactionId());
    option(reply, Dhcp6Message.OPTION_SERVERID, serverId);
    byte[] clientId = message.clientId();
    if (clientId != null) {
      option(reply, Dhcp6Message.OPTION_CLIENTID, clientId);
    }
    synchronized (this) {
      switch (message.type()) {
        case Dhcp6Message.SOLICIT -> {
          if (message.isRapid()) {
            option(reply, Dhcp6Message.OPTION_RAPID_COMMIT);
          }
          assign(message, port, reply, isOffer);
        }
        case Dhcp6Message.REQUEST, Dhcp6Message.RENEW, Dhcp6Message.REBIND ->
            assign(message, port, reply, false);
        case Dhcp6Message.CONFIRM -> confirm(message, reply);
        case Dhcp6Message.RELEASE -> giveBack(message, port, reply, false);
        case Dhcp6Message.DECLINE -> giveBack(message, port, reply, true);
        default -> {}
      }
    }
    parameters(reply);
    return Arrays.copyOf(reply.array(), reply.position());
  }

  /** All who were behind a port have gone: their addresses are others' if these need them. */
  public synchronized void left(int port) {
    long now = clock.nanos();
    for (Lease lease : leases.values()) {
      if (lease.port == port) {
        lease.expiryNanos = Math.min(lease.expiryNanos, now);
      }
    }
  }

  /** Which messages must name their client and server, and which must not (section 16). */
  private boolean isForUs(Dhcp6Message message) {
    byte[] meant = message.serverId();
    boolean isOurs = meant != null && Arrays.equals(meant, serverId);
    boolean hasClient = message.clientId() != null;
    return switch (message.type()) {
      case Dhcp6Message.SOLICIT, Dhcp6Message.CONFIRM, Dhcp6Message.REBIND ->
          hasClient && meant == null;
      case Dhcp6Message.REQUEST, Dhcp6Message.RENEW, Dhcp6Message.RELEASE, Dhcp6Message.DECLINE ->
          hasClient && isOurs;
      case Dhcp6Message.INFORMATION_REQUEST -> meant == null || isOurs;
      default -> false;
    };
  }

  private void assign(Dhcp6Message message, int port, ByteBuffer reply, boolean isOffer) {
    long now = clock.nanos();
    for (int i = 0; i < message.associations().length; i++) {
      Owner owner = owner(message, i);
      int index = assign(owner, index(message.addresses()[i]), port, now);
      ByteBuffer association = ByteBuffer.allocate(64).putInt(owner.association());
      if (index < 0) {
        association.putLong(0);
        status(association, Dhcp6Message.NO_ADDRS_AVAIL);
      } else {
        Lease lease = leases.get(index);
        long until = now + (isOffer ? OFFER_NANOS : seconds(config.leaseSeconds()));
        if (lease != null && (!isOffer || lease.expiryNanos - now <= 0)) {
          lease.expiryNanos = until;
        }
        association.putInt(config.leaseSeconds() / 2);
        association.putInt((int) (config.leaseSeconds() * 4L / 5));
        association.putShort((short) Dhcp6Message.OPTION_IAADDR).putShort((short) 24);
        association.put(prefix).putLong(config.firstInterfaceId() + index);
        association.putInt(config.leaseSeconds()).putInt(config.leaseSeconds());
      }
      option(
          reply,
          Dhcp6Message.OPTION_IA_NA,
          Arrays.copyOf(association.array(), association.position()));
    }
  }

  private static long seconds(int seconds) {
    return TimeUnit.SECONDS.toNanos(seconds);
  }

  /** The number of the address in the pool, or -1 if there is none to give. */
  private int assign(Owner owner, int wish, int port, long now) {
    Integer held = indexes.get(owner);
    Lease lease = held == null ? null : leases.get(held);
    boolean isElsewhere = lease != null && lease.port != port && lease.expiryNanos - now <= 0;
    if (held != null && !isElsewhere) {
      return held;
    }
    if (!hasRoom(port, now)) {
      return held == null ? -1 : held;
    }
    if (held != null) {
      // It has come back by another port.
      leases.put(held, new Lease(port, owner, now));
      return held;
    }
    int index = wish >= 0 && isFree(wish, now) ? wish : firstFree(now);
    if (index >= 0) {
      remove(index);
      leases.put(index, new Lease(port, owner, now));
      indexes.put(owner, index);
    }
    return index;
  }

  private boolean hasRoom(int port, long now) {
    int count = 0;
    int ended = -1;
    for (Map.Entry<Integer, Lease> entry : leases.entrySet()) {
      if (entry.getValue().port == port) {
        count++;
        ended = ended < 0 && entry.getValue().expiryNanos - now <= 0 ? entry.getKey() : ended;
      }
    }
    if (count >= LeaseTable.MAX_PER_PORT && ended >= 0) {
      remove(ended);
      count--;
    }
    return count < LeaseTable.MAX_PER_PORT;
  }

  private int firstFree(long now) {
    for (int index = 0; index < config.poolSize(); index++) {
      if (!leases.containsKey(index)) {
        return index;
      }
    }
    for (int index = 0; index < config.poolSize(); index++) {
      if (isFree(index, now)) {
        return index;
      }
    }
    return -1;
  }

  private boolean isFree(int index, long now) {
    Lease lease = leases.get(index);
    return lease == null || lease.expiryNanos - now <= 0;
  }

  private void remove(int index) {
    Lease former = leases.remove(index);
    if (former != null && former.owner != null) {
      indexes.remove(former.owner);
    }
  }

  /** Says whether all the addresses are of this network (section 18.3.3). */
  private void confirm(Dhcp6Message message, ByteBuffer reply) {
    boolean isOnLink = true;
    for (byte[] address : message.addresses()) {
      isOnLink &= address.length == 0 || Arrays.equals(Arrays.copyOf(address, 8), prefix);
    }
    status(reply, isOnLink ? 0 : Dhcp6Message.NOT_ON_LINK);
  }

  private void giveBack(Dhcp6Message message, int port, ByteBuffer reply, boolean isDeclined) {
    long now = clock.nanos();
    for (int i = 0; i < message.associations().length; i++) {
      Owner owner = owner(message, i);
      Integer index = indexes.get(owner);
      Lease lease = index == null ? null : leases.get(index);
      if (index == null
          || lease == null
          || lease.port != port
          || index != index(message.addresses()[i])) {
        ByteBuffer unknown = ByteBuffer.allocate(64).putInt(owner.association()).putLong(0);
        status(unknown, Dhcp6Message.NO_BINDING);
        option(
            reply, Dhcp6Message.OPTION_IA_NA, Arrays.copyOf(unknown.array(), unknown.position()));
      } else if (isDeclined) {
        remove(index);
        leases.put(index, new Lease(port, null, now + DECLINED_NANOS));
      } else {
        lease.expiryNanos = now;
      }
    }
    status(reply, 0);
  }

  private static Owner owner(Dhcp6Message message, int association) {
    byte[] duid = message.clientId();
    return new Owner(
        duid == null ? "" : HexFormat.of().formatHex(duid), message.associations()[association]);
  }

  /** The number of an address in the pool, or -1. */
  private int index(byte[] address) {
    if (address.length != 16 || !Arrays.equals(Arrays.copyOf(address, 8), prefix)) {
      return -1;
    }
    long index = ByteBuffer.wrap(address).getLong(8) - config.firstInterfaceId();
    return index >= 0 && index < config.poolSize() ? (int) index : -1;
  }

  private void parameters(ByteBuffer reply) {
    if (!config.dnsServers().isEmpty()) {
      ByteBuffer servers = ByteBuffer.allocate(16 * config.dnsServers().size());
      config.dnsServers().forEach(server -> servers.put(server.getAddress()));
      option(reply, Dhcp6Message.OPTION_DNS_SERVERS, servers.array());
    }
    if (!config.domain().isEmpty()) {
      option(reply, Dhcp6Message.OPTION_DOMAIN_LIST, NameSyntax.encode(config.domain()));
    }
  }

  private static void status(ByteBuffer reply, int code) {
    option(reply, Dhcp6Message.OPTION_STATUS_CODE, (byte) 0, (byte) code);
  }

  private static void option(ByteBuffer reply, int code, byte... value) {
    reply.putShort((short) code).putShort((short) value.length).put(value);
  }
}
