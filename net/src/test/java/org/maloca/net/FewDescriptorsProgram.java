package org.maloca.net;

import java.io.Closeable;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import org.maloca.net.ethernet.SwitchPort;

/**
 * A guest on a host that has no descriptors left for a while: prints what becomes of its first
 * packets, and of those that it sends again.
 */
final class FewDescriptorsProgram {
  private static final InetAddress GUEST = InetAddress.ofLiteral("10.0.2.15");
  private static final InetAddress GATEWAY = InetAddress.ofLiteral("10.0.2.2");
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

  private FewDescriptorsProgram() {}

  /** Runs to its end. */
  public static void main(String[] none) throws Exception {
    NetworkConfig config = NetworkConfig.defaults(NetworkMode.NAT).withLoopbackOpen();
    try (UserNetwork network = new UserNetwork("t", config);
        ServerSocket server = new ServerSocket(0, 50, LOOPBACK);
        DatagramSocket peer = new DatagramSocket(0, LOOPBACK)) {
      SwitchPort port = network.addPort();
      GuestCard card = new GuestCard(port, 1, 0, 0);
      // Whatever is read from files on the way has been read then.
      connect(card, server, 40000);
      card.send(datagram(card, peer, 5000));
      peer.receive(new DatagramPacket(new byte[9], 9));

      List<Closeable> taken = takeAll();
      GuestTcp waiting = connection(card, server, 40001);
      waiting.connect();
      card.send(datagram(card, peer, 5001));
      // Its answer comes behind what is said of the others.
      card.send(
          Packets.ip(card.macAddress(), GUEST, GATEWAY, 1, new byte[] {8, 0, 0, 0, 0, 1, 0, 1}, 2));
      byte[] first = card.next();
      for (Closeable each : taken) {
        each.close();
      }
      System.out.println("told of protocol " + Packets.protocol(first));

      drive(waiting);
      System.out.println("connected");
      card.send(datagram(card, peer, 5001));
      peer.receive(new DatagramPacket(new byte[9], 9));
      System.out.println("heard");
    }
  }

  private static GuestTcp connection(GuestCard card, ServerSocket server, int port) {
    return new GuestTcp(card, GUEST, port, GATEWAY, server.getLocalPort(), true, 1460);
  }

  private static void connect(GuestCard card, ServerSocket server, int port) {
    GuestTcp guest = connection(card, server, port);
    guest.connect();
    drive(guest);
  }

  private static void drive(GuestTcp guest) {
    while (!guest.isOpen && !guest.isReset) {
      guest.turn(5);
    }
    if (guest.isReset) {
      throw new IllegalStateException("reset");
    }
  }

  private static byte[] datagram(GuestCard card, DatagramSocket to, int port) {
    byte[] udp = Packets.udp(port, to.getLocalPort(), new byte[] {1});
    return Packets.ip(card.macAddress(), GUEST, GATEWAY, 17, udp, 6);
  }

  private static List<Closeable> takeAll() {
    List<Closeable> taken = new ArrayList<>();
    try {
      while (true) {
        taken.add(new FileInputStream("/dev/null"));
      }
    } catch (IOException noMore) {
      return taken;
    }
  }
}
