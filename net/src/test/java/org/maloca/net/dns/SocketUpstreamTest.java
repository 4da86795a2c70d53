package org.maloca.net.dns;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SocketUpstreamTest {
  private final byte[] query = DnsMessages.query(0x4242, "www.example", 1);

  @Test
  void takesOnlyTheAnswerToItsOwnQuestion() throws Exception {
    try (DatagramSocket server = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      Thread thread = Thread.ofVirtual().start(() -> answerWithForgeriesFirst(server));
      byte[] reply = upstream(server.getLocalPort()).ask(query, false);

      thread.join();
      assertArrayEquals(DnsMessages.answer(query, 3), reply);
    }
  }

  private static void answerWithForgeriesFirst(DatagramSocket server) {
    try {
      DatagramPacket packet = new DatagramPacket(new byte[600], 600);
      server.receive(packet);
      byte[] question = Arrays.copyOf(packet.getData(), packet.getLength());
      byte[] wrongId = DnsMessages.answer(question, 0);
      wrongId[0]++;
      byte[] wrongName = DnsMessages.answer(question, 0);
      wrongName[13] = 'x';
      for (byte[] reply : List.of(wrongId, wrongName, DnsMessages.answer(question, 3))) {
        server.send(new DatagramPacket(reply, reply.length, packet.getSocketAddress()));
      }
    } catch (IOException closed) {
      throw new IllegalStateException(closed);
    }
  }

  @Test
  void asksByTcpForClientsOfStreams() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread thread =
          Thread.ofVirtual()
              .start(() -> {
                try (var socket = server.accept()) {
                  DataInputStream input = new DataInputStream(socket.getInputStream());
                  byte[] question = input.readNBytes(input.readUnsignedShort());
                  byte[] answer = DnsMessages.answer(question, 0);
                  socket.getOutputStream().write(DnsStream.frame(answer));
                } catch (IOException closed) {
                  throw new IllegalStateException(closed);
                }
              });
      byte[] reply = upstream(server.getLocalPort()).ask(query, true);

      thread.join();
      assertArrayEquals(DnsMessages.answer(query, 0), reply);
    }
  }

  @Test
  void goesOnToTheNextServerAndGivesUpAfterTheLast() throws Exception {
    int closedPort;
    try (DatagramSocket closed = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      closedPort = closed.getLocalPort();
    }
    assertNull(upstream(closedPort).ask(query, true));
    try (DatagramSocket server = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      Thread thread = Thread.ofVirtual().start(() -> answerWithForgeriesFirst(server));
      byte[] reply = upstream(closedPort, server.getLocalPort()).ask(query, false);
      thread.join();
      assertEquals(3, DnsMessages.rcode(reply));
    }
  }

  private static SocketUpstream upstream(int... ports) {
    List<InetSocketAddress> servers =
        Arrays.stream(ports)
            .mapToObj(port -> new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .toList();
    return new SocketUpstream(() -> servers);
  }
}
