package org.maloca.net.udp;

import java.io.IOException;
import org.maloca.core.backend.NetFrame;
import org.maloca.net.linux.AddressedSocket;

/** A client of a forward that is at all addresses of the host, of which it knows one. */
public record AddressedClient(AddressedSocket host, AddressedSocket.Client client)
    implements ForwardClient {
  @Override
  public void send(NetFrame frame, int from, int end) throws IOException {
    host.send(client, frame.hostAddress() + from, end - from);
  }
}
