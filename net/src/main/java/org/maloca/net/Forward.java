package org.maloca.net;

import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.host.IpLiteral;
import org.maloca.net.ip.IpBits;
import org.maloca.net.ip.IpHeaders;
import org.maloca.net.linux.AddressedSocket;
import org.maloca.net.nat.EventLoop;
import org.maloca.net.nat.Timers;
import org.maloca.net.udp.AddressedClient;
import org.maloca.net.udp.ChannelClient;
import org.maloca.net.udp.ForwardClient;

/** A port of the host that leads to one of a machine; the guest sees the gateway as the peer. */
final class Forward extends Timers.Entry implements EventLoop.Handler, AutoCloseable {
  private static final int TURN = 64;

  /** A host that cannot accept a connection, for want of descriptors, can do so no sooner. */
  private static final long PAUSE_NANOS = 100_000_000L;

  private static final int UDP_HEADER_BYTES = 8;

  private final UserNetwork network;
  private final SwitchPort to;
  private final int guestPort;
  private final boolean isUdp;
  private @Nullable NetworkChannel channel;

  /** What tells and answers by which of the host's addresses somebody came, if it is at all. */
  private @Nullable AddressedSocket everywhere;

  private @Nullable SelectionKey listening;

  Forward(UserNetwork network, SwitchPort to, int guestPort, boolean isUdp) {
    this.network = network;
    this.to = to;
    this.guestPort = guestPort;
    this.isUdp = isUdp;
  }

  /**
   * Starts; returns where it listens.
   *
   * @throws IOException with a message for people
   */
  InetSocketAddress listen(InetSocketAddress from) throws IOException {
    synchronized (loop().lock()) {
      try {
        return bind(from);
      } catch (UnsupportedOperationException noIpv6) {
        close();
        if (!from.getAddress().isAnyLocalAddress()) {
          throw new IOException("the host has no IPv6", noIpv6);
        }
        return bind(new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), from.getPort()));
      } catch (IOException failed) {
        close();
        throw new IOException(reason(from, failed), failed);
      } catch (RuntimeException failed) {
        close();
        throw failed;
      }
    }
  }

  private InetSocketAddress bind(InetSocketAddress from) throws IOException {
    EventLoop loop = loop();
    // A socket of IPv6 would take IPv4's "any address" for that of both versions.
    ProtocolFamily family =
        from.getAddress() instanceof Inet4Address
            ? StandardProtocolFamily.INET
            : StandardProtocolFamily.INET6;
    if (isUdp) {
      boolean isEverywhere = from.getAddress().isAnyLocalAddress();
      AddressedSocket known =
          isEverywhere ? AddressedSocket.open(family == StandardProtocolFamily.INET6, from) : null;
      everywhere = known;
      DatagramChannel datagrams = known != null ? known.channel() : bound(family, from);
      channel = datagrams;
      loop.register(datagrams, SelectionKey.OP_READ, this);
      return (InetSocketAddress) datagrams.getLocalAddress();
    }
    ServerSocketChannel server = ServerSocketChannel.open(family);
    channel = server;
    server.configureBlocking(false);
    server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    server.bind(from, 512);
    listening = loop.register(server, SelectionKey.OP_ACCEPT, this);
    return (InetSocketAddress) server.getLocalAddress();
  }

  private static DatagramChannel bound(ProtocolFamily family, InetSocketAddress from)
      throws IOException {
    DatagramChannel datagrams = DatagramChannel.open(family);
    try {
      datagrams.configureBlocking(false);
      return datagrams.bind(from);
    } catch (IOException | RuntimeException failed) {
      datagrams.close();
      throw failed;
    }
  }

  private static String reason(InetSocketAddress from, IOException failure) throws IOException {
    InetAddress address = from.getAddress();
    String said = String.valueOf(failure.getMessage());
    if (!(failure instanceof BindException)) {
      return said;
    }
    if (!address.isAnyLocalAddress() && NetworkInterface.getByInetAddress(address) == null) {
      return "the host has no address " + IpLiteral.text(address);
    }
    String place = "port %d of the host's %s".formatted(from.getPort(), IpLiteral.text(address));
    return said.contains("ermission")
        ? "the host reserves %s for its administrator: take one of 1024 and more".formatted(place)
        : "%s is in use (port 0 is any free one)".formatted(place);
  }

  @Override
  public void ready(SelectionKey key) {
    try {
      if (key.channel() instanceof ServerSocketChannel server) {
        accept(server);
      } else if (key.channel() instanceof DatagramChannel datagrams) {
        receive(datagrams);
      }
    } catch (IOException failed) {
      // Of one peer; the next one is heard. The one who waits is still there, and would be for
      // ever.
      if (key == listening) {
        network.gateway().sockets().missing(failed);
        loop().await(key, 0);
        loop().arm(this, loop().nanos() + PAUSE_NANOS);
      }
    }
  }

  @Override
  protected void expired(long nowNanos) {
    SelectionKey paused = listening;
    if (paused != null) {
      loop().await(paused, SelectionKey.OP_ACCEPT);
    }
  }

  private EventLoop loop() {
    return network.loop();
  }

  private void accept(ServerSocketChannel server) throws IOException {
    for (int i = 0; i < TURN; i++) {
      SocketChannel host = server.accept();
      if (host == null) {
        return;
      }
      host.configureBlocking(false);
      network
          .gateway()
          .tcp()
          .openToGuest(
              host,
              to,
              to.mac(),
              0,
              network.guestLow4(to),
              guestPort,
              0,
              IpBits.low(network.config().gateway4()));
    }
  }

  private void receive(DatagramChannel datagrams) throws IOException {
    for (int i = 0; i < TURN; i++) {
      ByteBuffer bytes = network.gateway().link().begin().bytes();
      int data = IpHeaders.payloadStart(false) + UDP_HEADER_BYTES;
      bytes.limit(data + 65507).position(data);
      ForwardClient client = receive(datagrams, bytes);
      if (client == null) {
        return;
      }
      int length = bytes.position() - data;
      network
          .gateway()
          .udp()
          .forward(
              client,
              to,
              to.mac(),
              0,
              network.guestLow4(to),
              guestPort,
              0,
              IpBits.low(network.config().gateway4()),
              length);
    }
  }

  private @Nullable ForwardClient receive(DatagramChannel datagrams, ByteBuffer bytes)
      throws IOException {
    AddressedSocket known = everywhere;
    if (known != null) {
      AddressedSocket.Client client = known.receive(bytes);
      return client == null ? null : new AddressedClient(known, client);
    }
    return datagrams.receive(bytes) instanceof InetSocketAddress peer
        ? new ChannelClient(datagrams, peer)
        : null;
  }

  @Override
  public void close() {
    synchronized (loop().lock()) {
      loop().remove(this);
      NetworkChannel open = channel;
      if (open == null) {
        return;
      }
      try {
        open.close();
      } catch (IOException ignored) {
        // Nobody is waiting for it.
      }
    }
    loop().wake();
  }
}
