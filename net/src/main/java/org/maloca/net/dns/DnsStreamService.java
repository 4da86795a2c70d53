package org.maloca.net.dns;

import java.net.InetSocketAddress;
import org.maloca.net.service.StreamService;

/** A {@link DnsServer} on TCP port {@link DnsServer#PORT} (RFC 7766). */
public final class DnsStreamService implements StreamService {
  private final DnsServer server;

  public DnsStreamService(DnsServer server) {
    this.server = server;
  }

  @Override
  public Session open(int switchPort, InetSocketAddress client, Answers answers) {
    DnsStream stream = new DnsStream();
    return bytes ->
        stream.receive(
            bytes,
            question ->
                server.receive(
                    question,
                    switchPort,
                    client,
                    true,
                    reply -> answers.send(DnsStream.frame(reply))));
  }
}
