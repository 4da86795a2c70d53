package org.maloca.net;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.maloca.net.ethernet.SwitchPort;

/**
 * A guest on the host of {@link NarrowHostTest}, whose only way out takes fewer bytes than the
 * guest sends: prints what it is told of its datagrams.
 */
final class NarrowHostProgram {
  private static final InetAddress GUEST = InetAddress.ofLiteral("10.0.2.15");
  private static final InetAddress FAR = InetAddress.ofLiteral("198.51.100.1");
  private static final InetAddress FAR6 = InetAddress.ofLiteral("2001:db8:7::7");
  private static final int DATA_BYTES = 1450;
  private static final int DONT_FRAGMENT = 0x4000;

  private NarrowHostProgram() {}

  /** Runs to its end. */
  public static void main(String[] none) throws Exception {
    try (UserNetwork network = new UserNetwork("t", NetworkConfig.defaults(NetworkMode.NAT))) {
      SwitchPort port = network.addPort();
      GuestCard card = new GuestCard(port, 1, 0, 0);
      InetAddress guest6 = network.config().gateway6();
      byte[] own = guest6.getAddress();
      own[15] = 0x77;
      guest6 = InetAddress.getByAddress(own);

      // What may be cut up goes out without a word; the others' errors come in order behind it.
      card.send(datagram(card, GUEST, FAR, 1, DATA_BYTES, 0));
      card.send(datagram(card, GUEST, FAR, 2, DATA_BYTES, DONT_FRAGMENT));
      say("4", card.next());
      card.send(datagram(card, GUEST, FAR, 3, DATA_BYTES, 0));
      card.send(datagram(card, GUEST, FAR, 4, 100, DONT_FRAGMENT));
      card.send(datagram(card, GUEST, FAR, 2, DATA_BYTES, DONT_FRAGMENT));
      say("4", card.next());
      card.send(datagram(card, guest6, FAR6, 5, DATA_BYTES, 0));
      say("6", card.next());
      System.out.println("left " + card.received.size());
    }
  }

  private static byte[] datagram(
      GuestCard card, InetAddress from, InetAddress to, int port, int bytes, int fragment) {
    byte[] payload = Packets.udp(port, 9, new byte[bytes]);
    byte[] frame = Packets.ip(card.macAddress(), from, to, 17, payload, 6);
    if (fragment != 0) {
      ByteBuffer header = ByteBuffer.wrap(frame);
      header.putShort(20, (short) fragment).putShort(24, (short) 0);
      header.putShort(24, (short) Checksums.of(frame, 14, 34));
    }
    return frame;
  }

  private static void say(String version, byte[] frame) {
    byte[] message = Packets.payload(frame);
    ByteBuffer bytes = ByteBuffer.wrap(message);
    int quotedPort = bytes.getShort(8 + (version.equals("4") ? 20 : 40));
    System.out.printf(
        "IPv%s: type %d code %d mtu %d of port %d%n",
        version, message[0], message[1], bytes.getInt(4), quotedPort);
  }
}
