package org.maloca.net.dns;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The DNS servers that the host uses now. Safe for any thread. */
@FunctionalInterface
public interface HostResolvers {
  /** In the order in which they are asked; empty if the host does not tell. */
  List<InetSocketAddress> servers();

  /** Those of this host, however it names them. */
  static HostResolvers ofThisHost() {
    Path file = Path.of("/etc/resolv.conf");
    return Files.exists(file) ? new ResolvConf(file) : new JndiResolvers();
  }
}
