package org.maloca.net.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ResolversTest {
  @TempDir Path folder;

  private static InetSocketAddress at(String address) {
    return new InetSocketAddress(InetAddress.ofLiteral(address), 53);
  }

  @Test
  void takesTheFirstThreeServersAndSkipsTheRest() {
    String text =
        """
        # nameserver 192.0.2.9
        domain example
        nameserver 192.0.2.1
        nameserver\tfe80::1
        nameserver not-an-address
        nameserver
          nameserver 192.0.2.2   # comment
        nameserver 192.0.2.3
        """;
    assertEquals(List.of(at("192.0.2.1"), at("fe80::1"), at("192.0.2.2")), ResolvConf.parse(text));
  }

  @Test
  void seesThatTheFileWasReplaced() throws IOException {
    Path file = folder.resolve("resolv.conf");
    Files.writeString(file, "nameserver 192.0.2.1\n");
    ResolvConf resolvers = new ResolvConf(file);
    assertEquals(List.of(at("192.0.2.1")), resolvers.servers());

    Path next = folder.resolve("next");
    Files.writeString(next, "nameserver 192.0.2.2\nnameserver 192.0.2.3\n");
    Files.delete(file);
    assertEquals(List.of(at("192.0.2.1")), resolvers.servers());
    Files.move(next, file);
    assertEquals(List.of(at("192.0.2.2"), at("192.0.2.3")), resolvers.servers());
  }

  @Test
  void readsWhatTheNamingProviderFound() {
    assertEquals(
        List.of(at("192.0.2.1"), at("2001:db8::1"), at("192.0.2.7")),
        JndiResolvers.parse("dns://192.0.2.1 dns://[2001:db8::1]:53 dns://192.0.2.7:53 x"));
    assertEquals(List.of(), JndiResolvers.parse("dns://name:99999 dns://:"));
  }
}
