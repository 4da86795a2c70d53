package org.maloca.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A host of the test's own, without privileges (namespaces(7)), whose link takes 1400 bytes. */
class NarrowHostTest {
  private static final String LINK =
      "ip link set lo up && ip link add h0 type veth peer name o0"
          + " && ip link set h0 mtu 1400 up && ip link set o0 up"
          + " && ip addr add 192.0.2.1/24 dev h0 && ip -6 addr add 2001:db8:1::1/64 dev h0 nodad"
          + " && ip neigh add 192.0.2.2 lladdr 52:54:00:00:00:02 dev h0"
          + " && ip neigh add 2001:db8:1::2 lladdr 52:54:00:00:00:02 dev h0"
          + " && ip route add default via 192.0.2.2 && ip -6 route add default via 2001:db8:1::2";

  @Test
  @Timeout(300)
  void aDatagramThatMayNotBeCutUpIsToldWhatTheHostsOwnLinkTakes() throws Exception {
    assumeTrue(end(inNamespace(LINK)) == 0, "no namespaces here");
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Process program =
        inNamespace(
            LINK
                + " && exec '%s' --add-exports=java.base/jdk.internal.misc=ALL-UNNAMED"
                    .formatted(java)
                + " --enable-native-access=ALL-UNNAMED -cp '%s' %s"
                    .formatted(
                        System.getProperty("java.class.path"), NarrowHostProgram.class.getName()));
    String said = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertEquals(0, end(program), said);
    assertEquals(
        List.of(
            "IPv4: type 3 code 4 mtu 1400 of port 2",
            "IPv4: type 3 code 4 mtu 1400 of port 2",
            "IPv6: type 2 code 0 mtu 1400 of port 5",
            "left 0"),
        said.lines().toList());
  }

  private static Process inNamespace(String script) throws IOException {
    List<String> command = List.of("unshare", "--map-root-user", "--net", "sh", "-c", script);
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException missing) {
      assumeTrue(false, "no unshare here");
      throw missing;
    }
  }

  private static int end(Process process) throws IOException, InterruptedException {
    process.getInputStream().readAllBytes();
    return process.waitFor();
  }
}
