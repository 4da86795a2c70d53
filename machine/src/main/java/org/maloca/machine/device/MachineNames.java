package org.maloca.machine.device;

import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.maloca.net.dns.LocalNames;
import org.maloca.net.dns.NameSyntax;
import org.maloca.net.ethernet.GuestAddressListener;

/**
 * Who is known by which name on a network. Machines that Maloca runs have the names that it was
 * given for them. Those that joined by a socket have the names that they give themselves by DHCP,
 * as long as nobody else has them. Thread-safe.
 */
final class MachineNames implements GuestAddressListener {
  /** IPv6 addresses by which a machine is known; of more, as privacy makes them, the last ones. */
  static final int NAMED_ADDRESSES = 8;

  /** Who has one of these is trusted by others without being asked. */
  private static final Set<String> RESERVED =
      Set.of("gateway", LocalNames.DOMAIN, "localhost", "wpad", "isatap");

  /** Who is behind a port of the switch. */
  private static final class Member {
    /** Empty for those who joined by a socket. */
    final String name;

    /** What they call themselves, by their hardware addresses. */
    final Map<Long, String> ownNames = new HashMap<>();

    /** Of IPv6, the oldest first. */
    final Deque<InetAddress> addresses = new ArrayDeque<>();

    Member(String name) {
      this.name = name;
    }

    /** The name that all its addresses have; empty if there is none, or more than one. */
    String onlyName() {
      boolean isOne = name.isEmpty() && ownNames.size() == 1;
      return isOne ? ownNames.values().iterator().next() : name;
    }
  }

  private final LocalNames names;
  private final byte[] gateway6;
  private final Map<Integer, Member> members = new HashMap<>();
  private final Map<Long, String> givenNames = new HashMap<>();

  /** Names nobody yet. */
  MachineNames(LocalNames names, InetAddress gateway6) {
    this.names = names;
    this.gateway6 = gateway6.getAddress();
  }

  /** A machine is known by a name that it was given. */
  synchronized void admit(int port, long mac, String name) {
    members.put(port, new Member(name));
    givenNames.put(mac, name);
  }

  /** Others may be behind a port. */
  synchronized void admitPeer(int port) {
    members.put(port, new Member(""));
  }

  /** All behind a port have gone. */
  synchronized void left(int port, long mac) {
    Member member = members.remove(port);
    if (member != null) {
      member.addresses.forEach(names::remove);
      givenNames.remove(mac);
    }
  }

  /** An IPv4 address was given to somebody, who may have said a name. */
  synchronized void leased(long mac, InetAddress address, int port, String hostName) {
    String given = givenNames.get(mac);
    if (given != null) {
      names.add(given, address);
      return;
    }
    Member member = members.get(port);
    String label = NameSyntax.canonical(hostName);
    boolean isName = NameSyntax.isValid(label) && !label.contains(".");
    if (member == null || !member.name.isEmpty() || !isName || isOthers(label, member, mac)) {
      return;
    }
    member.ownNames.put(mac, label);
    names.add(label, address);
    if (member.ownNames.size() == 1) {
      member.addresses.forEach(each -> names.add(label, each));
    }
  }

  private boolean isOthers(String label, Member member, long mac) {
    return RESERVED.contains(label)
        || givenNames.values().stream().anyMatch(label::equalsIgnoreCase)
        || members.values().stream()
            .flatMap(other ->
                other.ownNames.entrySet().stream()
                    .filter(entry -> other != member || entry.getKey() != mac))
            .anyMatch(entry -> entry.getValue().equals(label));
  }

  /** Somebody has an IPv4 address no more. */
  synchronized void gaveBack(long mac, InetAddress address) {
    names.remove(address);
    members.values().forEach(member -> member.ownNames.remove(mac));
  }

  @Override
  public synchronized void claimed(int port, InetAddress address) {
    Member member = members.get(port);
    boolean isOfNetwork = Arrays.equals(gateway6, 0, 8, address.getAddress(), 0, 8);
    if (member == null || !isOfNetwork) {
      return;
    }
    member.addresses.add(address);
    if (!member.onlyName().isEmpty()) {
      names.add(member.onlyName(), address);
    }
    if (member.addresses.size() > NAMED_ADDRESSES) {
      names.remove(member.addresses.remove());
    }
  }

  @Override
  public synchronized void released(int port, InetAddress address) {
    Member member = members.get(port);
    if (member != null && member.addresses.remove(address)) {
      names.remove(address);
    }
  }
}
