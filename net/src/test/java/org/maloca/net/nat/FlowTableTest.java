package org.maloca.net.nat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.maloca.net.NetworkConfig;
import org.maloca.net.NetworkMode;
import org.maloca.net.UserNetwork;
import org.maloca.net.ethernet.SwitchPort;

class FlowTableTest {
  private static final class Plain extends Flow {
    boolean isEvicted;

    Plain(SwitchPort port, int guestPort) {
      super(port, true, 0, 0, 1, guestPort, 0, 2, 80);
    }

    @Override
    protected void expired(long nowNanos) {}

    @Override
    public void evict() {
      isEvicted = true;
    }
  }

  private UserNetwork network;
  private SwitchPort first;
  private SwitchPort second;

  @BeforeEach
  void addPorts() throws IOException {
    network = new UserNetwork("t", NetworkConfig.defaults(NetworkMode.NONE));
    first = network.addPort();
    second = network.addPort();
  }

  @AfterEach
  void close() {
    network.close();
  }

  private Plain find(FlowTable<Plain> table, SwitchPort port, int guestPort) {
    return table.find(port.number(), 0, 1, guestPort, 0, 2, 80);
  }

  @Test
  void findsAThousandFlowsAndForgetsThem() {
    FlowTable<Plain> table = new FlowTable<>(Plain.class, 2000, 2000);
    for (int i = 1; i <= 1000; i++) {
      table.add(new Plain(first, i));
    }
    for (int i = 1; i <= 1000; i++) {
      Plain flow = find(table, first, i);
      assertEquals(i, flow.guestPort());
      assertNull(find(table, second, i));
      table.remove(flow);
      assertNull(find(table, first, i));
    }
    assertEquals(0, table.size());
  }

  @Test
  void whoFloodsPushesOutItsOwnOldestIdleFlow() {
    FlowTable<Plain> table = new FlowTable<>(Plain.class, 100, 12);
    Plain others = new Plain(second, 1);
    table.add(others);
    for (int i = 1; i <= 11; i++) {
      table.add(new Plain(first, i));
    }
    table.touch(find(table, first, 1));
    table.add(new Plain(second, 2));

    assertEquals(12, table.size());
    assertNotNull(find(table, second, 1));
    assertNotNull(find(table, first, 1));
    assertNull(find(table, first, 2));
  }
}
