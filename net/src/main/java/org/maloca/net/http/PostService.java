package org.maloca.net.http;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.maloca.net.service.StreamService;

/**
 * A server for HTTP/1.1 (RFC 9110, RFC 9112) that takes what guests post to paths at which somebody
 * waits, and has nothing else. One request a connection. Thread-safe.
 */
public final class PostService implements StreamService {
  public static final int PORT = 80;

  private final Map<String, Consumer<byte[]>> receivers = new ConcurrentHashMap<>();

  /**
   * Waits at a path from now on.
   *
   * @param path with its first slash; who is not to be heard there must not be able to guess it
   * @param receiver takes each body, of no more than 16 KiB, and is quick: it is called with the
   *     network's lock held
   */
  public void receive(String path, Consumer<byte[]> receiver) {
    receivers.put(path, receiver);
  }

  /** Waits there no longer. */
  public void forget(String path) {
    receivers.remove(path);
  }

  @Nullable Consumer<byte[]> at(String path) {
    return receivers.get(path);
  }

  @Override
  public Session open(int switchPort, InetSocketAddress client, Answers answers) {
    PostRequest request = new PostRequest(this, answers);
    return bytes -> {
      request.take(bytes);
      return true;
    };
  }
}
