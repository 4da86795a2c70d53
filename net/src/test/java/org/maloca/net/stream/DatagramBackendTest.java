package org.maloca.net.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.maloca.net.frame.Frames;
import org.maloca.net.frame.TestCard;

@Timeout(60)
final class DatagramBackendTest {
  @Test
  void outlivesAPeerThatIsNotThereYet() throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    InetSocketAddress[] ends = new InetSocketAddress[2];
    try (DatagramSocket a = new DatagramSocket(0, loopback);
        DatagramSocket b = new DatagramSocket(0, loopback)) {
      ends[0] = new InetSocketAddress(loopback, a.getLocalPort());
      ends[1] = new InetSocketAddress(loopback, b.getLocalPort());
    }
    TestCard card = new TestCard();
    try (DatagramBackend a = new DatagramBackend(ends[0], ends[1], "a")) {
      a.connect(new TestCard());
      for (int i = 0; i < 5; i++) {
        a.transmit(Frames.numbered(i, 100));
      }
      try (DatagramBackend b = new DatagramBackend(ends[1], ends[0], "b")) {
        b.connect(card);
        a.transmit(Frames.numbered(99, 1514));
        a.transmit(Frames.numbered(99, 1514));
        assertEquals(99, Frames.number(ByteBuffer.wrap(card.next())));
      }
    }
  }
}
