package org.maloca.net.dhcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.maloca.core.time.ManualClock;
import org.maloca.net.service.Datagram;

final class DhcpServiceTest {
  @Test
  void answersFromTheServersAddressToTheAddressThatItGives() {
    DhcpConfig config =
        new DhcpConfig(0x0a000202, 24, 0, 0x0a00020f, 0x0a000214, List.of(), "", 1500, 600);
    DhcpServer server = new DhcpServer(config, new ManualClock(), LeaseListener.NONE);
    List<Datagram> sent = new ArrayList<>();
    DhcpClient client = new DhcpClient(0x525400000009L);

    new DhcpService(server, config)
        .receive(
            new Datagram(
                3,
                client.mac,
                InetAddress.ofLiteral("0.0.0.0"),
                68,
                InetAddress.ofLiteral("255.255.255.255"),
                67,
                client.message(1, 0)),
            sent::add);

    Datagram offer = sent.getFirst();
    assertEquals(3, offer.switchPort());
    assertEquals(client.mac, offer.mac());
    assertEquals("10.0.2.2", offer.source().getHostAddress());
    assertEquals(67, offer.sourcePort());
    assertEquals("10.0.2.15", offer.destination().getHostAddress());
    assertEquals(68, offer.destinationPort());
  }
}
