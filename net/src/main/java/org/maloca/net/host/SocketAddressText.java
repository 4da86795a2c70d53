package org.maloca.net.host;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.InvalidPathException;

/**
 * Addresses of sockets as people write them: {@code ADDRESS:PORT}, an IPv6 address in brackets, or
 * {@code unix:PATH}. Names are not looked up.
 */
public final class SocketAddressText {
  private static final String UNIX = "unix:";

  private SocketAddressText() {}

  /**
   * Reads an address.
   *
   * @throws IllegalArgumentException with a message for people
   */
  public static SocketAddress parse(String text) {
    if (text.startsWith(UNIX)) {
      try {
        return UnixDomainSocketAddress.of(text.substring(UNIX.length()));
      } catch (InvalidPathException wrong) {
        throw new IllegalArgumentException("'" + text + "' is no path", wrong);
      }
    }
    int colon = text.lastIndexOf(':');
    String word = text.substring(colon + 1);
    boolean isNumber =
        !word.isEmpty() && word.length() < 6 && word.chars().allMatch(c -> c >= '0' && c <= '9');
    int port = isNumber ? Integer.parseInt(word) : -1;
    if (colon < 0 || port < 0 || port > 65535) {
      throw new IllegalArgumentException("'" + text + "' is neither ADDRESS:PORT nor unix:PATH");
    }
    String host = text.substring(0, colon);
    boolean isBracketed = host.startsWith("[") && host.endsWith("]") && host.length() > 2;
    String literal = isBracketed ? host.substring(1, host.length() - 1) : host;
    if (literal.contains(":") != isBracketed) {
      throw new IllegalArgumentException("'" + text + "': an IPv6 address goes in brackets");
    }
    String address = literal.equals("localhost") ? "127.0.0.1" : literal;
    return new InetSocketAddress(IpLiteral.parse(address), port);
  }
}
