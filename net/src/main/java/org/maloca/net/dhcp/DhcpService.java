package org.maloca.net.dhcp;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.maloca.net.service.Datagram;
import org.maloca.net.service.DatagramSender;
import org.maloca.net.service.UdpService;

/** A {@link DhcpServer} on the gateway's UDP port {@link DhcpServer#SERVER_PORT}. */
public final class DhcpService implements UdpService {
  private final DhcpServer server;
  private final InetAddress serverAddress;

  public DhcpService(DhcpServer server, DhcpConfig config) {
    this.server = server;
    serverAddress = address(config.serverAddress());
  }

  @Override
  public void receive(Datagram datagram, DatagramSender sender) {
    DhcpReply reply = server.receive(datagram.payload(), datagram.switchPort());
    if (reply != null) {
      sender.send(
          new Datagram(
              datagram.switchPort(),
              reply.destinationMac(),
              serverAddress,
              DhcpServer.SERVER_PORT,
              address(reply.destinationAddress()),
              DhcpServer.CLIENT_PORT,
              ByteBuffer.wrap(reply.message())));
    }
  }

  private static InetAddress address(int number) {
    try {
      return InetAddress.getByAddress(ByteBuffer.allocate(4).putInt(number).array());
    } catch (UnknownHostException wrongLength) {
      throw new IllegalStateException(wrongLength);
    }
  }
}
