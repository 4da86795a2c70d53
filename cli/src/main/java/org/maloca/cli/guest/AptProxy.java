package org.maloca.cli.guest;

import java.io.IOException;
import java.util.List;

/** The proxy that the host's apt is set to use. */
final class AptProxy {
  private static final List<String> QUESTION =
      List.of("apt-config", "--format", "%v%n", "dump", "Acquire::http::Proxy");

  private AptProxy() {}

  /** Asks the host's apt; empty for none that a guest can use. */
  static String ofHost() {
    try {
      HostCommand.Result result = HostCommand.run(QUESTION, null);
      return result.status() == 0 ? HostAddress.forGuest(result.output().strip()) : "";
    } catch (IOException missing) {
      return "";
    }
  }
}
