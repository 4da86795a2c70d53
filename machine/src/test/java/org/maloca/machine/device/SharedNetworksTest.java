package org.maloca.machine.device;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.maloca.core.time.ManualClock;
import org.maloca.machine.config.ConfigException;
import org.maloca.machine.config.NetCable;
import org.maloca.net.NetworkMode;
import org.maloca.net.egress.EgressPolicy;
import org.maloca.net.ethernet.SwitchPort;

class SharedNetworksTest {
  private static final EgressPolicy ALL = EgressPolicy.parse(List.of(), true);

  private final SharedNetworks networks = new SharedNetworks();
  private final ManualClock clock = new ManualClock();

  private static NetCable.UserMode cable(NetworkMode mode, String name) {
    return new NetCable.UserMode(mode, name, false, null, true, List.of());
  }

  private MachineNetwork join(NetworkMode mode, String name) throws IOException {
    return networks.join(cable(mode, name), "net0", clock);
  }

  @Test
  void cards_meet_by_name_until_the_last_has_gone() throws IOException {
    MachineNetwork first = join(NetworkMode.NAT, "lan");
    SwitchPort one = first.attach("anna", 1, ALL);
    MachineNetwork second = join(NetworkMode.NAT, "lan");
    SwitchPort two = second.attach("bert", 2, ALL);
    assertSame(first, second);
    assertNotEquals(one.number(), two.number());

    first.detach();
    assertSame(first, join(NetworkMode.NAT, "lan"));
    second.detach();

    MachineNetwork later = join(NetworkMode.NAT, "lan");
    assertNotSame(first, later);
    later.attach("carl", 3, ALL);
    later.detach();
  }

  @Test
  void a_card_with_other_wishes_is_refused() throws IOException {
    MachineNetwork first = join(NetworkMode.NAT, "lan");
    first.attach("anna", 1, ALL);

    assertThrows(ConfigException.class, () -> join(NetworkMode.ISOLATED, "lan"));

    first.detach();
  }
}
