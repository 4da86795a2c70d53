package org.maloca.machine.config;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.maloca.net.NetworkMode;
import org.maloca.net.impair.Impairment;
import org.maloca.net.limit.RateLimit;

class NetConfigTest {
  private static NetConfig parse(String text) {
    return NetConfig.parse(text, 0, List.of());
  }

  private static NetCable.UserMode userMode(String text) {
    return (NetCable.UserMode) parse(text).cable();
  }

  @Test
  void user_mode_networks_have_modes_rules_and_names() {
    NetCable.UserMode plain = userMode("nat");
    assertEquals(
        new NetCable.UserMode(NetworkMode.NAT, null, null, false, null, true, List.of()), plain);
    assertEquals(NetworkMode.HOST_ONLY, userMode("host-only").mode());
    NetCable.UserMode strict =
        userMode("isolated,network=lan,listen=unix:l,loopback,egress=rules,deny");
    assertEquals(
        new NetCable.UserMode(
            NetworkMode.ISOLATED,
            "lan",
            UnixDomainSocketAddress.of("l"),
            true,
            Path.of("rules"),
            false,
            List.of()),
        strict);
  }

  @Test
  void sockets_have_addresses_of_tcp_udp_or_paths() {
    assertEquals(
        new NetCable.Stream(UnixDomainSocketAddress.of("/tmp/a"), true, 1000),
        parse("stream,listen=unix:/tmp/a").cable());
    assertEquals(
        new NetCable.Stream(new InetSocketAddress(InetAddress.ofLiteral("::1"), 1234), false, 50),
        parse("stream,connect=[::1]:1234,reconnect=50").cable());
    assertEquals(
        new NetCable.Datagram(
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 1),
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 2)),
        parse("dgram,local=localhost:1,remote=127.0.0.1:2").cable());
    assertEquals(
        new NetCable.Datagram(UnixDomainSocketAddress.of("a"), UnixDomainSocketAddress.of("b")),
        parse("dgram,local=unix:a,remote=unix:b").cable());
    assertEquals(new NetCable.Tap("tap7"), parse("tap,ifname=tap7").cable());
    assertEquals(1280, parse("tap,ifname=tap7,mtu=1280").mtuBytes());
    assertThrows(ConfigException.class, () -> parse("nat,mtu=1280"));
  }

  @Test
  void the_line_has_limits_with_bursts_and_faults() {
    NetConfig config =
        parse("nat,bps-out=1000000,burst-out=200000,pps-in=50,loss=1,duplicate=0.5%,seed=9");

    assertEquals(new RateLimit(1_000_000, 200_000, 0, 64), config.fromGuest());
    assertEquals(RateLimit.of(0, 50), config.toGuest());
    assertEquals(new Impairment(0.01, 0.005, 0, 9), config.impairment());
    assertTrue(parse("nat").fromGuest().isNone());
  }

  @Test
  void cards_have_addresses_one_behind_the_other_unless_told_otherwise() {
    assertArrayEquals(
        new byte[] {0x52, 0x54, 0, 0x12, 0x34, 0x58},
        NetConfig.parse("nat", 2, List.of()).macBytes());
    assertEquals(0x02_00_00_00_00_0aL, parse("tap,ifname=t,mac=02:00:00:00:00:0A").mac());
  }

  @Test
  void cards_on_shared_networks_have_addresses_that_nobody_else_has() {
    for (String text :
        new String[] {"nat,network=lan", "nat,listen=unix:a", "stream,connect=unix:a"}) {
      NetConfig first = parse(text);
      NetConfig second = parse(text);

      assertEquals(0x52_54_00L, first.mac() >> 24);
      assertNotEquals(first.mac(), second.mac());
    }
  }

  @Test
  void nonsense_is_refused() {
    for (String text :
        new String[] {
          "",
          "bridge",
          "nat,loss=101",
          "nat,loss=x",
          "nat,listen=x",
          "nat,connect=unix:/tmp/a",
          "nat,mac=01:00:00:00:00:00",
          "stream",
          "stream,listen=unix:a,connect=unix:b",
          "stream,connect=example.org:80",
          "stream,connect=127.0.0.1:70000",
          "dgram,local=unix:a",
          "dgram,local=unix:a,remote=127.0.0.1:1",
          "tap",
          "tap,ifname=a,loopback"
        }) {
      assertThrows(ConfigException.class, () -> parse(text), text);
    }
    assertThrows(
        ConfigException.class,
        () -> NetConfig.parse("tap,ifname=a", 0, List.of("2222:22")),
        "a forward without a network of ours");
  }
}
