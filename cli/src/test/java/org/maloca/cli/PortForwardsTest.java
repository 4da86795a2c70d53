package org.maloca.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

final class PortForwardsTest {
  @Test
  void whatIsToBeRemovedIsReadWithoutWhereItLeads() {
    assertEquals("127.0.0.1:80:80/tcp", PortForwards.removed("80").getFirst().toString());
    assertEquals("[::1]:80:80/udp", PortForwards.removed("[::1]:80/udp").getFirst().toString());
    assertEquals(10, PortForwards.removed("192.0.2.1:8000-8009/tcp").size());
  }

  @Test
  void whatIsNoPortIsRefused() {
    for (String text : new String[] {"", "x", "80:", "80/sctp", "70000", "9-8"}) {
      assertThrows(IllegalArgumentException.class, () -> PortForwards.removed(text), text);
    }
  }
}
