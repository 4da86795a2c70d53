package org.maloca.cli.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

final class DebianSourcesTest {
  @Test
  void takes_the_hosts_sources_of_debian_12_alone() {
    DebianSources sources =
        DebianSources.of(
            List.of(
                "http://mirror.example/debian/|bookworm|main",
                "http://mirror.example/debian/|bookworm|non-free",
                "http://mirror.example/debian/|bookworm-backports|main",
                "https://tools.example/apt/|stable|main",
                "http://mirror.example/security/|bookworm-security|main"));
    assertEquals(
        "deb http://mirror.example/debian/ bookworm main\n"
            + "deb http://mirror.example/security/ bookworm-security main\n",
        sources.forGuest());
    assertTrue(sources.forHost().lines().allMatch(line -> line.contains("[signed-by=/usr/")));
  }

  @Test
  void tells_the_guest_no_password() {
    DebianSources sources =
        DebianSources.of(List.of("https://me:secret@mirror.example:8443/debian|bookworm|main"));
    assertEquals("deb https://mirror.example:8443/debian bookworm main\n", sources.forGuest());
    assertTrue(sources.forHost().contains("me:secret@"));
  }

  @Test
  void gives_the_guest_public_sources_when_it_cannot_reach_the_hosts() {
    String usual = DebianSources.of(List.of()).forGuest();
    for (String address : List.of("file:/srv/debian", "http://localhost:3142/debian")) {
      DebianSources sources = DebianSources.of(List.of(address + "|bookworm|main"));
      assertEquals(usual, sources.forGuest());
      assertTrue(sources.forHost().contains(address));
    }
  }

  @Test
  void falls_back_to_public_sources_on_a_host_of_another_release() {
    DebianSources sources = DebianSources.of(List.of("http://mirror.example/d|trixie|main"));
    assertFalse(sources.forHost().contains("trixie"));
    assertTrue(sources.forGuest().contains(" bookworm-security main\n"));
  }

  @Test
  void lets_no_address_add_options_or_lines() {
    DebianSources sources =
        DebianSources.of(List.of("http://x [trusted=yes] http://y|bookworm|main"));
    assertFalse(sources.forHost().contains("trusted"));
  }

  @Test
  void gives_the_guest_the_hosts_proxy_unless_it_is_out_of_reach() {
    assertEquals(
        "http://cache.example:3142", HostAddress.forGuest("http://a:b@cache.example:3142"));
    for (String address :
        List.of("", "DIRECT", "http://127.0.0.1:3142", "http://localhost/", "x y")) {
      assertEquals("", HostAddress.forGuest(address));
    }
    String settings = GuestAptSettings.of("http://cache.example:3142");
    assertTrue(settings.endsWith("Acquire::http::Proxy \"http://cache.example:3142\";\n"));
    assertFalse(GuestAptSettings.of("").contains("Proxy"));
  }
}
