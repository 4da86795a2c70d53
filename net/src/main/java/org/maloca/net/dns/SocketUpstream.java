package org.maloca.net.dns;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks the host's resolvers by UDP, and by TCP for clients that came so. Each question goes out
 * from a socket of its own under a random number, so that a forger has to guess both (RFC 5452).
 */
final class SocketUpstream implements DnsUpstream {
  private static final int ROUNDS = 2;
  private static final int FIRST_TIMEOUT_MILLIS = 1500;
  private static final int TCP_TIMEOUT_MILLIS = 4000;
  private static final int MAX_BYTES = 65535;

  private final HostResolvers resolvers;
  private final SecureRandom random = new SecureRandom();

  SocketUpstream(HostResolvers resolvers) {
    this.resolvers = resolvers;
  }

  @Override
  public byte @Nullable [] ask(byte[] message, boolean isStream) {
    DnsQuery query = DnsQuery.parse(message);
    if (query == null) {
      return null;
    }
    byte[] lastResort = null;
    for (int round = 0; round < ROUNDS; round++) {
      List<InetSocketAddress> servers = resolvers.servers();
      for (InetSocketAddress server : servers) {
        byte[] reply = null;
        try {
          reply =
              isStream
                  ? askByTcp(query, server)
                  : askByUdp(query, server, FIRST_TIMEOUT_MILLIS << round);
        } catch (IOException unreachable) {
          continue;
        }
        if (reply == null) {
          continue;
        }
        int rcode = DnsAnswer.rcode(reply);
        if (rcode != DnsCode.SERVER_FAILURE && rcode != DnsCode.REFUSED) {
          return reply;
        }
        lastResort = reply;
      }
    }
    return lastResort;
  }

  private byte @Nullable [] askByUdp(DnsQuery query, InetSocketAddress server, int timeoutMillis)
      throws IOException {
    int id = random.nextInt(1 << 16);
    byte[] question = withId(query.message(), id);
    try (DatagramSocket socket = new DatagramSocket()) {
      // Connected, so that the system drops what others send, and tells of an unreachable server.
      socket.connect(server);
      socket.send(new DatagramPacket(question, question.length));
      DatagramPacket packet = new DatagramPacket(new byte[MAX_BYTES], MAX_BYTES);
      long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
      while (true) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0) {
          return null;
        }
        socket.setSoTimeout((int) left);
        packet.setLength(MAX_BYTES);
        try {
          socket.receive(packet);
        } catch (SocketTimeoutException silence) {
          return null;
        }
        byte[] reply = java.util.Arrays.copyOf(packet.getData(), packet.getLength());
        if (DnsAnswer.matches(reply, query, id)) {
          return withId(reply, query.id());
        }
      }
    }
  }

  private byte @Nullable [] askByTcp(DnsQuery query, InetSocketAddress server) throws IOException {
    int id = random.nextInt(1 << 16);
    byte[] question = withId(query.message(), id);
    try (Socket socket = new Socket()) {
      socket.connect(server, TCP_TIMEOUT_MILLIS);
      socket.setSoTimeout(TCP_TIMEOUT_MILLIS);
      ByteBuffer framed = ByteBuffer.allocate(2 + question.length);
      framed.putShort((short) question.length).put(question);
      socket.getOutputStream().write(framed.array());
      DataInputStream input = new DataInputStream(socket.getInputStream());
      byte[] reply = new byte[input.readUnsignedShort()];
      input.readFully(reply);
      return DnsAnswer.matches(reply, query, id) ? withId(reply, query.id()) : null;
    }
  }

  private static byte[] withId(byte[] message, int id) {
    byte[] copy = message.clone();
    ByteBuffer.wrap(copy).putShort(0, (short) id);
    return copy;
  }
}
