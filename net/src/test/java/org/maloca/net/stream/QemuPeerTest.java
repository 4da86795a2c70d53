package org.maloca.net.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.core.backend.NetBackend;
import org.maloca.net.frame.Frames;
import org.maloca.net.frame.TestCard;
import org.maloca.net.linux.UnixDatagramBackend;

/** A QEMU without a machine, whose hub joins one of our backends to the other. */
@Timeout(60)
final class QemuPeerTest {
  private static final String QEMU = "qemu-system-x86_64";

  @TempDir Path folder;

  @BeforeEach
  void needQemu() throws InterruptedException {
    assumeTrue(hasQemu(), "no " + QEMU);
  }

  private static boolean hasQemu() throws InterruptedException {
    try {
      Process version = new ProcessBuilder(QEMU, "--version").start();
      version.getInputStream().readAllBytes();
      return version.waitFor() == 0;
    } catch (IOException missing) {
      return false;
    }
  }

  private static Process qemu(String left, String right) throws IOException {
    return new ProcessBuilder(
            List.of(
                QEMU,
                "-machine",
                "none",
                "-nodefaults",
                "-nographic",
                "-monitor",
                "none",
                "-netdev",
                left + ",id=left",
                "-netdev",
                "hubport,id=h0,hubid=0,netdev=left",
                "-netdev",
                right + ",id=right",
                "-netdev",
                "hubport,id=h1,hubid=0,netdev=right"))
        .inheritIO()
        .start();
  }

  private static int freeUdpPort() throws IOException {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Test
  void exchangesFramesWithQemusStreams() throws Exception {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    StreamEndpoint tcp = StreamEndpoint.listening(any);
    int port = ((InetSocketAddress) tcp.address()).getPort();
    Path path = folder.resolve("qemu.sock");
    StreamEndpoint unix = StreamEndpoint.listening(UnixDomainSocketAddress.of(path));
    TestCard left = new TestCard();
    TestCard right = new TestCard();
    try (StreamBackend a = new StreamBackend(tcp, "left", 10);
        StreamBackend b = new StreamBackend(unix, "right", 10)) {
      a.connect(left);
      b.connect(right);
      Process qemu =
          qemu(
              "stream,server=off,addr.type=inet,addr.host=127.0.0.1,addr.port=" + port,
              "stream,server=off,addr.type=unix,addr.path=" + path);
      try {
        assertExchange(a, b, left, right);
      } finally {
        qemu.destroy();
        qemu.waitFor();
      }
    }
  }

  @Test
  void exchangesFramesWithQemusDatagramsAndItsOlderSockets() throws Exception {
    InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    int ours = freeUdpPort();
    int theirs = freeUdpPort();
    StreamEndpoint tcp = StreamEndpoint.listening(new InetSocketAddress(loopback, 0));
    int port = ((InetSocketAddress) tcp.address()).getPort();
    TestCard left = new TestCard();
    TestCard right = new TestCard();
    try (DatagramBackend a =
            new DatagramBackend(
                new InetSocketAddress(loopback, ours),
                new InetSocketAddress(loopback, theirs),
                "left");
        StreamBackend b = new StreamBackend(tcp, "right", 10)) {
      a.connect(left);
      b.connect(right);
      Process qemu =
          qemu(
              "dgram,local.type=inet,local.host=127.0.0.1,local.port="
                  + theirs
                  + ",remote.type=inet,remote.host=127.0.0.1,remote.port="
                  + ours,
              "socket,connect=127.0.0.1:" + port);
      try {
        assertExchange(a, b, left, right);
      } finally {
        qemu.destroy();
        qemu.waitFor();
      }
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void exchangesFramesWithQemusUnixDatagrams() throws Exception {
    Path ours = folder.resolve("ours");
    Path theirs = folder.resolve("theirs");
    Path stream = folder.resolve("stream");
    StreamEndpoint unix = StreamEndpoint.listening(UnixDomainSocketAddress.of(stream));
    TestCard left = new TestCard();
    TestCard right = new TestCard();
    try (UnixDatagramBackend a = UnixDatagramBackend.open(ours, theirs, "left");
        StreamBackend b = new StreamBackend(unix, "right", 10)) {
      a.connect(left);
      b.connect(right);
      Process qemu =
          qemu(
              "dgram,local.type=unix,local.path=%s,remote.type=unix,remote.path=%s"
                  .formatted(theirs, ours),
              "stream,server=off,addr.type=unix,addr.path=" + stream);
      try {
        assertExchange(a, b, left, right);
      } finally {
        qemu.destroy();
        qemu.waitFor();
      }
    }
  }

  /** Sends until QEMU is there, and then checks that all comes whole, whichever way. */
  private static void assertExchange(NetBackend a, NetBackend b, TestCard left, TestCard right)
      throws InterruptedException {
    while (left.count() == 0 || right.count() == 0) {
      a.transmit(Frames.numbered(-1, 60));
      b.transmit(Frames.numbered(-1, 60));
      Thread.sleep(5);
    }
    for (int i = 0; i < 200; i++) {
      int length = 60 + i * 7;
      a.transmit(Frames.numbered(i, length));
      assertEquals(length, nextNumbered(right, i).length);
      b.transmit(Frames.numbered(i, length));
      assertEquals(length, nextNumbered(left, i).length);
    }
  }

  private static byte[] nextNumbered(TestCard card, int number) throws InterruptedException {
    byte[] frame = card.next();
    while (Frames.number(ByteBuffer.wrap(frame)) == -1) {
      frame = card.next();
    }
    assertEquals(number, Frames.number(ByteBuffer.wrap(frame)));
    return frame;
  }
}
