package org.maloca.guests;

import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Whom the guest of {@link HostNetworkTest} talks to. On {@link #PORT} it tells each client the
 * address that it has come from, and gives back what it is sent; on the domain port of each address
 * that it is started with, all names lead to that address, but names that start with "whoami" to
 * the client's own, and those that start with "sixsix" to {@link HostNamespace#FAR6} alone.
 */
final class OutsideProgram {
  static final int PORT = 7000;
  private static final int DNS_PORT = 53;
  private static final int DNS_HEADER_BYTES = 12;
  private static final int A = 1;
  private static final int AAAA = 28;

  private OutsideProgram() {}

  /** Runs until it is ended, after a line that says that it is there. */
  public static void main(String[] dnsAddresses) throws IOException {
    for (String address : dnsAddresses) {
      DatagramSocket names = new DatagramSocket(DNS_PORT, InetAddress.ofLiteral(address));
      Thread.ofVirtual().start(() -> nameAll(names));
    }
    try (ServerSocket streams = new ServerSocket(PORT)) {
      System.out.println("ready");
      while (true) {
        Socket stream = streams.accept();
        Thread.ofVirtual().start(() -> echo(stream));
      }
    }
  }

  private static byte[] greeting(InetSocketAddress from) {
    return "from %s%n"
        .formatted(from.getAddress().getHostAddress())
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static void echo(Socket stream) {
    try (stream;
        InputStream input = stream.getInputStream()) {
      InetSocketAddress from = (InetSocketAddress) stream.getRemoteSocketAddress();
      stream.getOutputStream().write(greeting(from));
      input.transferTo(stream.getOutputStream());
    } catch (IOException gone) {
      // As clients go.
    }
  }

  /** Answers each question for an address by the one that was asked (RFC 1035, section 4.1). */
  private static void nameAll(DatagramSocket socket) {
    DatagramPacket packet = new DatagramPacket(new byte[512], 512);
    byte[] own = socket.getLocalAddress().getAddress();
    try {
      while (true) {
        packet.setData(new byte[512]);
        socket.receive(packet);
        byte[] question = Arrays.copyOf(packet.getData(), packet.getLength());
        int end = DNS_HEADER_BYTES;
        while (question[end] != 0) {
          end += question[end] + 1;
        }
        String name = new String(question, DNS_HEADER_BYTES + 1, 6, StandardCharsets.US_ASCII);
        byte[] address =
            switch (name) {
              case "whoami" -> packet.getAddress().getAddress();
              case "sixsix" -> InetAddress.ofLiteral(HostNamespace.FAR6).getAddress();
              default -> own;
            };
        int type = question[end + 2];
        boolean isKnown = type == (address.length == 4 ? A : AAAA);
        ByteBuffer answer = ByteBuffer.allocate(end + 5 + 12 + address.length);
        answer.put(0, question, 0, end + 5).putShort(2, (short) 0x8180);
        answer.putShort(6, (short) (isKnown ? 1 : 0)).putInt(8, 0);
        answer.position(end + 5);
        if (isKnown) {
          answer.putShort((short) 0xc00c).putShort((short) type).putShort((short) 1).putInt(0);
          answer.putShort((short) address.length).put(address);
        }
        packet.setData(answer.array(), 0, answer.position());
        socket.send(packet);
      }
    } catch (IOException ended) {
      throw new IllegalStateException(ended);
    }
  }
}
