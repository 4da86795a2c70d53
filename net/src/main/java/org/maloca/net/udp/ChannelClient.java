package org.maloca.net.udp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import org.maloca.core.backend.NetFrame;

/** A client of a forward that is at one address of the host, or by which nobody asks. */
public record ChannelClient(DatagramChannel host, InetSocketAddress address)
    implements ForwardClient {
  @Override
  public void send(NetFrame frame, int from, int end) throws IOException {
    UdpFlow.send(host, address, frame, from, end);
  }
}
