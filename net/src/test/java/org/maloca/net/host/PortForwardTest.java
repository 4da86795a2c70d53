package org.maloca.net.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PortForwardTest {
  @ParameterizedTest
  @CsvSource({
    "2222:22, 127.0.0.1:2222:22/tcp",
    "0:22/tcp, 127.0.0.1:0:22/tcp",
    "192.0.2.1:53:5353/udp, 192.0.2.1:53:5353/udp",
    "0.0.0.0:80:8080, 0.0.0.0:80:8080/tcp",
    "[::1]:80:8080, [::1]:80:8080/tcp",
    "[2001:db8:0:0:1:0:0:1]:80-80:8080, [2001:db8::1:0:0:1]:80:8080/tcp",
    "[::]:80:8080/udp, [::]:80:8080/udp"
  })
  void readsForwards(String text, String expected) {
    PortForward forward = PortForward.parse(text).getFirst();
    assertEquals(expected, forward.toString());
    assertEquals(List.of(forward), PortForward.parse(forward.toString()));
  }

  @Test
  void readsRangesPortByPort() {
    List<String> each =
        PortForward.parse("[::1]:8000-8002:80-82/udp").stream().map(PortForward::toString).toList();

    assertEquals(List.of("[::1]:8000:80/udp", "[::1]:8001:81/udp", "[::1]:8002:82/udp"), each);
  }

  @Test
  void aStarStandsForAllAddressesOfTheHost() {
    assertTrue(PortForward.parse("*:80:8080").getFirst().hostAddress().isAnyLocalAddress());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        "22",
        "a:b",
        "2222:",
        ":22",
        "2222:22/sctp",
        "2222:22/",
        "65536:22",
        "1:0",
        "-1:22",
        "+1:22",
        "localhost:1:2",
        "::1:80:80",
        "[::1:80:80",
        "[1.2.3.4]:80:80",
        "1.2.3:80:80",
        "99999999999:22",
        "1:2:3:4",
        "[]:1:2",
        "80-81:80",
        "80-81:80-82",
        "81-80:81-80",
        "0-1:1-2",
        "80-:80-",
        "80-81-82:80-82",
        "1-1001:1-1001"
      })
  void refusesWhatIsNone(String text) {
    Exception refusal = assertThrows(IllegalArgumentException.class, () -> PortForward.parse(text));
    assertTrue(refusal.getMessage().contains("'" + text + "'"), refusal.getMessage());
  }

  @Test
  void refusesImpossiblePorts() {
    var address = PortForward.parse("1:2").getFirst().hostAddress();
    assertThrows(IllegalArgumentException.class, () -> new PortForward(address, 70000, 1, false));
  }
}
