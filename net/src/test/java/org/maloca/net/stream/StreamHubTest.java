package org.maloca.net.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.core.backend.NetFrame;
import org.maloca.net.NetworkConfig;
import org.maloca.net.NetworkMode;
import org.maloca.net.UserNetwork;
import org.maloca.net.frame.Frames;
import org.maloca.net.frame.TestCard;

@Timeout(60)
class StreamHubTest {
  @TempDir Path folder;

  private UnixDomainSocketAddress address;
  private UserNetwork network;
  private StreamHub hub;

  @BeforeEach
  void listen() throws Exception {
    address = UnixDomainSocketAddress.of(folder.resolve("hub"));
    network = new UserNetwork("t", NetworkConfig.defaults(NetworkMode.ISOLATED));
    hub = new StreamHub(StreamEndpoint.listening(address), network::addPort, "t");
  }

  @AfterEach
  void close() {
    hub.close();
    network.close();
  }

  /** What is sent before both ends have taken up the connection is lost. */
  private StreamBackend join(TestCard card) throws InterruptedException {
    StreamBackend peer = new StreamBackend(StreamEndpoint.connecting(address), "p", 10);
    peer.connect(card);
    while (!peer.isConnected()) {
      Thread.sleep(5);
    }
    return peer;
  }

  private void awaitPeers(int count) throws InterruptedException {
    while (hub.peers() != count || network.counters().size() != count) {
      Thread.sleep(5);
    }
  }

  /** A frame for everybody. */
  private static NetFrame broadcast(int number) {
    NetFrame frame = Frames.numbered(number, 100);
    frame.bytes().putInt(0, -1).putShort(4, (short) -1);
    return frame;
  }

  @Test
  void peersMeetOnTheNetworkAndLeaveIt() throws Exception {
    TestCard left = new TestCard();
    TestCard right = new TestCard();
    StreamBackend a = join(left);
    try (StreamBackend b = join(right)) {
      awaitPeers(2);
      a.transmit(broadcast(1));
      assertEquals(1, Frames.number(ByteBuffer.wrap(right.next())));
      b.transmit(broadcast(2));
      assertEquals(2, Frames.number(ByteBuffer.wrap(left.next())));

      a.close();

      awaitPeers(1);
    }
    awaitPeers(0);
  }

  @Test
  void closesItsSocketAndItsPeers() throws Exception {
    try (StreamBackend a = join(new TestCard())) {
      awaitPeers(1);

      hub.close();

      awaitPeers(0);
      assertFalse(Files.exists(address.getPath()));
    }
  }
}
