package org.maloca.net.ip;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IpBitsTest {
  private static boolean isBeyondNat(String address) {
    InetAddress parsed = InetAddress.ofLiteral(address);
    return IpBits.isBeyondNat(IpBits.high(parsed), IpBits.low(parsed));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "febf::1",
        "ff02::1"
      })
  void whatIsTheHostsOwnLeadsNowhere(String address) {
    assertTrue(isBeyondNat(address));
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.1", "169.253.0.1", "169.255.0.1", "192.0.2.1", "2001:db8::1"})
  void othersLeadOn(String address) {
    assertFalse(isBeyondNat(address));
  }
}
