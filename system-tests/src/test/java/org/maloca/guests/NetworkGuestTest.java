package org.maloca.guests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.cli.guest.GuestArchitecture;
import org.maloca.machine.board.Accelerators;
import org.maloca.machine.config.MachineConfig;
import org.maloca.machine.config.NetConfig;
import org.maloca.machine.device.NetworkPlug;
import org.maloca.machine.device.SharedNetworks;

/**
 * Linux on a user-mode network that QEMU's guest joins by a stream, and on a cable of datagrams to
 * that guest; both guests boot once for all tests.
 */
class NetworkGuestTest {
  private static final String OURS = "10.0.2.15";
  private static final String THEIRS = "10.0.2.40";
  private static final int PAUSE_SECONDS = 6;
  private static final int LONG_PAUSE_SECONDS = 25;

  @TempDir static Path folder;

  private static GuestConsole guest;
  private static QemuGuest other;

  @BeforeAll
  static void boot() throws Exception {
    MachineConfig config =
        LinuxGuests.withDevices(LinuxGuests.provide(GuestArchitecture.AMD64), 1, "", folder);
    Path hub = folder.resolve("hub");
    Path here = folder.resolve("here");
    Path there = folder.resolve("there");
    guest =
        GuestConsole.boot(
            config,
            Accelerators.translator(),
            List.of(
                card("nat,loopback,listen=unix:" + hub, 0),
                card("dgram,local=unix:%s,remote=unix:%s".formatted(here, there), 1)));
    if (QemuGuest.isPresent()) {
      List<String> words =
          List.of(
              "-netdev",
              "stream,id=a,server=off,addr.type=unix,addr.path=" + hub,
              "-device",
              "virtio-net-pci,netdev=a,romfile=",
              "-netdev",
              "dgram,id=b,local.type=unix,local.path=%s,remote.type=unix,remote.path=%s"
                  .formatted(there, here),
              "-device",
              "virtio-net-pci,netdev=b,romfile=");
      other = QemuGuest.boot(config.boot(), words, folder);
      other.line().await(GuestConsole.READY);
      other.line().run(GuestConsole.LOAD_DRIVERS);
      other.line().run(setUp(THEIRS, "10.7.0.2"));
    }
    guest.await(GuestConsole.READY);
    guest.loadDrivers();
    guest.run(setUp(OURS, "10.7.0.1"));
  }

  private static NetworkPlug card(String cable, int index) {
    NetConfig config = NetConfig.parse(cable, index, List.of());
    return new NetworkPlug(config, "ours", new SharedNetworks(), made -> {});
  }

  private static String setUp(String first, String second) {
    return "ip link set eth0 up; ip link set eth1 up; ip addr add %s/24 dev eth0; ip addr add %s/24 dev eth1"
        .formatted(first, second);
  }

  @AfterAll
  static void close() {
    if (other != null) {
      other.close();
    }
    if (guest != null) {
      guest.close();
    }
  }

  private static ServerSocket listen() throws IOException {
    ServerSocket server = new ServerSocket(0, 10, InetAddress.ofLiteral("127.0.0.1"));
    server.setSoTimeout(120_000);
    return server;
  }

  private static BufferedReader accept(ServerSocket server) throws IOException {
    Socket socket = server.accept();
    socket.setSoTimeout(120_000);
    // The socket is closed with the reader.
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
  }

  @Test
  void qemusGuestIsOnTheNetworkWithAllOthersAndTheGateway() throws IOException {
    assumeTrue(other != null, "there is no QEMU here");
    assertNotEquals(
        other.line().run("cat /sys/class/net/eth0/address"),
        guest.run("cat /sys/class/net/eth0/address"));
    assertPings(guest.run("ping -c 3 " + THEIRS));
    assertPings(other.line().run("ping -c 3 -s 1400 " + OURS));
    try (ServerSocket server = listen()) {
      other.line().send("echo from QEMU | nc 10.0.2.2 " + server.getLocalPort());
      try (BufferedReader lines = accept(server)) {
        assertEquals("from QEMU", lines.readLine());
      }
      other.line().await("@@done 0@@");
    }
  }

  @Test
  void datagramsReachQemusGuest() {
    assumeTrue(other != null, "there is no QEMU here");
    assertPings(guest.run("ping -c 3 10.7.0.2"));
    assertPings(other.line().run("ping -c 3 -s 1400 10.7.0.1"));
  }

  private static void assertPings(String output) {
    assertTrue(output.contains("3 packets received"), output);
  }

  @Test
  void aPauseLeavesTheClockRightAndConnectionsOpen() throws Exception {
    assertAPauseIsBorne(PAUSE_SECONDS, "true");
  }

  /** The guest's own time does not go through so long a pause, but the real-time clock does. */
  @Test
  @EnabledIfSystemProperty(named = "maloca.debian", matches = ".*")
  void aLongPauseLeavesTheRealTimeClockRightAndConnectionsOpen() throws Exception {
    assertAPauseIsBorne(LONG_PAUSE_SECONDS, "hwclock -s -u");
  }

  private static void assertAPauseIsBorne(int seconds, String setClock) throws Exception {
    String lease = lease();
    try (ServerSocket server = listen()) {
      guest.run(
          "(while sleep 0.1; do echo tick; done) | nc 10.0.2.2 %d > /dev/null 2>&1 &"
              .formatted(server.getLocalPort()));
      try (BufferedReader lines = accept(server)) {
        assertEquals("tick", lines.readLine());
        assertClockIsRight();

        guest.vm().pause();
        Thread.sleep(seconds * 1000L);
        guest.vm().resume();

        guest.run(setClock);
        assertClockIsRight();
        // More than can have been on its way before.
        for (int i = 0; i < 100; i++) {
          assertEquals("tick", lines.readLine());
        }
      }
    }
    assertEquals(lease, lease());
  }

  private static String lease() {
    String words = guest.run("udhcpc -i eth0 -n -q -s /bin/true 2>&1");
    return words.replaceFirst("(?s).*lease of ([0-9.]+) obtained.*", "$1");
  }

  private static void assertClockIsRight() {
    long before = Instant.now().getEpochSecond();
    long said = Long.parseLong(guest.run("date +%s"));
    long after = Instant.now().getEpochSecond();
    assertTrue(before - 2 <= said && said <= after + 2, before + " " + said + " " + after);
  }
}
