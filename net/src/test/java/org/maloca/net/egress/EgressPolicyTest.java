package org.maloca.net.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.maloca.core.time.ManualClock;

final class EgressPolicyTest {
  private static final int ICMP = 1;
  private static final int TCP = 6;
  private static final int UDP = 17;

  private final ManualClock clock = new ManualClock();
  private final ResolvedNames names = new ResolvedNames(clock);

  private boolean allows(EgressPolicy policy, int protocol, String address, int port) {
    return policy.allows(protocol, InetAddress.ofLiteral(address), port, names);
  }

  private void resolve(String name, String address) {
    names.add(name, false, InetAddress.ofLiteral(address), 60);
  }

  @Test
  void theFirstRuleThatMatchesDecides() {
    EgressPolicy policy =
        EgressPolicy.parse(
            List.of(
                "# the lab",
                "",
                "allow 10.1.2.3 tcp/80,8000-8099",
                "deny 10.0.0.0/8",
                "deny fd00::/8",
                "allow 10.1.2.3"),
            true);

    assertTrue(allows(policy, TCP, "10.1.2.3", 80));
    assertTrue(allows(policy, TCP, "10.1.2.3", 8099));
    assertFalse(allows(policy, TCP, "10.1.2.3", 8100));
    assertFalse(allows(policy, UDP, "10.1.2.3", 80));
    assertFalse(allows(policy, ICMP, "10.255.255.255", 0));
    assertFalse(allows(policy, TCP, "fd12::1", 80));
    assertTrue(allows(policy, TCP, "11.0.0.0", 80));
    assertTrue(allows(policy, TCP, "fe80::1", 80));
    assertTrue(policy.allowsIpv4(TCP, 0x0a01_0203, 80, names));
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0/0, 255.255.255.255, true",
    "0.0.0.0/0, 2001:db8::1, false",
    "::/0, 1.2.3.4, false",
    "::/0, 2001:db8::1, true",
    "any, 1.2.3.4, true",
    "any, 2001:db8::1, true",
    "192.0.2.128/25, 192.0.2.127, false",
    "192.0.2.128/25, 192.0.2.128, true",
    "192.0.2.1, 192.0.2.1, true",
    "192.0.2.1, 192.0.2.0, false",
    "2001:db8::/33, 2001:db8:7fff::, true",
    "2001:db8::/33, 2001:db8:8000::, false",
    "2001:db8::/65, 2001:db8::7fff:0:0:0, true",
    "2001:db8::/65, 2001:db8::8000:0:0:0, false",
    "2001:db8::1/128, 2001:db8::1, true",
    "2001:db8::1/128, 2001:db8::, false",
  })
  void comparesNetworks(String network, String address, boolean isInside) {
    EgressPolicy policy = EgressPolicy.parse(List.of("allow " + network), false);
    assertEquals(isInside, allows(policy, TCP, address, 1));
  }

  @Test
  void allowsWhatWasResolvedFromANameThatIsAllowed() {
    EgressPolicy policy =
        EgressPolicy.parse(List.of("allow *.debian.org tcp/443", "allow example"), false);

    assertFalse(allows(policy, TCP, "192.0.2.1", 443));
    resolve("deb.debian.org", "192.0.2.1");
    resolve("notdebian.org", "192.0.2.2");
    resolve("debian.org", "192.0.2.3");
    resolve("example", "192.0.2.4");
    assertTrue(allows(policy, TCP, "192.0.2.1", 443));
    assertFalse(allows(policy, TCP, "192.0.2.1", 80));
    assertFalse(allows(policy, TCP, "192.0.2.2", 443));
    assertFalse(allows(policy, TCP, "192.0.2.3", 443));
    assertTrue(allows(policy, UDP, "192.0.2.4", 9));
  }

  @Test
  void namesLeadToAddressesOfBothVersions() {
    EgressPolicy policy = EgressPolicy.parse(List.of("allow *.debian.org", "deny ::/0"), true);
    resolve("deb.debian.org", "2001:db8::1");

    assertTrue(allows(policy, TCP, "2001:db8::1", 443));
    assertFalse(allows(policy, TCP, "2001:db8::2", 443));
    assertTrue(allows(policy, TCP, "192.0.2.9", 443));
  }

  @Test
  void anAliasForbidsButAllowsNothing() {
    names.add("cdn.example", true, InetAddress.ofLiteral("192.0.2.1"), 60);

    assertFalse(
        allows(EgressPolicy.parse(List.of("allow cdn.example"), false), TCP, "192.0.2.1", 1));
    assertFalse(allows(EgressPolicy.parse(List.of("deny cdn.example"), true), TCP, "192.0.2.1", 1));
  }

  @Test
  void namesAreForgottenAfterAWhile() {
    EgressPolicy policy = EgressPolicy.parse(List.of("allow example"), false);
    resolve("example", "192.0.2.1");
    clock.advance(TimeUnit.SECONDS.toNanos(299));
    assertTrue(allows(policy, TCP, "192.0.2.1", 1));
    clock.advance(TimeUnit.SECONDS.toNanos(2));
    assertFalse(allows(policy, TCP, "192.0.2.1", 1));
  }

  @Test
  void remembersNoMoreThanItsShare() {
    for (int i = 0; i < 3 * ResolvedNames.MAX_ADDRESSES; i++) {
      resolve("a" + i, "10.1." + i / 256 + "." + i % 256);
    }
    assertEquals(ResolvedNames.MAX_ADDRESSES, names.size());
    for (int i = 0; i < 100; i++) {
      resolve("b" + i, "192.0.2.1");
    }
    EgressPolicy policy = EgressPolicy.parse(List.of("allow b0"), false);
    assertFalse(allows(policy, TCP, "192.0.2.1", 1));
    policy = EgressPolicy.parse(List.of("allow b99"), false);
    assertTrue(allows(policy, TCP, "192.0.2.1", 1));
  }

  @Test
  void aNameThatIsDeniedWhollyIsNotResolved() {
    EgressPolicy policy =
        EgressPolicy.parse(
            List.of("allow good.bad.example", "deny *.bad.example", "deny x.example tcp/25"), true);

    assertFalse(policy.allowsName("very.bad.example"));
    assertTrue(policy.allowsName("good.bad.example"));
    assertTrue(policy.allowsName("x.example"));
    assertTrue(policy.allowsName("bad.example"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "allow | a rule is",
        "permit any | neither allow nor deny",
        "allow any sctp | none of tcp",
        "allow any icmp/5 | ports go with",
        "allow any tcp/ | not a port",
        "allow any tcp/80- | not a port",
        "allow any tcp/90-80 | not a port (90 to 65535)",
        "allow any tcp/65536 | not a port",
        "allow 10.0.0.0/33 | prefix length",
        "allow 10.0.0.0/-1 | prefix length",
        "allow 10.0.0 | not an IP address",
        "allow 10.0.0.256 | not an IP address",
        "allow fe80::zz | not an IP address",
        "allow *.*.example | neither a network nor a name",
        "allow exa_mple!.org | neither a network nor a name",
        "allow any tcp/1 extra | a rule is",
      })
  void tellsWhatIsWrongWithARule(String rule, String complaint) {
    Exception refusal =
        assertThrows(IllegalArgumentException.class, () -> EgressPolicy.parse(List.of(rule), true));
    assertTrue(refusal.getMessage().contains(complaint), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("'" + rule + "'"), refusal.getMessage());
  }

  @Test
  void refusesAllElseWithTheSameKindOfException() {
    Random random = new Random(9);
    String[] words = {"allow", "deny", "any", "10.0.0.0/8", "*.a", "tcp", "/", "80", "-", ",", " "};
    int accepted = 0;
    for (int round = 0; round < 20_000; round++) {
      StringBuilder rule = new StringBuilder("allow ");
      for (int i = random.nextInt(6); i >= 0; i--) {
        rule.append(
            random.nextInt(8) == 0
                ? String.valueOf((char) random.nextInt(0x300))
                : words[random.nextInt(words.length)]);
      }
      try {
        EgressPolicy.parse(List.of(rule.toString()), true);
        accepted++;
      } catch (IllegalArgumentException refused) {
        assertTrue(refused.getMessage().contains("egress rule"));
      }
    }
    assertTrue(accepted > 100);
  }
}
