package org.maloca.cli.guest;

import java.net.URI;
import java.net.URISyntaxException;

/** Web addresses of the host's settings, as a guest may be told them. */
final class HostAddress {
  private HostAddress() {}

  /** The address without its user, or nothing where a guest cannot reach it. */
  static String forGuest(String address) {
    try {
      URI uri = new URI(address);
      String host = uri.getHost();
      boolean isWeb = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (!isWeb || host == null || host.equals("localhost") || host.startsWith("127.")) {
        return "";
      }
      return new URI(uri.getScheme(), null, host, uri.getPort(), uri.getPath(), null, null)
          .toString();
    } catch (URISyntaxException odd) {
      return "";
    }
  }
}
