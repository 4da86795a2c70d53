package org.maloca.net.dhcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.maloca.core.time.ManualClock;

final class Dhcp6ServerTest {
  private static final String SERVER_ID = "0002000a00030001525400000002";
  private static final int SOLICIT = 1;
  private static final int REQUEST = 3;
  private static final int CONFIRM = 4;
  private static final int RENEW = 5;
  private static final int RELEASE = 8;
  private static final int DECLINE = 9;
  private static final int INFORMATION_REQUEST = 11;

  private final ManualClock clock = new ManualClock();
  private final Dhcp6Server server =
      new Dhcp6Server(
          new Dhcp6Config(
              address("fd00::"),
              0x525400000002L,
              0x100,
              20,
              List.of(address("fd00::3")),
              "maloca",
              3600),
          clock);

  private static Inet6Address address(String text) {
    return (Inet6Address) InetAddress.ofLiteral(text);
  }

  private static String client(int number) {
    return "0001000a00030001%012x".formatted(number);
  }

  private static String association(String address) {
    return address.isEmpty()
        ? "0003000c00000007" + "0".repeat(16)
        : "0003002800000007" + "0".repeat(16) + "00050018" + hex(address) + "0".repeat(16);
  }

  private static String hex(String address) {
    return HexFormat.of().formatHex(address(address).getAddress());
  }

  private String ask(int port, int type, String... options) {
    byte[] message =
        HexFormat.of().parseHex("%02xabcdef".formatted(type) + String.join("", options));
    byte[] reply = server.receive(ByteBuffer.wrap(message), port);
    return reply == null ? null : HexFormat.of().formatHex(reply);
  }

  private String acquire(int number, int port) {
    String reply = ask(port, REQUEST, client(number), SERVER_ID, association(""));
    int at = reply.indexOf("00050018") + 8;
    return at < 8 ? null : reply.substring(at, at + 32);
  }

  @Test
  void advertisesAnAddressWithParameters() {
    assertEquals(
        "02abcdef"
            + SERVER_ID
            + client(9)
            + "0003002800000007"
            + "00000708"
            + "00000b40"
            + "00050018"
            + hex("fd00::100")
            + "00000e1000000e10"
            + "00170010"
            + hex("fd00::3")
            + "00180008066d616c6f636100",
        ask(1, SOLICIT, client(9), association("")));
  }

  @Test
  void aClientKeepsItsAddress() {
    String address = acquire(9, 1);
    assertEquals(hex("fd00::100"), address);
    assertEquals(hex("fd00::101"), acquire(10, 1));
    clock.advance(TimeUnit.DAYS.toNanos(3));
    acquire(11, 1);
    assertEquals(address, acquire(9, 1));
  }

  @Test
  void addressesOfThoseWhoLeftAreFreeForOthersWhenNoneElseIs() {
    for (int port = 1; port <= 100; port++) {
      assertTrue(acquire(port, port) != null);
      server.left(port);
    }

    String address = acquire(9, 1);
    server.left(1);
    assertEquals(address, acquire(9, 2));
    server.left(2);
    for (int number = 200; number < 216; number++) {
      acquire(number, 3);
    }
    for (int number = 216; number < 220; number++) {
      assertTrue(acquire(number, 4) != null);
    }
  }

  @Test
  void renewsForAClientThatOutlivedTheServer() {
    String reply = ask(1, RENEW, client(9), SERVER_ID, association("fd00::107"));
    assertTrue(reply.contains("00050018" + hex("fd00::107")), reply);
  }

  @Test
  void commitsAtOnceIfTheClientWishesSo() {
    String reply = ask(1, SOLICIT, client(9), "000e0000", association(""));
    assertTrue(reply.startsWith("07abcdef"), reply);
    assertTrue(reply.contains("000e0000"), reply);
  }

  @Test
  void tellsParametersToWhoHasAnAddress() {
    String reply = ask(1, INFORMATION_REQUEST);
    assertEquals(
        "07abcdef" + SERVER_ID + "00170010" + hex("fd00::3") + "00180008066d616c6f636100", reply);
  }

  @Test
  void confirmsAddressesOfThisNetworkOnly() {
    assertTrue(ask(1, CONFIRM, client(9), association("fd00::1")).contains("000d00020000"));
    assertTrue(ask(1, CONFIRM, client(9), association("fd01::1")).contains("000d00020004"));
  }

  @Test
  void saysNothingToWhoMeansAnotherServerOrHasNoName() {
    assertNull(ask(1, REQUEST, client(9), association("")));
    assertNull(ask(1, SOLICIT, client(9), SERVER_ID, association("")));
    assertNull(ask(1, SOLICIT, association("")));
    assertNull(ask(1, REQUEST, client(9), SERVER_ID.replace("02", "03"), association("")));
    assertNull(ask(1, 12));
  }

  @Test
  void aDeclinedAddressIsNotGivenForAWhile() {
    acquire(9, 1);
    assertTrue(
        ask(2, DECLINE, client(9), SERVER_ID, association("fd00::100")).contains("000d00020003"));
    ask(1, DECLINE, client(9), SERVER_ID, association("fd00::100"));
    assertEquals(hex("fd00::101"), acquire(9, 1));
  }

  @Test
  void releasedAddressesAreForOthersOnceAllElseIsGone() {
    acquire(0, 0);
    ask(0, RELEASE, client(0), SERVER_ID, association("fd00::100"));
    for (int i = 1; i < 20; i++) {
      assertNotNull(acquire(i, i));
    }
    assertEquals(hex("fd00::100"), acquire(50, 50));
    assertNull(acquire(51, 51));
  }

  @Test
  void onePortCannotTakeAllAddresses() {
    int given = 0;
    for (int i = 0; i < 19; i++) {
      given += acquire(i, 1) != null ? 1 : 0;
    }
    assertEquals(LeaseTable.MAX_PER_PORT, given);
    assertNotNull(acquire(100, 2));
  }

  @Test
  void survivesWhateverIsSent() {
    byte[] whole =
        HexFormat.of().parseHex("01abcdef" + client(9) + association("fd00::105") + "000e0000");
    Random random = new Random(3);
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = Arrays.copyOf(whole, random.nextInt(whole.length + 20));
      for (int flips = bytes.length == 0 ? 0 : random.nextInt(6); flips > 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      byte[] reply = server.receive(ByteBuffer.wrap(bytes), random.nextInt(3));
      assertTrue(reply == null || reply.length <= 1024);
    }
    byte[] empty = server.receive(ByteBuffer.wrap(new byte[0]), 1);
    assertArrayEquals(null, empty);
  }
}
