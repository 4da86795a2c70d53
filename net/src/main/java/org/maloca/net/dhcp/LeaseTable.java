package org.maloca.net.dhcp;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who has which address of a pool. A machine keeps its address for as long as the pool has others
 * to give: leases that ran out are reused oldest first, and only when nothing else is free. No port
 * of the switch holds more than {@link #MAX_PER_PORT} addresses, so that a machine which invents
 * hardware addresses, or declines all it is offered, starves itself alone. Not thread-safe.
 */
final class LeaseTable {
  static final int MAX_PER_PORT = 16;

  /** One address and its holder. */
  static final class Lease {
    final int address;
    final int port;

    /** Whose it is; -1 when somebody else on the network was seen to use the address. */
    final long hardwareAddress;

    long expiryNanos;

    Lease(int address, long hardwareAddress, int port) {
      this.address = address;
      this.hardwareAddress = hardwareAddress;
      this.port = port;
    }
  }

  private static final long NOBODY = -1;

  private final DhcpConfig config;
  private final Map<Long, Integer> reserved = new HashMap<>();
  private final Map<Integer, Long> reservedBy = new HashMap<>();
  private final Map<Long, Lease> byHardware = new HashMap<>();
  private final Map<Integer, Lease> byAddress = new HashMap<>();

  LeaseTable(DhcpConfig config) {
    this.config = config;
  }

  /** Keeps an address, in or outside the pool, for one machine. */
  void reserve(long hardwareAddress, int address) {
    Integer former = reserved.put(hardwareAddress, address);
    if (former != null) {
      reservedBy.remove(former);
    }
    reservedBy.put(address, hardwareAddress);
    Lease other = byAddress.get(address);
    if (other != null && other.hardwareAddress != hardwareAddress) {
      remove(other);
    }
    Lease own = byHardware.get(hardwareAddress);
    if (own != null && own.address != address) {
      remove(own);
    }
  }

  /** Ends a reservation. */
  void unreserve(long hardwareAddress) {
    Integer address = reserved.remove(hardwareAddress);
    if (address != null) {
      reservedBy.remove(address);
    }
  }

  /** The leases that were given by a port. */
  List<Lease> ofPort(int port) {
    return byAddress.values().stream().filter(lease -> lease.port == port).toList();
  }

  @Nullable Lease of(long hardwareAddress) {
    return byHardware.get(hardwareAddress);
  }

  int size() {
    return byAddress.size();
  }

  /** Finds an address for a machine: the one it has, the one it wishes for, or any. */
  @Nullable Lease assign(long hardwareAddress, int wish, int port, long nowNanos) {
    Integer fixed = reserved.get(hardwareAddress);
    Lease held = held(hardwareAddress, port, nowNanos);
    if (held != null) {
      return held;
    }
    if (fixed != null) {
      Lease inTheWay = byAddress.get(fixed);
      if (inTheWay != null) {
        remove(inTheWay);
      }
      return put(new Lease(fixed, hardwareAddress, port), nowNanos);
    }
    if (!makeRoom(port, nowNanos)) {
      return null;
    }
    if (wish != 0 && isFree(wish, nowNanos)) {
      return take(wish, hardwareAddress, port, nowNanos);
    }
    int unused = firstUnused();
    if (unused != 0) {
      return put(new Lease(unused, hardwareAddress, port), nowNanos);
    }
    Lease oldest = oldest(lease -> lease.expiryNanos - nowNanos <= 0);
    return oldest == null ? null : take(oldest.address, hardwareAddress, port, nowNanos);
  }

  /** The lease that a machine has; one that ran out is now by the port at which it came back. */
  private @Nullable Lease held(long hardwareAddress, int port, long nowNanos) {
    Lease held = byHardware.get(hardwareAddress);
    if (held == null || held.port == port || held.expiryNanos - nowNanos > 0) {
      return held;
    }
    boolean hasRoom = reserved.containsKey(hardwareAddress) || makeRoom(port, nowNanos);
    return hasRoom ? put(new Lease(held.address, hardwareAddress, port), nowNanos) : held;
  }

  /** Gives the address to exactly this machine, if it is its own or free. */
  @Nullable Lease assignExactly(long hardwareAddress, int address, int port, long nowNanos) {
    Lease held = held(hardwareAddress, port, nowNanos);
    if (held != null) {
      return held.address == address ? held : null;
    }
    Integer fixed = reserved.get(hardwareAddress);
    if (fixed != null ? fixed != address : !isFree(address, nowNanos)) {
      return null;
    }
    Lease lease = assign(hardwareAddress, address, port, nowNanos);
    return lease != null && lease.address == address ? lease : null;
  }

  /** Sets an address aside that turned out to be in use. */
  void setAside(Lease lease, long untilNanos) {
    remove(lease);
    Lease aside = new Lease(lease.address, NOBODY, lease.port);
    aside.expiryNanos = untilNanos;
    byAddress.put(aside.address, aside);
  }

  private Lease take(int address, long hardwareAddress, int port, long nowNanos) {
    Lease former = byAddress.get(address);
    if (former != null) {
      remove(former);
    }
    return put(new Lease(address, hardwareAddress, port), nowNanos);
  }

  private Lease put(Lease lease, long nowNanos) {
    lease.expiryNanos = nowNanos;
    byAddress.put(lease.address, lease);
    byHardware.put(lease.hardwareAddress, lease);
    return lease;
  }

  private void remove(Lease lease) {
    byAddress.remove(lease.address);
    byHardware.remove(lease.hardwareAddress, lease);
  }

  /** Sees to it that a port has a lease to give; one that ran out goes first. */
  private boolean makeRoom(int port, long nowNanos) {
    int count = 0;
    for (Lease lease : byAddress.values()) {
      count += lease.port == port ? 1 : 0;
    }
    if (count < MAX_PER_PORT) {
      return true;
    }
    Lease oldest = oldest(lease -> lease.port == port && lease.expiryNanos - nowNanos <= 0);
    if (oldest != null) {
      remove(oldest);
    }
    return oldest != null;
  }

  private @Nullable Lease oldest(java.util.function.Predicate<Lease> which) {
    Lease oldest = null;
    for (Lease lease : byAddress.values()) {
      if (which.test(lease)
          && !reservedBy.containsKey(lease.address)
          && (oldest == null || lease.expiryNanos - oldest.expiryNanos < 0)) {
        oldest = lease;
      }
    }
    return oldest;
  }

  private boolean isFree(int address, long nowNanos) {
    Lease lease = byAddress.get(address);
    return config.isInPool(address)
        && !reservedBy.containsKey(address)
        && (lease == null || lease.expiryNanos - nowNanos <= 0);
  }

  private int firstUnused() {
    int size = config.lastAddress() - config.firstAddress() + 1;
    for (int i = 0; i < size; i++) {
      int address = config.firstAddress() + i;
      if (!byAddress.containsKey(address)
          && !reservedBy.containsKey(address)
          && config.isInPool(address)) {
        return address;
      }
    }
    return 0;
  }
}
