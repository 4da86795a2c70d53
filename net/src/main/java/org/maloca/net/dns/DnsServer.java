package org.maloca.net.dns;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The name server of a network. It answers for the network's machines itself and forwards the rest.
 *
 * <p>Thread-safe. What is forwarded waits on a thread of its own; of such questions no port of the
 * switch has more than {@link #MAX_PER_PORT} and the network more than {@link #MAX_PENDING},
 * further ones are dropped, and a question asked again while it is on its way is not forwarded
 * twice.
 */
public final class DnsServer {
  /** Of both UDP and TCP. */
  public static final int PORT = 53;

  static final int MAX_PER_PORT = 64;
  static final int MAX_PENDING = 256;

  /** Where a question came from, so that its repetition is known. */
  private record Origin(int port, Object client, int id, String name, int type) {}

  private final LocalNames names;
  private final DnsUpstream upstream;
  private final ResolutionListener listener;
  private final BiPredicate<Integer, String> isNameAllowed;
  private final Executor executor;
  private final Set<Origin> pending = new HashSet<>();
  private final Map<Integer, Integer> pendingByPort = new HashMap<>();

  /**
   * Makes a server.
   *
   * @param isNameAllowed whether a name may be asked for beyond the network, by a port of the
   *     switch; others are refused
   * @param executor runs what blocks for seconds: a virtual thread a task
   */
  public DnsServer(
      LocalNames names,
      DnsUpstream upstream,
      ResolutionListener listener,
      BiPredicate<Integer, String> isNameAllowed,
      Executor executor) {
    this.names = names;
    this.upstream = upstream;
    this.listener = listener;
    this.isNameAllowed = isNameAllowed;
    this.executor = executor;
  }

  /** Forwards to the host's resolvers, or else to its own way of looking names up. */
  public static DnsUpstream upstreamOfHost() {
    HostResolvers resolvers = HostResolvers.ofThisHost();
    DnsUpstream sockets = new SocketUpstream(resolvers);
    DnsUpstream system = new SystemUpstream();
    return (query, isStream) ->
        (resolvers.servers().isEmpty() ? system : sockets).ask(query, isStream);
  }

  /**
   * Takes a question.
   *
   * @param message its bytes; kept
   * @param port of the switch, by which it came
   * @param client equal for what comes from the same address and port
   * @param isStream whether it came by TCP, so that an answer may have any size
   * @param reply takes the answer, at once or on another thread; not called if there is none
   * @return whether there is one, or will be
   */
  public boolean receive(
      byte[] message, int port, Object client, boolean isStream, Consumer<byte[]> reply) {
    DnsQuery query = DnsQuery.parse(message);
    if (query == null) {
      return false;
    }
    byte[] own = answer(query, port);
    if (own != null) {
      reply.accept(fit(own, query, isStream));
      return true;
    }
    Origin origin = new Origin(port, client, query.id(), query.name(), query.type());
    if (!admit(origin)) {
      return false;
    }
    try {
      executor.execute(() -> forward(query, origin, isStream, reply));
      return true;
    } catch (java.util.concurrent.RejectedExecutionException closing) {
      finish(origin);
      return false;
    }
  }

  /** What we say ourselves; null if others are to be asked. */
  private byte @Nullable [] answer(DnsQuery query, int port) {
    if (query.error() != DnsCode.NO_ERROR) {
      return DnsReplyBuilder.empty(query, query.error());
    }
    List<InetAddress> local = names.lookUp(query.name());
    if (local != null) {
      return names.isKnown(query.name())
          ? DnsReplyBuilder.addresses(query, local)
          : DnsReplyBuilder.empty(query, DnsCode.NAME_ERROR);
    }
    String reverse = names.reverse(query.name());
    if (reverse != null) {
      return query.type() == DnsCode.TYPE_PTR
          ? DnsReplyBuilder.pointer(query, reverse)
          : DnsReplyBuilder.empty(query, DnsCode.NO_ERROR);
    }
    return isNameAllowed.test(port, query.name())
        ? null
        : DnsReplyBuilder.empty(query, DnsCode.REFUSED);
  }

  private void forward(DnsQuery query, Origin origin, boolean isStream, Consumer<byte[]> reply) {
    byte[] answer;
    try {
      answer = upstream.ask(query.message(), isStream);
    } finally {
      finish(origin);
    }
    if (answer == null) {
      reply.accept(DnsReplyBuilder.empty(query, DnsCode.SERVER_FAILURE));
      return;
    }
    // First, so that no connection comes before the rules know the address.
    DnsAnswer.report(answer, query, origin.port(), listener);
    reply.accept(fit(answer, query, isStream));
  }

  private static byte[] fit(byte[] answer, DnsQuery query, boolean isStream) {
    return isStream || answer.length <= query.udpBytes()
        ? answer
        : DnsReplyBuilder.truncated(query, DnsAnswer.rcode(answer));
  }

  private synchronized boolean admit(Origin origin) {
    int ofPort = pendingByPort.getOrDefault(origin.port(), 0);
    if (ofPort >= MAX_PER_PORT || pending.size() >= MAX_PENDING || !pending.add(origin)) {
      return false;
    }
    pendingByPort.put(origin.port(), ofPort + 1);
    return true;
  }

  private synchronized void finish(Origin origin) {
    pending.remove(origin);
    pendingByPort.computeIfPresent(
        origin.port(), (port, count) -> count == 1 ? null : Integer.valueOf(count - 1));
  }
}
