package org.maloca.net.dns;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.maloca.net.service.Datagram;
import org.maloca.net.service.DatagramSender;
import org.maloca.net.service.UdpService;

/** A {@link DnsServer} on UDP port {@link DnsServer#PORT} of the name server's addresses. */
public final class DnsService implements UdpService {
  private final DnsServer server;

  public DnsService(DnsServer server) {
    this.server = server;
  }

  @Override
  public void receive(Datagram datagram, DatagramSender sender) {
    ByteBuffer payload = datagram.payload();
    byte[] question = new byte[payload.remaining()];
    payload.get(payload.position(), question);
    server.receive(
        question,
        datagram.switchPort(),
        new InetSocketAddress(datagram.source(), datagram.sourcePort()),
        false,
        reply -> sender.send(datagram.answer(ByteBuffer.wrap(reply))));
  }
}
