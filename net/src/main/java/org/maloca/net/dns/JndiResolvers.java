package org.maloca.net.dns;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.naming.Context;
import javax.naming.NamingException;
import javax.naming.directory.InitialDirContext;

/**
 * The resolvers of a host without {@code resolv.conf}, as the JDK's DNS provider finds them out: on
 * Windows from the network adapters. Asked again now and then, since it costs a moment.
 * Thread-safe.
 */
final class JndiResolvers implements HostResolvers {
  private static final long KEEP_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final int PORT = 53;

  private List<InetSocketAddress> servers = List.of();
  private boolean wasAsked;
  private long askedAtNanos;

  @Override
  public synchronized List<InetSocketAddress> servers() {
    long now = System.nanoTime();
    if (!wasAsked || now - askedAtNanos > KEEP_NANOS) {
      servers = ask();
      wasAsked = true;
      askedAtNanos = now;
    }
    return servers;
  }

  // The naming interface wants just this kind of table.
  @SuppressWarnings("JdkObsolete")
  private static List<InetSocketAddress> ask() {
    Hashtable<String, String> environment = new Hashtable<>();
    environment.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.dns.DnsContextFactory");
    try {
      InitialDirContext context = new InitialDirContext(environment);
      try {
        Object urls = context.getEnvironment().get(Context.PROVIDER_URL);
        return urls == null ? List.of() : parse(urls.toString());
      } finally {
        context.close();
      }
    } catch (NamingException none) {
      return List.of();
    }
  }

  /** Reads a list such as {@code dns://192.0.2.1 dns://[2001:db8::1]:53}. */
  static List<InetSocketAddress> parse(String urls) {
    List<InetSocketAddress> servers = new ArrayList<>();
    for (String url : urls.split("\\s+")) {
      String host = url.startsWith("dns://") ? url.substring("dns://".length()) : "";
      int port = PORT;
      int colon = host.lastIndexOf(':');
      if (colon > 0 && (host.indexOf(':') == colon || host.charAt(colon - 1) == ']')) {
        port = number(host.substring(colon + 1));
        host = host.substring(0, colon);
      }
      InetAddress address = ResolvConf.literal(host.replace("[", "").replace("]", ""));
      if (address != null && port > 0 && port < 65536) {
        servers.add(new InetSocketAddress(address, port));
      }
    }
    return List.copyOf(servers);
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException notNumber) {
      return -1;
    }
  }
}
