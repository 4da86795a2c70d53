package org.maloca.net.stream;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.maloca.core.backend.NetBackend;
import org.maloca.core.backend.NetFrame;
import org.maloca.core.defect.DefectLog;

/**
 * Lets others onto a network by stream sockets, in the format of {@link StreamBackend}: each that
 * connects gets a port of its own, as long as it stays. Thread-safe.
 */
public final class StreamHub implements AutoCloseable {
  /** Of more than so many at once, the later ones are turned away. */
  static final int MAX_PEERS = 64;

  private static final long UNUSED_RETRY_MILLIS = 1;

  /** A host that cannot accept a connection, for want of descriptors, can do so no sooner. */
  private static final long PAUSE_NANOS = 100_000_000L;

  private final DefectLog defects = new DefectLog(System.getLogger(StreamHub.class.getName()));
  private final StreamEndpoint endpoint;
  private final Supplier<? extends NetBackend> ports;
  private final String name;
  private final Set<Peer> peers = ConcurrentHashMap.newKeySet();
  private volatile boolean isClosed;

  /**
   * Starts to let them in.
   *
   * @param endpoint that listens; closed with the hub
   * @param ports makes a port of the network
   * @param name for threads
   */
  public StreamHub(StreamEndpoint endpoint, Supplier<? extends NetBackend> ports, String name) {
    this.endpoint = endpoint;
    this.ports = ports;
    this.name = name;
    Thread.ofVirtual().name(name + "-hub").start(this::accept);
  }

  private void accept() {
    while (!isClosed) {
      try {
        SocketChannel channel = endpoint.open();
        if (isClosed || peers.size() >= MAX_PEERS) {
          channel.close();
        } else {
          Peer peer = new Peer(channel);
          peers.add(peer);
          peer.start();
        }
      } catch (IOException ofOnePeer) {
        if (!endpoint.isOpen()) {
          return;
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      } catch (RuntimeException | Error defect) {
        defects.tell("a peer of the network is not let in", defect);
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  /** How many are there whose frames get through. */
  public int peers() {
    return (int) peers.stream().filter(peer -> peer.stream.isConnected()).count();
  }

  /** A socket and a port, each in the place of the other's card. */
  private final class Peer {
    private final NetBackend port = ports.get();
    private final StreamBackend stream;

    Peer(SocketChannel channel) {
      StreamEndpoint accepted = StreamEndpoint.accepted(channel, this::end);
      stream = new StreamBackend(accepted, name, UNUSED_RETRY_MILLIS);
    }

    void start() {
      port.connect(
          new Plug(stream, NetBackend.CHECKSUM | NetBackend.TCP_IPV4 | NetBackend.TCP_IPV6));
      stream.connect(new Plug(port, 0));
    }

    void end() {
      if (peers.remove(this)) {
        stream.close();
        port.close();
      }
    }
  }

  /** A card whose guest is another cable, which never makes anybody wait. */
  private record Plug(NetBackend other, int features) implements NetBackend.Port {
    @Override
    public boolean receive(NetFrame frame) {
      other.transmit(frame);
      return true;
    }

    /** None: the addresses of those behind it are learned. */
    @Override
    public byte[] macAddress() {
      return new byte[6];
    }
  }

  /** Turns all away and listens no more. */
  @Override
  public void close() {
    isClosed = true;
    try {
      endpoint.close();
    } catch (IOException alreadyGone) {
      // Nothing that anybody could do about it.
    }
    peers.forEach(Peer::end);
  }
}
