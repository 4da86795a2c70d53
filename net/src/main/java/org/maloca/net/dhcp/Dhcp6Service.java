package org.maloca.net.dhcp;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.maloca.net.service.Datagram;
import org.maloca.net.service.DatagramSender;
import org.maloca.net.service.UdpService;

/** A {@link Dhcp6Server} on the gateway's UDP port {@link Dhcp6Server#SERVER_PORT}. */
public final class Dhcp6Service implements UdpService {
  private final Dhcp6Server server;
  private final InetAddress linkLocalAddress;

  /**
   * @param linkLocalAddress of the gateway, from which answers come
   */
  public Dhcp6Service(Dhcp6Server server, InetAddress linkLocalAddress) {
    this.server = server;
    this.linkLocalAddress = linkLocalAddress;
  }

  @Override
  public void receive(Datagram datagram, DatagramSender sender) {
    byte[] reply = server.receive(datagram.payload(), datagram.switchPort());
    if (reply != null) {
      sender.send(
          new Datagram(
              datagram.switchPort(),
              datagram.mac(),
              linkLocalAddress,
              Dhcp6Server.SERVER_PORT,
              datagram.source(),
              datagram.sourcePort(),
              ByteBuffer.wrap(reply)));
    }
  }
}
