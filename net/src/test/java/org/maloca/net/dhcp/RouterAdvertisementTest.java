package org.maloca.net.dhcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RouterAdvertisementTest {
  @Test
  void hasTheFormatOfTheRfc() {
    byte[] message =
        new RouterAdvertisement(
                (Inet6Address) InetAddress.ofLiteral("fd00:6d61:6c6f::77"),
                64,
                0x5254_0000_0002L,
                1400,
                1800,
                List.of((Inet6Address) InetAddress.ofLiteral("fd00:6d61:6c6f::3")),
                "maloca",
                true)
            .advertisement();

    String expected =
        "86 00 0000 40 c0 0708 00000000 00000000"
            + "01 01 525400000002"
            + "05 01 0000 00000578"
            + "03 04 40 c0 00015180 00003840 00000000 fd006d616c6f00000000000000000000"
            + "19 03 0000 00015180 fd006d616c6f00000000000000000003"
            + "1f 02 0000 00015180 066d616c6f636100";
    assertEquals(expected.replace(" ", ""), HexFormat.of().formatHex(message));
  }
}
