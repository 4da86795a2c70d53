package org.maloca.guests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.cli.Main;
import org.maloca.cli.guest.GuestArchitecture;
import org.maloca.machine.config.BootConfig;

/**
 * A Linux guest behind the NAT of a host whose network is the test's own: pings by the host's ICMP
 * sockets, and what becomes of the guest's network when the host's changes. One boot for all tests.
 */
class HostNetworkTest {
  private static final String ASK = "echo hello | nc -w 5 %s " + OutsideProgram.PORT;
  private static final String ADDRESS_OF =
      "nslookup -type=a %s | sed -n 's/^Address: *//p' | tail -1";
  private static final String NEW_ADDRESS = "192.0.2.77";
  private static final int NARROW_BYTES = 800;
  private static final int FIRST_CARD = 0;

  @TempDir static Path folder;

  private static HostNamespace host;
  private static Process outside;
  private static ProcessConsole machine;
  private static int card = FIRST_CARD;

  @BeforeAll
  static void boot() throws Exception {
    BootConfig boot =
        LinuxGuests.withDevices(LinuxGuests.provide(GuestArchitecture.AMD64), 1, "", folder).boot();
    host = HostNamespace.make(folder);
    outside =
        host.outsideProgram(
                java(OutsideProgram.class, List.of(HostNamespace.ROUTER, HostNamespace.FAR)))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader said = outside.inputReader();
    assertEquals("ready", said.readLine());
    machine = ProcessConsole.start(host.hostProgram(java(Main.class, words(boot))));
    machine.line().await(GuestConsole.READY);
    run(GuestConsole.LOAD_DRIVERS);
    run(
        "ip link set eth0 up; ip addr add 10.0.2.15/24 dev eth0; ip route add default via 10.0.2.2");
    run("echo nameserver 10.0.2.3 > /etc/resolv.conf");
    run("until ip -6 route | grep -q default; do sleep 0.1; done");
  }

  private static List<String> words(BootConfig boot) throws IOException {
    List<String> words = new ArrayList<>(List.of("run", "--kernel", boot.kernel().toString()));
    for (Path initrd : boot.initrds()) {
      words.addAll(List.of("--initrd", initrd.toString()));
    }
    words.addAll(List.of("--append", boot.commandLine()));
    for (String card : List.of("nat", "none", "isolated", "host-only", rules())) {
      words.addAll(List.of("--net", card));
    }
    return words;
  }

  /** A card that may reach a network of IPv4 and a name of IPv6. */
  private static String rules() throws IOException {
    Path file = folder.resolve("rules");
    Files.writeString(
        file,
        "allow sixsix.example.org tcp/%1$d%ndeny ::/0%nallow 198.51.100.0/28 tcp/%1$d%n"
            .formatted(OutsideProgram.PORT));
    return "nat,deny,egress=" + file;
  }

  /** Has the guest talk by one of its other cards. */
  private static void use(int other) {
    run("ip link set eth%d down; ip link set eth%d up; sleep 0.1".formatted(card, other));
    run("ip addr replace 10.0.2.15/24 dev eth" + other);
    run("ip route replace default via 10.0.2.2 dev eth%d || true".formatted(other));
    card = other;
  }

  private static void awaitRoute6() {
    run("until ip -6 route | grep -q 'default.*eth%d'; do sleep 0.1; done".formatted(card));
  }

  private static List<String> java(Class<?> main, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    return command;
  }

  private static String run(String command) {
    return machine.line().run(command);
  }

  @AfterAll
  static void close() throws Exception {
    if (machine != null) {
      machine.close();
    }
    if (outside != null) {
      outside.destroyForcibly();
    }
    if (host != null) {
      host.close();
    }
  }

  @AfterEach
  void setNetworkBack() throws Exception {
    host.narrow(1500);
    if (card != FIRST_CARD) {
      use(FIRST_CARD);
      awaitRoute6();
    }
    host.inHost("ip route del default via " + HostNamespace.OTHER_ROUTER + " metric 1 || true");
    host.inHost("ip link set h1 down; ip addr replace %s/24 dev h0".formatted(HostNamespace.HOST));
    host.plugIn();
    host.setResolver(HostNamespace.ROUTER);
  }

  private static void assertNewConnectionsComeFrom(String address) {
    assertEquals("from " + address + "\nhello", run(ASK.formatted(HostNamespace.FAR)));
  }

  @Test
  void pingsOfBothVersionsGoOutByTheHostsSockets() {
    String four = run("ping -c 2 -s 2000 " + HostNamespace.FAR);
    assertTrue(four.contains("2 packets received"), four);
    String six = run("ping -6 -c 2 -s 2000 " + HostNamespace.FAR6);
    assertTrue(six.contains("2 packets received"), six);
  }

  @Test
  void whatRoutersSayOfPingsReachesTheGuest() {
    int expired = icmp("InTimeExcds");
    int unreachable = icmp("InDestUnreachs");

    // The gateway is the first hop.
    run("ping -c 1 -W 3 -t 2 %s; true".formatted(HostNamespace.FARTHER));
    run("ping -c 1 -W 3 %s; true".formatted(HostNamespace.NOWHERE));

    assertEquals(expired + 1, icmp("InTimeExcds"));
    assertEquals(unreachable + 1, icmp("InDestUnreachs"));
  }

  /** What the guest's kernel has counted of ICMP messages. */
  private static int icmp(String counter) {
    return counter("Icmp", counter);
  }

  private static int counter(String protocol, String counter) {
    String[] lines = run("grep ^%s: /proc/net/snmp".formatted(protocol)).split("\n");
    int column = List.of(lines[0].split(" ")).indexOf(counter);
    return Integer.parseInt(lines[1].split(" ")[column]);
  }

  /** The guest's programs see the errors that they would see on the host. */
  @Test
  void connectionsAndDatagramsThatLeadNowhereAreToldWhy() throws Exception {
    String connect = "nc -w 9 %s 7 < /dev/null 2>&1; true";
    assertEquals("Connection refused", why(run(connect.formatted(HostNamespace.FAR))));
    assertEquals("No route to host", why(run(connect.formatted(HostNamespace.NOWHERE))));
    assertEquals("No route to host", why(run(connect.formatted(HostNamespace.ABSENT))));
    // Where nobody listens, and where no way leads on.
    for (String address : List.of(HostNamespace.OTHER_ROUTER, HostNamespace.NOWHERE)) {
      int unreachable = icmp("InDestUnreachs");
      run("timeout 3 nslookup example.org %s; true".formatted(address));
      assertTrue(icmp("InDestUnreachs") > unreachable, address);
    }

    host.unplug();
    assertEquals("Network is unreachable", why(run(connect.formatted(HostNamespace.FAR))));
    assertEquals("Network is unreachable", why(run(connect.formatted(HostNamespace.FAR6))));
  }

  private static String why(String said) {
    return said.replaceFirst("(?s).*: ", "");
  }

  @Test
  void aConnectionOutlastsAnInterfaceThatGoesAndComesBack() throws Exception {
    run(
        "mkfifo /tmp/in; (nc %s %d < /tmp/in > /tmp/out) & true"
            .formatted(HostNamespace.FAR, OutsideProgram.PORT));
    run("(while sleep 0.2; do echo tick; done > /tmp/in) & true");
    run("until grep -q tick /tmp/out; do sleep 0.1; done");

    host.unplug();
    String refused = run("(" + ASK.formatted(HostNamespace.FAR) + ") 2>&1; true");
    assertEquals("", refused.replaceFirst("nc: .*", ""));
    run("cat /tmp/out > /tmp/before");
    host.plugIn();

    run("until [ $(wc -l < /tmp/out) -gt $(($(wc -l < /tmp/before) + 20)) ]; do sleep 0.1; done");
    run("! grep -v -x -e tick -e 'from .*' /tmp/out");
    assertNewConnectionsComeFrom(HostNamespace.HOST);
    assertTrue(run("ping -c 1 " + HostNamespace.FAR).contains("1 packets received"));
  }

  @Test
  void newConnectionsTakeTheWayOfAVpnThatCameUp() throws Exception {
    assertNewConnectionsComeFrom(HostNamespace.HOST);

    host.inHost("ip link set h1 up");
    host.inHost("ip route add default via %s metric 1".formatted(HostNamespace.OTHER_ROUTER));
    host.inHost("ip route del default via %s; true".formatted(HostNamespace.ROUTER));

    assertNewConnectionsComeFrom(HostNamespace.OTHER_HOST);
    assertTrue(run("ping -c 1 " + HostNamespace.FAR).contains("1 packets received"));
  }

  @Test
  void datagramsTakeTheWayThatThereIsNowAndAreAnsweredByAnErrorWhereThereIsNone() throws Exception {
    String ask = ADDRESS_OF.formatted("whoami.example.org " + HostNamespace.FAR);
    assertEquals(HostNamespace.HOST, run(ask));

    host.unplug();
    int unreachable = icmp("InDestUnreachs");
    run("timeout 3 nslookup whoami.example.org %s 2>&1; true".formatted(HostNamespace.FAR));
    assertTrue(icmp("InDestUnreachs") > unreachable);
    host.inHost("ip addr del %s/24 dev h0".formatted(HostNamespace.HOST));
    host.inHost("ip addr add %s/24 dev h0".formatted(NEW_ADDRESS));
    host.plugIn();

    assertEquals(NEW_ADDRESS, run(ask));
    assertNewConnectionsComeFrom(NEW_ADDRESS);
    host.inHost("ip addr del %s/24 dev h0".formatted(NEW_ADDRESS));
  }

  @Test
  void namesAreAskedOfTheResolversThatTheHostHasNow() throws Exception {
    String ask = ADDRESS_OF.formatted("example.org");
    assertEquals(HostNamespace.ROUTER, run(ask));

    host.setResolver(HostNamespace.FAR);

    assertEquals(HostNamespace.FAR, run(ask));
  }

  @Test
  void aLinkOnTheWayThatIsTooNarrowIsToldOf() throws Exception {
    host.inHost("ip link set h1 up");
    host.narrow(NARROW_BYTES);
    int unreachable = icmp("InDestUnreachs");

    run("ping -c 1 -W 3 -s 900 %s; true".formatted(HostNamespace.FARTHER));

    assertEquals(unreachable + 1, icmp("InDestUnreachs"));
    // It goes by that from now on.
    int fragmented = counter("Ip", "FragOKs");
    run("ping -c 1 -W 1 -s 900 %s; true".formatted(HostNamespace.FARTHER));
    assertEquals(fragmented + 1, counter("Ip", "FragOKs"));
  }

  @Test
  void aGuestWhoseOwnLinkIsNarrowExchangesWhatItLikes() {
    run("ip link set eth0 mtu 1280");

    String four = run("ping -c 2 -s 3000 " + HostNamespace.FAR);
    assertTrue(four.contains("2 packets received"), four);
    String six = run("ping -6 -c 2 -s 3000 " + HostNamespace.FAR6);
    assertTrue(six.contains("2 packets received"), six);
    int greetingBytes = "from %s\n".formatted(HostNamespace.HOST).length();
    run("head -c 500000 /dev/zero > /tmp/zeros");
    assertEquals(
        "" + (500_000 + greetingBytes),
        run(
            "nc -w 20 %s %d < /tmp/zeros | wc -c"
                .formatted(HostNamespace.FAR, OutsideProgram.PORT)));
    run("ip link set eth0 mtu 1500");
  }

  @Test
  void aCableThatIsOutCarriesNothing() {
    use(1);

    assertEquals("0", run("cat /sys/class/net/eth1/carrier"));
  }

  @Test
  void anIsolatedNetworkHasItsServicesAndLeadsNowhere() {
    use(2);

    assertLeadsNowhere("eth2");
  }

  @Test
  void aNetworkOfTheHostAloneHasItsServicesAndLeadsNowhere() {
    use(3);

    assertLeadsNowhere("eth3");
  }

  private static void assertLeadsNowhere(String card) {
    String lease = run("udhcpc -i %s -n -q -s /bin/true 2>&1".formatted(card));
    assertTrue(lease.contains("lease of 10.0.2."), lease);
    String gateway = run("ping -c 1 10.0.2.2");
    assertTrue(gateway.contains("1 packets received"), gateway);
    assertEquals("10.0.2.2", run(ADDRESS_OF.formatted("gateway")));
    // None but the server's own.
    assertEquals("10.0.2.3:53", run(ADDRESS_OF.formatted("example.org")));
    // There are router advertisements, though no router.
    run(
        "until ip -6 addr show dev %s | grep 'scope global' | grep -qv tentative; do sleep 0.1; done"
            .formatted(card));
    String connect = "nc -w 5 %s %d < /dev/null 2>&1; true";
    String far = run(connect.formatted(HostNamespace.FAR, OutsideProgram.PORT));
    assertEquals("Network is unreachable", why(far));
    String far6 = run(connect.formatted(HostNamespace.FAR6, OutsideProgram.PORT));
    assertEquals("Network is unreachable", why(far6));
  }

  @Test
  void rulesHoldForNetworksAndNamesOfBothVersions() {
    use(4);
    awaitRoute6();

    assertNewConnectionsComeFrom(HostNamespace.HOST);
    String refused = "(" + ASK + ") 2>&1; true";
    assertEquals("Connection refused", why(run(refused.formatted(HostNamespace.ROUTER))));
    assertEquals("Connection refused", why(run(refused.formatted(HostNamespace.FAR6))));
    run("nslookup -type=aaaa sixsix.example.org");
    assertEquals("from 2001:db8:1:0:0:0:0:1\nhello", run(ASK.formatted(HostNamespace.FAR6)));
  }
}
