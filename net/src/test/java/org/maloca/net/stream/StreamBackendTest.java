package org.maloca.net.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.core.backend.NetFrame;
import org.maloca.core.backend.NetFrame.Segmentation;
import org.maloca.net.frame.Frames;
import org.maloca.net.frame.TestCard;

@Timeout(60)
final class StreamBackendTest {
  private static final long RETRY_MILLIS = 10;

  @TempDir Path folder;

  private static SocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private static StreamBackend connected(StreamEndpoint endpoint, TestCard card) {
    StreamBackend backend = new StreamBackend(endpoint, "test", RETRY_MILLIS);
    backend.connect(card);
    return backend;
  }

  private static void awaitPeer(StreamBackend backend) throws InterruptedException {
    while (!backend.isConnected()) {
      Thread.sleep(1);
    }
  }

  private static void assertCarries(StreamBackend from, TestCard to) throws InterruptedException {
    awaitPeer(from);
    for (int i = 0; i < 100; i++) {
      from.transmit(Frames.numbered(i, 60 + i * 14));
    }
    for (int i = 0; i < 100; i++) {
      byte[] frame = to.next();
      assertEquals(60 + i * 14, frame.length);
      assertEquals(i, Frames.number(ByteBuffer.wrap(frame)));
    }
  }

  @Test
  void carriesFramesBothWaysByTcp() throws Exception {
    StreamEndpoint listening = StreamEndpoint.listening(anyPort());
    TestCard left = new TestCard();
    TestCard right = new TestCard();
    try (StreamBackend a = connected(listening, left);
        StreamBackend b = connected(StreamEndpoint.connecting(listening.address()), right)) {
      assertCarries(a, right);
      assertCarries(b, left);
    }
  }

  @Test
  void carriesFramesByAUnixSocketAndRemovesItsFile() throws Exception {
    Path path = folder.resolve("net.sock");
    SocketAddress address = UnixDomainSocketAddress.of(path);
    TestCard left = new TestCard();
    TestCard right = new TestCard();
    try (StreamBackend a = connected(StreamEndpoint.listening(address), left);
        StreamBackend b = connected(StreamEndpoint.connecting(address), right)) {
      assertCarries(a, right);
      assertCarries(b, left);
      assertTrue(Files.exists(path));
    }
    assertFalse(Files.exists(path));
  }

  @Test
  void finishesWhatTheGuestLeftUndone() throws Exception {
    StreamEndpoint listening = StreamEndpoint.listening(anyPort());
    try (StreamBackend backend = connected(listening, new TestCard());
        Socket peer = connect(listening)) {
      awaitPeer(backend);
      NetFrame large = Frames.tcp(false, 20_000, 0x18);
      large.setSegmentation(Segmentation.TCP_IPV4, 1448, false);
      backend.transmit(large);

      DataInputStream input = new DataInputStream(peer.getInputStream());
      int payload = 0;
      while (payload < 20_000) {
        byte[] frame = new byte[input.readInt()];
        input.readFully(frame);
        assertTrue(Frames.hasGoodChecksums(frame));
        payload += frame.length - 58;
      }
      assertEquals(20_000, payload);
    }
  }

  private static Socket connect(StreamEndpoint endpoint) throws IOException {
    InetSocketAddress address = (InetSocketAddress) endpoint.address();
    return new Socket(address.getAddress(), address.getPort());
  }

  @Test
  void takesFramesHoweverTheyAreCut() throws Exception {
    StreamEndpoint listening = StreamEndpoint.listening(anyPort());
    TestCard card = new TestCard();
    try (StreamBackend backend = connected(listening, card);
        Socket peer = connect(listening)) {
      byte[] expected = Frames.copy(Frames.numbered(1, 300).bytes());
      byte[] stream = ByteBuffer.allocate(304).putInt(300).put(expected).array();
      peer.setTcpNoDelay(true);
      for (byte part : stream) {
        peer.getOutputStream().write(part);
      }
      assertArrayEquals(expected, card.next());
      assertTrue(backend.isConnected());
    }
  }

  @Test
  void leavesAPeerThatTalksNonsenseAndTakesTheNext() throws Exception {
    StreamEndpoint listening = StreamEndpoint.listening(anyPort());
    TestCard card = new TestCard();
    try (StreamBackend backend = connected(listening, card)) {
      for (int length : new int[] {-1, Integer.MIN_VALUE, StreamBackend.MAX_FRAME_BYTES + 1}) {
        try (Socket peer = connect(listening)) {
          new DataOutputStream(peer.getOutputStream()).writeInt(length);
          assertEquals(-1, peer.getInputStream().read());
        }
      }
      try (Socket peer = connect(listening)) {
        DataOutputStream output = new DataOutputStream(peer.getOutputStream());
        output.writeInt(0);
        output.writeInt(60);
        output.write(Frames.copy(Frames.numbered(9, 60).bytes()));
        assertEquals(9, Frames.number(ByteBuffer.wrap(card.next())));
      }
      assertEquals(0, backend.dropped());
    }
  }

  @Test
  void connectsAgainToAPeerThatWentAndCame() throws Exception {
    StreamEndpoint first = StreamEndpoint.listening(anyPort());
    TestCard right = new TestCard();
    try (StreamBackend b = connected(StreamEndpoint.connecting(first.address()), right)) {
      try (StreamBackend a = connected(first, new TestCard())) {
        assertCarries(a, right);
      }
      StreamEndpoint second = StreamEndpoint.listening(first.address());
      try (StreamBackend a = connected(second, new TestCard())) {
        assertCarries(a, right);
      }
      assertEquals(0, b.dropped());
    }
  }

  @Test
  void anErrorOfTheCardCostsThePeerAlone() throws Exception {
    StreamEndpoint listening = StreamEndpoint.listening(anyPort());
    TestCard card = new TestCard();
    try (StreamBackend backend = connected(listening, card)) {
      assertFalse(card.nextLink());
      card.failNextLink();
      try (Socket peer = connect(listening)) {
        assertEquals(-1, peer.getInputStream().read());
      }
      assertFalse(card.nextLink());
      try (Socket peer = connect(listening)) {
        assertTrue(card.nextLink());
        assertTrue(backend.isConnected());
      }
    }
  }

  @Test
  void theCardHasALinkAsLongAsThereIsAPeer() throws Exception {
    StreamEndpoint listening = StreamEndpoint.listening(anyPort());
    TestCard card = new TestCard();
    try (StreamBackend backend = connected(listening, card)) {
      assertFalse(card.nextLink());
      for (int i = 0; i < 3; i++) {
        try (Socket peer = connect(listening)) {
          assertTrue(card.nextLink());
          assertTrue(backend.isConnected());
        }
        assertFalse(card.nextLink());
      }
      // Whoever talks nonsense is no peer any more.
      try (Socket peer = connect(listening)) {
        assertTrue(card.nextLink());
        new DataOutputStream(peer.getOutputStream()).writeInt(-1);
        assertFalse(card.nextLink());
      }
    }
  }

  @Test
  void holdsFramesUntilTheGuestHasRoomAndRuns() throws Exception {
    StreamEndpoint listening = StreamEndpoint.listening(anyPort());
    TestCard card = new TestCard();
    card.setRoom(0);
    try (StreamBackend a = connected(listening, card);
        StreamBackend b =
            connected(StreamEndpoint.connecting(listening.address()), new TestCard())) {
      awaitPeer(b);
      for (int i = 0; i < 50; i++) {
        b.transmit(Frames.numbered(i, 100));
      }
      while (card.refusals() == 0) {
        Thread.sleep(1);
      }
      a.pause();
      card.setRoom(Integer.MAX_VALUE);
      a.roomAvailable();
      assertEquals(0, card.count());
      a.resume();
      for (int i = 0; i < 50; i++) {
        assertEquals(i, Frames.number(ByteBuffer.wrap(card.next())));
      }
    }
  }

  @Test
  void dropsForAPeerThatNeverReads() throws Exception {
    StreamEndpoint listening = StreamEndpoint.listening(anyPort());
    try (StreamBackend backend = connected(listening, new TestCard());
        Socket peer = connect(listening)) {
      awaitPeer(backend);
      NetFrame frame = Frames.numbered(0, 60_000);
      for (int i = 0; i < 2000 && backend.dropped() == 0; i++) {
        backend.transmit(frame);
      }
      assertTrue(backend.dropped() > 0);
      assertTrue(peer.isConnected());
    }
  }
}
