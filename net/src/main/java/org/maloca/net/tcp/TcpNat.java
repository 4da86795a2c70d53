package org.maloca.net.tcp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.NetFrame;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.icmp.IcmpErrors;
import org.maloca.net.ip.IpBits;
import org.maloca.net.ip.IpPacket;
import org.maloca.net.nat.EventLoop;
import org.maloca.net.nat.Flow;
import org.maloca.net.nat.FlowOpenings;
import org.maloca.net.nat.FlowTable;
import org.maloca.net.nat.HostAddresses;
import org.maloca.net.nat.HostSockets;
import org.maloca.net.nat.Link;
import org.maloca.net.nat.PortRates;
import org.maloca.net.service.StreamService;

/**
 * All TCP connections of a network. Guarded by the network's lock.
 *
 * <p>A machine may have {@link #MAX_PER_PORT} connections, of which {@link #MAX_HALF_OPEN} may wait
 * for the host's network: further SYNs push out one that has waited for {@link #PATIENCE_NANOS}, or
 * are dropped, so that a flood of them ends here.
 */
public final class TcpNat {
  static final int MAX_PER_PORT = 24_576;
  static final int MAX_TOTAL = 65_536;
  static final int MAX_HALF_OPEN = 512;
  static final long PATIENCE_NANOS = 3_000_000_000L;

  /** Connections of a machine to services of the gateway itself. */
  static final int MAX_SERVICE_STREAMS = 64;

  /** Connections of a machine that the host's network may refuse; further SYNs are dropped. */
  static final int REFUSED_PER_SECOND = 1000;

  static final int REFUSED_AT_ONCE = 256;

  private static final int POOL_BLOCKS = 4096;

  private final EventLoop loop;
  private final HostAddresses addresses;
  private final FlowOpenings openings;
  private final HostSockets sockets;
  private final PortRates refusals = new PortRates(REFUSED_PER_SECOND, REFUSED_AT_ONCE);
  private final IcmpErrors errors;
  private final SegmentWriter writer;
  private final TcpSegment segment = new TcpSegment();
  private final BlockPool pool = new BlockPool(POOL_BLOCKS);
  private final FlowTable<TcpConnection> table =
      new FlowTable<>(TcpConnection.class, MAX_PER_PORT, MAX_TOTAL);
  private final Map<SwitchPort, ArrayDeque<TcpConnection>> waiting = new HashMap<>();
  private final Map<SwitchPort, ArrayDeque<TcpConnection>> halfOpen = new HashMap<>();
  private final SplittableRandom random = new SplittableRandom(new SecureRandom().nextLong());
  private final ServicePorts services;
  private final Map<Integer, Integer> serviceStreams = new HashMap<>();

  /** Where services of the gateway itself listen. */
  @FunctionalInterface
  public interface ServicePorts {
    /** What listens on an address's port; null if the address leads elsewhere, or to nothing. */
    @Nullable StreamService at(long high, long low, int port);
  }

  /** Makes an empty set. */
  public TcpNat(
      EventLoop loop,
      Link link,
      HostAddresses addresses,
      FlowOpenings openings,
      HostSockets sockets,
      IcmpErrors errors,
      ServicePorts services) {
    this.loop = loop;
    this.errors = errors;
    this.openings = openings;
    this.sockets = sockets;
    this.services = services;
    this.addresses = addresses;
    writer = new SegmentWriter(link);
  }

  EventLoop loop() {
    return loop;
  }

  BlockPool pool() {
    return pool;
  }

  IcmpErrors errors() {
    return errors;
  }

  SegmentWriter writer() {
    return writer;
  }

  int newSequence() {
    return random.nextInt();
  }

  void used(TcpConnection connection) {
    table.touch(connection);
  }

  void forget(TcpConnection connection) {
    table.remove(connection);
  }

  /** Open connections, with those that are being opened and those that wait at the end. */
  public int size() {
    return table.size();
  }

  /** Bytes of buffers in use. */
  public long bufferedBytes() {
    return (long) pool.used() * BlockPool.BLOCK_BYTES;
  }

  /** Shows all connections. */
  public void forEach(Consumer<? super Flow> action) {
    table.forEach(action);
  }

  /** Ends all connections of a machine; of all if {@code portNumber} is 0. */
  public void evictAll(int portNumber) {
    table.evictAll(portNumber);
    refusals.forget(portNumber);
    waiting.keySet().removeIf(port -> portNumber == 0 || port.number() == portNumber);
    halfOpen.keySet().removeIf(port -> portNumber == 0 || port.number() == portNumber);
  }

  void waitForRoom(TcpConnection connection) {
    if (!connection.isWaiting) {
      connection.isWaiting = true;
      waiting.computeIfAbsent(connection.port(), port -> new ArrayDeque<>()).add(connection);
    }
  }

  /** A guest has room again. */
  public void roomAvailable(SwitchPort port) {
    ArrayDeque<TcpConnection> queue = waiting.get(port);
    if (queue == null) {
      return;
    }
    long nowNanos = loop.nanos();
    for (int left = queue.size(); left > 0 && !port.isBlocked(); left--) {
      TcpConnection first = queue.removeFirst();
      first.isWaiting = false;
      first.roomAvailable(nowNanos);
    }
  }

  /** Takes a guest's packet, whose checksum is right. */
  public void receive(SwitchPort port, long mac, NetFrame frame, IpPacket packet) {
    if (!segment.parse(frame.bytes(), packet)) {
      return;
    }
    TcpConnection connection =
        table.find(
            port.number(),
            packet.sourceHigh(),
            packet.sourceLow(),
            segment.sourcePort,
            packet.destinationHigh(),
            packet.destinationLow(),
            segment.destinationPort);
    boolean isOpening =
        (segment.flags & (TcpSegment.SYN | TcpSegment.ACK | TcpSegment.RST | TcpSegment.FIN))
            == TcpSegment.SYN;
    if (connection != null && isOpening && connection.isInTimeWait()) {
      connection.evict();
      connection = null;
    }
    if (connection != null) {
      connection.receive(segment, frame.bytes(), mac, loop.nanos());
    } else if (isOpening) {
      open(port, mac, frame.bytes(), packet);
    } else if (!segment.has(TcpSegment.RST)) {
      writer.reset(port, mac, packet, segment);
    }
  }

  /**
   * A guest says that a packet of ours was too large for a link behind it (RFC 1191, RFC 8201).
   *
   * @param sequence of the segment that it was
   * @param mtuBytes what that link takes
   */
  public void tooBig(
      SwitchPort port,
      long guestHigh,
      long guestLow,
      int guestPort,
      long remoteHigh,
      long remoteLow,
      int remotePort,
      int sequence,
      int mtuBytes) {
    TcpConnection connection =
        table.find(
            port.number(), guestHigh, guestLow, guestPort, remoteHigh, remoteLow, remotePort);
    if (connection != null) {
      connection.tooBig(sequence, mtuBytes, loop.nanos());
    }
  }

  private void open(SwitchPort port, long mac, ByteBuffer bytes, IpPacket packet) {
    StreamService service =
        services.at(packet.destinationHigh(), packet.destinationLow(), segment.destinationPort);
    InetSocketAddress target =
        service != null
            ? null
            : addresses.target(
                port.number(),
                IpPacket.TCP,
                packet.destinationHigh(),
                packet.destinationLow(),
                segment.destinationPort);
    if (service == null && target == null) {
      boolean isTold =
          addresses.isNowhere(packet.destinationHigh(), packet.destinationLow())
              && errors.networkUnreachable(port, mac, bytes, packet);
      if (!isTold) {
        writer.reset(port, mac, packet, segment);
      }
      return;
    }
    long nowNanos = loop.nanos();
    ArrayDeque<TcpConnection> opening = halfOpen.computeIfAbsent(port, each -> new ArrayDeque<>());
    TcpConnection going = table.nextToGo(port.number());
    boolean isFull = going != null && going.port() == port;
    if (!refusals.isReady(port.number(), nowNanos)
        || !openings.admit(port.number(), isFull, nowNanos)
        || !admit(opening, nowNanos)) {
      return;
    }
    SocketChannel socket = null;
    if (target != null) {
      try {
        socket = SocketChannel.open();
      } catch (IOException none) {
        sockets.missing(none);
        return;
      }
    }
    TcpConnection connection = null;
    try {
      boolean isConnected = true;
      HostStream host;
      if (socket != null) {
        socket.configureBlocking(false);
        // The second question finds hosts that answer at once, as this one does.
        isConnected = socket.connect(target) || socket.finishConnect();
        host = new SocketStream(loop, socket);
      } else {
        host = serviceStream(Objects.requireNonNull(service), port, packet);
      }
      connection =
          new TcpConnection(
              this,
              host,
              port,
              mac,
              packet.sourceHigh(),
              packet.sourceLow(),
              segment.sourcePort,
              packet.destinationHigh(),
              packet.destinationLow(),
              segment.destinationPort);
      table.add(connection);
      opening.add(connection);
      connection.openFromGuest(segment, isConnected, nowNanos);
    } catch (IOException | RuntimeException refused) {
      if (connection != null) {
        connection.failedToConnect(refused, nowNanos);
        return;
      }
      close(socket);
      refused(port, nowNanos);
      boolean isTold = false;
      if (refused instanceof IOException why && IcmpErrors.isForWantOfAWay(why)) {
        isTold = errors.unreachable(port, mac, bytes, packet, why);
      }
      if (!isTold) {
        writer.reset(port, mac, packet, segment);
      }
    }
  }

  private ServiceStream serviceStream(StreamService service, SwitchPort port, IpPacket packet)
      throws IOException {
    int number = port.number();
    if (serviceStreams.merge(number, 1, Integer::sum) > MAX_SERVICE_STREAMS) {
      serviceStreamClosed(number);
      throw new IOException("too many connections to the gateway's services");
    }
    InetAddress client = IpBits.toAddress(packet.sourceHigh(), packet.sourceLow());
    return new ServiceStream(
        loop,
        service,
        number,
        new InetSocketAddress(client, segment.sourcePort),
        () -> serviceStreamClosed(number));
  }

  private void serviceStreamClosed(int portNumber) {
    serviceStreams.computeIfPresent(
        portNumber, (number, count) -> count == 1 ? null : Integer.valueOf(count - 1));
  }

  /** The host's network did not let a connection be that a machine opened. */
  void refused(SwitchPort port, long nowNanos) {
    refusals.admit(port.number(), nowNanos);
  }

  private static boolean admit(ArrayDeque<TcpConnection> opening, long nowNanos) {
    // In order of time: whatever is open or gone at the front counts no more.
    while (!opening.isEmpty() && !opening.getFirst().isHalfOpen()) {
      opening.removeFirst();
    }
    if (opening.size() < MAX_HALF_OPEN) {
      return true;
    }
    opening.removeIf(connection -> !connection.isHalfOpen());
    if (opening.size() < MAX_HALF_OPEN) {
      return true;
    }
    if (opening.getFirst().isHalfOpenSince(nowNanos - PATIENCE_NANOS)) {
      opening.removeFirst().evict();
      return true;
    }
    return false;
  }

  private static void close(@Nullable SocketChannel host) {
    if (host != null) {
      try {
        host.close();
      } catch (IOException ignored) {
        // It was not open for anybody yet.
      }
    }
  }

  /**
   * Opens a connection to a guest for one that the host accepted.
   *
   * @param host non-blocking; closed here if it does not work
   * @param fromHigh the address that the guest sees, with {@code fromLow}
   */
  public void openToGuest(
      SocketChannel host,
      SwitchPort port,
      long guestMac,
      long guestHigh,
      long guestLow,
      int guestPort,
      long fromHigh,
      long fromLow) {
    int fromPort = freePort(port, guestHigh, guestLow, guestPort, fromHigh, fromLow);
    if (fromPort == 0) {
      close(host);
      return;
    }
    TcpConnection connection =
        new TcpConnection(
            this,
            new SocketStream(loop, host),
            port,
            guestMac,
            guestHigh,
            guestLow,
            guestPort,
            fromHigh,
            fromLow,
            fromPort);
    table.add(connection);
    try {
      connection.openFromHost(loop.nanos());
    } catch (IOException | RuntimeException failed) {
      connection.evict();
    }
  }

  private int freePort(
      SwitchPort port, long gHigh, long gLow, int gPort, long fromHigh, long fromLow) {
    for (int tries = 0; tries < 64; tries++) {
      int candidate = 49152 + random.nextInt(16384);
      if (table.find(port.number(), gHigh, gLow, gPort, fromHigh, fromLow, candidate) == null) {
        return candidate;
      }
    }
    return 0;
  }
}
