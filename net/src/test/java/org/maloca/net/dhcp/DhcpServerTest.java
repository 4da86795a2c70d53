package org.maloca.net.dhcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.maloca.core.time.ManualClock;

final class DhcpServerTest {
  private static final int NETWORK = 0x0a00_0200;
  private static final int SERVER = NETWORK | 2;
  private static final int FIRST = NETWORK | 15;
  private static final int LAST = NETWORK | 40;
  private static final long MAC = 0x5254_0012_3456L;
  private static final int PORT = 1;

  private final ManualClock clock = new ManualClock();
  private final DhcpConfig config =
      new DhcpConfig(SERVER, 24, SERVER, FIRST, LAST, List.of(NETWORK | 3), "maloca", 1500, 3600);
  private final DhcpServer server = new DhcpServer(config, clock, LeaseListener.NONE);
  private final DhcpClient client = new DhcpClient(MAC);

  private DhcpReply discover(DhcpClient who) {
    return server.receive(who.message(1, 0), PORT);
  }

  private int acquire(DhcpClient who, int port) {
    int address = DhcpClient.yourAddress(server.receive(who.message(1, 0), port));
    DhcpReply ack = select(who, address, port);
    assertEquals(5, DhcpClient.type(ack));
    return address;
  }

  private DhcpReply select(DhcpClient who, int address, int port) {
    return server.receive(
        who.message(3, 0, DhcpClient.option(54, SERVER), DhcpClient.option(50, address)), port);
  }

  @Test
  void offersTheFirstAddressWithAllThatTheNetworkNeeds() {
    server.name(MAC, "anna");
    DhcpReply offer =
        server.receive(client.message(1, 0, DhcpClient.rawOption(55, (byte) 119)), PORT);

    ByteBuffer message = ByteBuffer.wrap(offer.message());
    assertEquals(2, message.get(0));
    assertEquals(0xcafe_0001, message.getInt(4));
    assertEquals(2, DhcpClient.type(offer));
    assertEquals(FIRST, DhcpClient.yourAddress(offer));
    assertEquals(SERVER, DhcpClient.number(offer, 54));
    assertEquals(0xffff_ff00, DhcpClient.number(offer, 1));
    assertEquals(SERVER, DhcpClient.number(offer, 3));
    assertEquals(NETWORK | 3, DhcpClient.number(offer, 6));
    assertEquals(NETWORK | 255, DhcpClient.number(offer, 28));
    assertEquals(3600, DhcpClient.number(offer, 51));
    assertEquals(1800, DhcpClient.number(offer, 58));
    assertEquals(3150, DhcpClient.number(offer, 59));
    assertArrayEquals(new byte[] {5, (byte) 0xdc}, DhcpClient.options(offer).get(26));
    assertEquals("anna", text(offer, 12));
    assertEquals("maloca", text(offer, 15));
    assertEquals("\6maloca\0", text(offer, 119));
  }

  @Test
  void addressesOfThoseWhoLeftAreFreeForOthersWhenNoneElseIs() {
    int size = LAST - FIRST + 1;
    for (int port = 1; port <= 100 * size; port++) {
      int address = acquire(new DhcpClient(MAC + port), port);
      assertTrue(address >= FIRST && address <= LAST);
      server.left(port);
    }

    assertEquals(acquire(client, PORT), acquire(client, PORT + 1));
  }

  @Test
  void whoComesBackByAnotherPortHasItsAddressThereAndCanGiveItBack() {
    int address = acquire(client, PORT);
    server.left(PORT);
    assertEquals(0, server.addressOf(MAC));

    assertEquals(address, acquire(client, PORT + 1));
    assertEquals(address, server.addressOf(MAC));

    server.left(PORT + 1);
    assertEquals(0, server.addressOf(MAC));
  }

  @Test
  void anEndedReservationLeavesTheAddressToOthers() {
    server.reserve(MAC, FIRST);
    DhcpClient other = new DhcpClient(MAC + 1);
    assertEquals(FIRST + 1, acquire(other, 2));

    server.unreserve(MAC);
    server.reserve(MAC + 2, FIRST);

    assertEquals(FIRST, acquire(new DhcpClient(MAC + 2), 3));
    assertEquals(FIRST + 2, acquire(client, PORT));
  }

  private static String text(DhcpReply reply, int code) {
    return new String(DhcpClient.options(reply).get(code), StandardCharsets.US_ASCII);
  }

  @Test
  void sendsUnicastUnlessTheClientCannotTakeIt() {
    DhcpReply direct = discover(client);
    assertEquals(FIRST, direct.destinationAddress());
    assertEquals(MAC, direct.destinationMac());

    client.wantsBroadcast = true;
    DhcpReply broadcast = discover(client);
    assertEquals(-1, broadcast.destinationAddress());
    assertEquals(0xffff_ffff_ffffL, broadcast.destinationMac());
  }

  @Test
  void aMachineKeepsItsAddressLongAfterItsLease() {
    int address = acquire(client, PORT);
    acquire(new DhcpClient(MAC + 1), PORT);
    clock.advance(TimeUnit.DAYS.toNanos(30));
    acquire(new DhcpClient(MAC + 2), PORT);

    assertEquals(0, server.addressOf(MAC));
    assertEquals(address, acquire(client, PORT));
    assertEquals(address, server.addressOf(MAC));
  }

  @Test
  void givesTheAddressThatWasAskedForIfItIsFree() {
    DhcpReply offer = server.receive(client.message(1, 0, DhcpClient.option(50, LAST)), PORT);
    assertEquals(LAST, DhcpClient.yourAddress(offer));

    DhcpReply other =
        server.receive(new DhcpClient(MAC + 1).message(1, 0, DhcpClient.option(50, LAST)), PORT);
    assertEquals(FIRST, DhcpClient.yourAddress(other));
  }

  @Test
  void refusesAnAddressThatIsSomebodyElsesOrOfAnotherNetwork() {
    int taken = acquire(client, PORT);
    DhcpClient other = new DhcpClient(MAC + 1);

    DhcpReply nak = select(other, taken, PORT);
    assertEquals(6, DhcpClient.type(nak));
    assertEquals(0, DhcpClient.yourAddress(nak));
    assertEquals(-1, nak.destinationAddress());
    DhcpReply reboot =
        server.receive(other.message(3, 0, DhcpClient.option(50, 0xc0a8_0105)), PORT);
    assertEquals(6, DhcpClient.type(reboot));
  }

  @Test
  void saysNothingToWhoChoseAnotherServer() {
    assertNull(
        server.receive(
            client.message(3, 0, DhcpClient.option(54, SERVER + 7), DhcpClient.option(50, FIRST)),
            PORT));
  }

  @Test
  void renewsForAMachineThatOutlivedTheServer() {
    DhcpReply ack = server.receive(client.message(3, NETWORK | 20), PORT);

    assertEquals(5, DhcpClient.type(ack));
    assertEquals(NETWORK | 20, DhcpClient.yourAddress(ack));
    assertEquals(NETWORK | 20, ack.destinationAddress());
    assertEquals(NETWORK | 20, server.addressOf(MAC));
  }

  @Test
  void anAddressFoundInUseIsNotGivenForAWhile() {
    int address = acquire(client, PORT);
    assertNull(server.receive(client.message(4, 0, DhcpClient.option(50, address)), PORT));

    assertEquals(address + 1, acquire(client, PORT));
    DhcpReply nak = select(new DhcpClient(MAC + 5), address, PORT);
    assertEquals(6, DhcpClient.type(nak));
    clock.advance(TimeUnit.MINUTES.toNanos(11));
    assertEquals(5, DhcpClient.type(select(new DhcpClient(MAC + 5), address, PORT)));
  }

  @Test
  void aReleasedAddressIsForOthersOnceAllElseIsGone() {
    int address = acquire(client, PORT);
    server.receive(client.message(7, address), PORT);
    assertEquals(0, server.addressOf(MAC));

    Set<Integer> given = new HashSet<>();
    for (int i = 1; i <= LAST - FIRST; i++) {
      given.add(acquire(new DhcpClient(MAC + i), i));
    }
    assertFalse(given.contains(address));
    assertEquals(address, acquire(new DhcpClient(MAC + 100), 100));
    assertNull(discover(new DhcpClient(MAC + 101)));
  }

  @Test
  void nobodyReleasesOrDeclinesFromAnotherPort() {
    int address = acquire(client, PORT);
    server.receive(client.message(7, address), PORT + 1);
    server.receive(client.message(4, 0, DhcpClient.option(50, address)), PORT + 1);

    assertEquals(address, server.addressOf(MAC));
  }

  @Test
  void informGivesParametersAndNoAddress() {
    DhcpReply ack = server.receive(client.message(8, NETWORK | 99), PORT);

    assertEquals(5, DhcpClient.type(ack));
    assertEquals(0, DhcpClient.yourAddress(ack));
    assertNull(DhcpClient.options(ack).get(51));
    assertNotNull(DhcpClient.options(ack).get(6));
    assertEquals(NETWORK | 99, ack.destinationAddress());
  }

  @Test
  void aReservedAddressIsKeptForItsMachine() {
    server.reserve(MAC, FIRST);

    assertEquals(FIRST + 1, acquire(new DhcpClient(MAC + 1), PORT));
    assertEquals(FIRST, acquire(client, PORT));
  }

  @Test
  void onePortCannotTakeAllAddresses() {
    int given = 0;
    for (int i = 0; i < 100; i++) {
      given += discover(new DhcpClient(MAC + i)) != null ? 1 : 0;
    }
    assertEquals(LeaseTable.MAX_PER_PORT, given);
    assertNotNull(server.receive(new DhcpClient(MAC + 200).message(1, 0), PORT + 1));
  }

  @Test
  void offersThatNobodyTookAreForgotten() {
    for (int i = 0; i < LeaseTable.MAX_PER_PORT; i++) {
      discover(new DhcpClient(MAC + i));
    }
    assertNull(discover(new DhcpClient(MAC + 50)));
    clock.advance(TimeUnit.SECONDS.toNanos(61));
    assertNotNull(discover(new DhcpClient(MAC + 50)));
  }

  @Test
  void echoesTheClientIdentifier() {
    byte[] identifier = {1, 2, 3, 4, 5};
    DhcpReply offer =
        server.receive(client.message(1, 0, DhcpClient.rawOption(61, identifier)), PORT);

    assertArrayEquals(identifier, DhcpClient.options(offer).get(61));
  }

  @Test
  void readsOptionsThatFlowedOverIntoOtherFields() {
    ByteBuffer message = client.message(3, 0, DhcpClient.rawOption(52, (byte) 1));
    message.put(108, DhcpClient.option(50, NETWORK | 30)).put(114, (byte) 255);

    DhcpReply ack = server.receive(message, PORT);
    assertEquals(NETWORK | 30, DhcpClient.yourAddress(ack));
  }

  @Test
  void survivesWhateverIsSent() {
    Random random = new Random(7);
    byte[] whole = new byte[548];
    ByteBuffer request = client.message(3, 0, DhcpClient.option(50, FIRST));
    request.get(whole, 0, request.limit());
    for (int length = 0; length < whole.length; length++) {
      server.receive(ByteBuffer.wrap(whole, 0, length), PORT);
    }
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = whole.clone();
      for (int flips = random.nextInt(8); flips >= 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      for (int i = 240; i < bytes.length && round % 2 == 0; i++) {
        bytes[i] = (byte) random.nextInt();
      }
      DhcpReply reply = server.receive(ByteBuffer.wrap(bytes), random.nextInt(4));
      assertTrue(reply == null || reply.message().length <= 548);
    }
    assertNotNull(server.receive(client.message(1, 0), PORT + 9));
  }
}
