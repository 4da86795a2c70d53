package org.maloca.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.ip.IpBits;
import org.maloca.net.ip.IpHeaders;
import org.maloca.net.nat.EventLoop;

/** A port of the host that leads to one of a machine; the guest sees the gateway as the peer. */
final class Forward implements EventLoop.Handler, AutoCloseable {
  private static final int TURN = 64;
  private static final int UDP_HEADER_BYTES = 8;

  private final UserNetwork network;
  private final SwitchPort to;
  private final int guestPort;
  private final boolean isUdp;
  private @Nullable NetworkChannel channel;

  Forward(UserNetwork network, SwitchPort to, int guestPort, boolean isUdp) {
    this.network = network;
    this.to = to;
    this.guestPort = guestPort;
    this.isUdp = isUdp;
  }

  /** Starts; returns where it listens. */
  InetSocketAddress listen(InetSocketAddress from) throws IOException {
    EventLoop loop = network.loop();
    synchronized (loop.lock()) {
      try {
        NetworkChannel bound;
        if (isUdp) {
          DatagramChannel datagrams = DatagramChannel.open();
          channel = datagrams;
          datagrams.configureBlocking(false);
          datagrams.bind(from);
          loop.register(datagrams, SelectionKey.OP_READ, this);
          bound = datagrams;
        } else {
          ServerSocketChannel server = ServerSocketChannel.open();
          channel = server;
          server.configureBlocking(false);
          server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
          server.bind(from, 512);
          loop.register(server, SelectionKey.OP_ACCEPT, this);
          bound = server;
        }
        return (InetSocketAddress) bound.getLocalAddress();
      } catch (IOException | RuntimeException failed) {
        close();
        throw failed;
      }
    }
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
      // Of one peer; the next one is heard.
    }
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
      if (!(datagrams.receive(bytes) instanceof InetSocketAddress peer)) {
        return;
      }
      int length = bytes.position() - data;
      network
          .gateway()
          .udp()
          .forward(
              datagrams,
              peer,
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

  @Override
  public void close() {
    NetworkChannel open = channel;
    if (open != null) {
      try {
        open.close();
      } catch (IOException ignored) {
        // Nobody is waiting for it.
      }
      network.loop().wake();
    }
  }
}
