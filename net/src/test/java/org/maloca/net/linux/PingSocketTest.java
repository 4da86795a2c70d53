package org.maloca.net.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.maloca.net.icmp.EchoSocket;
import org.maloca.net.ip.IpBits;

/** The host's own ICMP sockets, where this user may have them. */
@Timeout(30)
class PingSocketTest {
  private record Heard(byte[] message, InetAddress from) {}

  private final LinkedBlockingQueue<Heard> heard = new LinkedBlockingQueue<>();

  private final EchoSocket.Listener listener =
      new EchoSocket.Listener() {
        @Override
        public void replied(ByteBuffer message, long high, long low) {
          byte[] bytes = new byte[message.remaining()];
          message.get(bytes);
          heard.add(new Heard(bytes, IpBits.toAddress(high, low)));
        }

        @Override
        public void failed(int typeAndCode, int mtuBytes, long high, long low, ByteBuffer of) {
          heard.add(new Heard(new byte[0], IpBits.toAddress(high, low)));
        }
      };

  private PingSocket open(boolean isIpv6) {
    try {
      return PingSocket.open(isIpv6, listener);
    } catch (IOException forbidden) {
      return abort(forbidden.getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1,8,0", "::1,128,129"})
  void theHostAnswersWithThePayloadAndTheSequenceNumber(String host, int asks, int answers)
      throws Exception {
    InetAddress target = InetAddress.ofLiteral(host);
    boolean isIpv6 = target.getAddress().length == 16;
    try (PingSocket socket = open(isIpv6)) {
      ByteBuffer request = ByteBuffer.allocate(3000);
      request.put(0, (byte) asks).putShort(6, (short) 4711).put(2999, (byte) 99);
      if (!socket.send(request, IpBits.high(target), IpBits.low(target), 5)) {
        abort("the host has no " + host);
      }

      Heard answer = heard.poll(20, TimeUnit.SECONDS);

      assertTrue(answer != null, "an answer came");
      assertEquals(target, answer.from);
      assertEquals(answers, answer.message[0] & 0xff);
      assertEquals(4711, ByteBuffer.wrap(answer.message).getShort(6));
      assertArrayEquals(
          Arrays.copyOfRange(request.array(), 8, 3000),
          Arrays.copyOfRange(answer.message, 8, 3000));
    }
  }
}
