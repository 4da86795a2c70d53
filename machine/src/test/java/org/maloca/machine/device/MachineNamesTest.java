package org.maloca.machine.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.maloca.net.dns.LocalNames;

class MachineNamesTest {
  private static final InetAddress GATEWAY6 = InetAddress.ofLiteral("fd00::2");
  private static final InetAddress FIRST = InetAddress.ofLiteral("10.0.2.15");
  private static final InetAddress SECOND = InetAddress.ofLiteral("10.0.2.16");
  private static final InetAddress FIRST6 = InetAddress.ofLiteral("fd00::15");
  private static final InetAddress SECOND6 = InetAddress.ofLiteral("fd00::16");

  private final LocalNames names = new LocalNames();
  private final MachineNames machines = new MachineNames(names, GATEWAY6);

  private List<InetAddress> of(String name) {
    List<InetAddress> known = names.lookUp(name);
    return known == null ? List.of() : known;
  }

  @Test
  void aMachineHasTheNameThatItWasGivenWhateverItSays() {
    machines.admit(1, 0x15, "anna");
    machines.leased(0x15, FIRST, 1, "bert");
    machines.claimed(1, FIRST6);

    assertEquals(List.of(FIRST, FIRST6), of("anna"));
    assertEquals(List.of(), of("bert"));
  }

  @Test
  void whoJoinedBySocketHasTheNameThatItSays() {
    machines.admitPeer(2);
    // Its address of IPv6 is known before it asks for one of IPv4.
    machines.claimed(2, FIRST6);
    machines.leased(0x15, FIRST, 2, "Carl");
    machines.claimed(2, SECOND6);

    assertEquals(Set.of(FIRST6, SECOND6, FIRST), Set.copyOf(of("carl")));
  }

  @Test
  void nobodyCanSayTheNameOfAnotherOrOfTheGateway() {
    names.add("gateway", InetAddress.ofLiteral("10.0.2.2"));
    machines.admit(1, 0x15, "Anna");
    machines.admitPeer(2);
    machines.admitPeer(3);
    machines.leased(0x16, FIRST, 2, "carl");
    for (String taken : List.of("anna", "ANNA", "carl", "gateway", "wpad", "", "a.b", "-", "\0")) {
      machines.leased(0x17, SECOND, 3, taken);
    }

    assertEquals(List.of(), of("anna"));
    assertEquals(List.of(FIRST), of("carl"));
    assertEquals(1, of("gateway").size());
    assertEquals(List.of(), of("wpad"));

    machines.leased(0x17, SECOND, 3, "dora");
    assertEquals(List.of(SECOND), of("dora"));
  }

  @Test
  void aNameIsFreeOnceWhoSaidItHasLeft() {
    machines.admitPeer(2);
    machines.admitPeer(3);
    machines.claimed(2, FIRST6);
    machines.leased(0x15, FIRST, 2, "carl");

    machines.left(2, -1);
    // As the DHCP server says then.
    machines.gaveBack(0x15, FIRST);
    assertEquals(List.of(), of("carl"));
    machines.leased(0x16, SECOND, 3, "carl");

    assertEquals(List.of(SECOND), of("carl"));
  }

  @Test
  void ofManyAddressesTheLastAreKnown() {
    machines.admit(1, 0x15, "anna");
    for (int i = 1; i <= MachineNames.NAMED_ADDRESSES + 2; i++) {
      machines.claimed(1, InetAddress.ofLiteral("fd00::%x".formatted(0x100 + i)));
    }
    machines.claimed(1, InetAddress.ofLiteral("fe80::1"));

    assertEquals(MachineNames.NAMED_ADDRESSES, of("anna").size());
    assertEquals(InetAddress.ofLiteral("fd00::103"), of("anna").getFirst());
  }
}
