package org.maloca.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.maloca.net.icmp.EchoSocket;
import org.maloca.net.ip.IpBits;

/** Echo requests of guests to the outside, which is a list here. */
class PingTest {
  private static final InetAddress GUEST = InetAddress.ofLiteral("10.0.2.15");
  private static final InetAddress HOST = InetAddress.ofLiteral("192.0.2.7");
  private static final InetAddress ROUTER = InetAddress.ofLiteral("198.51.100.1");
  private static final InetAddress GUEST6 = InetAddress.ofLiteral("2001:db8:1::15");
  private static final InetAddress HOST6 = InetAddress.ofLiteral("2001:db8::7");
  private static final int NUMBERS = 0x1234_0007;

  private record Sent(byte[] message, InetAddress to, int hopLimit) {}

  private final List<Sent> sent = new ArrayList<>();
  private final List<EchoSocket.Listener> listeners = new ArrayList<>();
  private boolean hasWay = true;
  private UserNetwork network;
  private GuestCard card;

  private EchoSocket open(boolean isIpv6, EchoSocket.Listener listener) {
    listeners.add(listener);
    return new EchoSocket() {
      @Override
      public boolean send(ByteBuffer message, long high, long low, int hopLimit) {
        byte[] bytes = new byte[message.remaining()];
        message.get(bytes);
        sent.add(new Sent(bytes, IpBits.toAddress(high, low), hopLimit));
        return hasWay;
      }

      @Override
      public void close() {}
    };
  }

  @BeforeEach
  void start() throws IOException {
    NetworkConfig config = NetworkConfig.defaults(NetworkMode.NAT);
    network = new UserNetwork("t", config, System::nanoTime, this::open);
    card = new GuestCard(network.addPort(), 1, 0, 0);
  }

  @AfterEach
  void close() {
    network.close();
  }

  private static byte[] request(InetAddress from, InetAddress to, int numbers, int bytes) {
    boolean isIpv6 = to.getAddress().length == 16;
    ByteBuffer message = ByteBuffer.allocate(bytes);
    message.put(0, (byte) (isIpv6 ? 128 : 8)).putInt(4, numbers);
    for (int i = 8; i < bytes; i++) {
      message.put(i, (byte) (i * 5));
    }
    byte[] mac = {0x52, 0x54, 0, 0, 0, 1};
    return Packets.ip(mac, from, to, isIpv6 ? 58 : 1, message.array(), 2);
  }

  /** What a host of the outside answers to the request that was sent last. */
  private ByteBuffer answer(int type) {
    byte[] message = sent.getLast().message.clone();
    message[0] = (byte) type;
    return ByteBuffer.wrap(message);
  }

  private void reply(int type, InetAddress from) {
    listeners.getLast().replied(answer(type), IpBits.high(from), IpBits.low(from));
  }

  @Test
  void requestsGoOutWithTheirPayloadAndOneHopLess() {
    byte[] request = request(GUEST, HOST, NUMBERS, 1000);
    card.send(request);

    assertEquals(HOST, sent.getFirst().to);
    assertEquals(63, sent.getFirst().hopLimit);
    assertArrayEquals(
        Arrays.copyOfRange(Packets.payload(request), 8, 1000),
        Arrays.copyOfRange(sent.getFirst().message, 8, 1000));
  }

  @Test
  void answersComeBackWithTheGuestsOwnNumbers() {
    card.send(request(GUEST, HOST, NUMBERS, 64));
    reply(0, HOST);

    byte[] frame = card.next();

    byte[] message = Packets.payload(frame);
    assertEquals(NUMBERS, ByteBuffer.wrap(message).getInt(4));
    assertEquals(0, Checksums.of(message, 0, message.length));
    assertEquals(64, message.length);
  }

  @Test
  void answersOfIpv6ComeBackToo() {
    card.send(request(GUEST6, HOST6, NUMBERS, 64));
    reply(129, HOST6);

    byte[] frame = card.next();

    assertTrue(Packets.isSound(frame));
    assertEquals(129, Packets.payload(frame)[0] & 0xff);
    assertEquals(NUMBERS, ByteBuffer.wrap(Packets.payload(frame)).getInt(4));
  }

  @Test
  void anAnswerComesOnceAndFromWhomWasAskedAlone() {
    card.send(request(GUEST, HOST, NUMBERS, 64));
    reply(0, ROUTER);
    assertNull(card.next(10));
    reply(0, HOST);
    reply(0, HOST);

    assertEquals(0, Packets.payload(card.next())[0]);
    assertNull(card.next(10));
  }

  @Test
  void whatRoutersSayComesFromThemAndQuotesTheGuestsPacket() {
    byte[] request = request(GUEST, HOST, NUMBERS, 64);
    card.send(request);
    listeners.getLast().failed(11 << 8, 0, IpBits.high(ROUTER), IpBits.low(ROUTER), answer(8));

    byte[] frame = card.next();

    assertArrayEquals(ROUTER.getAddress(), Arrays.copyOfRange(frame, 26, 30));
    byte[] message = Packets.payload(frame);
    assertEquals(11, message[0]);
    assertArrayEquals(Arrays.copyOfRange(request, 14, 42), Arrays.copyOfRange(message, 8, 36));
    reply(0, HOST);
    assertNull(card.next(10));
  }

  @Test
  void whatWasTooLargeForALinkSaysItsSize() {
    card.send(request(GUEST6, HOST6, NUMBERS, 1400));
    listeners.getLast().failed(2 << 8, 1280, IpBits.high(HOST6), IpBits.low(HOST6), answer(128));

    byte[] frame = card.next();

    assertTrue(Packets.isSound(frame));
    ByteBuffer message = ByteBuffer.wrap(Packets.payload(frame));
    assertEquals(2, message.get(0));
    assertEquals(1280, message.getInt(4));
  }

  @Test
  void theGuestHearsThatThereIsNoWay() {
    hasWay = false;
    card.send(request(GUEST, HOST, NUMBERS, 64));

    byte[] message = Packets.payload(card.next());

    assertEquals(0x0301, ByteBuffer.wrap(message).getShort(0));
  }

  @Test
  void aHostThatGaveNoSocketIsAskedAgainLater() throws IOException {
    AtomicLong clock = new AtomicLong();
    AtomicInteger asked = new AtomicInteger();
    EchoSocket.Opener opener =
        (isIpv6, listener) -> {
          if (asked.incrementAndGet() == 1) {
            throw new IOException("not now");
          }
          return open(isIpv6, listener);
        };
    NetworkConfig config = NetworkConfig.defaults(NetworkMode.NAT);
    try (UserNetwork later = new UserNetwork("later", config, clock::get, opener)) {
      GuestCard other = new GuestCard(later.addPort(), 1, 0, 0);
      other.send(request(GUEST, HOST, NUMBERS, 64));
      other.send(request(GUEST, HOST, NUMBERS, 64));
      assertEquals(1, asked.get());
      // Longer steps would be a host that slept.
      for (int seconds = 0; seconds < 32; seconds += 4) {
        clock.addAndGet(4_000_000_000L);
        other.send(request(GUEST, HOST, NUMBERS, 64));
      }

      assertEquals(2, asked.get());
      assertEquals(1, sent.size());
    }
  }

  @Test
  void theFirstHopIsTheGateway() {
    byte[] request = request(GUEST, HOST, NUMBERS, 64);
    request[22] = 1;
    ByteBuffer.wrap(request).putShort(24, (short) 0);
    ByteBuffer.wrap(request).putShort(24, (short) Checksums.of(request, 14, 34));
    card.send(request);

    byte[] frame = card.next();

    assertArrayEquals(new byte[] {10, 0, 2, 2}, Arrays.copyOfRange(frame, 26, 30));
    assertEquals(11, Packets.payload(frame)[0]);
    assertTrue(sent.isEmpty());
  }

  @Test
  void aMachineThatFloodsLeavesRoomForOthers() throws IOException {
    for (int i = 0; i < 5000; i++) {
      card.send(request(GUEST, HOST, i, 64));
    }
    assertEquals(256, sent.size());
    GuestCard other = new GuestCard(network.addPort(), 2, 0, 0);
    byte[] request = request(InetAddress.ofLiteral("10.0.2.16"), HOST, NUMBERS, 64);
    request[11] = 2;
    other.send(request);
    reply(0, HOST);

    assertEquals(NUMBERS, ByteBuffer.wrap(Packets.payload(other.next())).getInt(4));
  }
}
