package org.maloca.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class SshLoginTest {
  private static InetSocketAddress address(int... bytes) throws Exception {
    byte[] address = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      address[i] = (byte) bytes[i];
    }
    return new InetSocketAddress(InetAddress.getByAddress(address), 2222);
  }

  @Test
  void aMachineThatIsKeptIsKnownAgain() throws Exception {
    SshLogin login = new SshLogin("web", Path.of("/k"), "ana", Path.of("/hosts"));
    assertEquals(
        "ssh -i '/k' -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile='/hosts' -p 2222"
            + " ana@127.0.0.1",
        login.command(address(127, 0, 0, 1)));
  }

  @Test
  void aMachineThatIsThrownAwayHasANewKeyEachTime() throws Exception {
    SshLogin login = new SshLogin("debian", null, "ana", null);
    assertEquals(
        "ssh -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -p 2222"
            + " ana@127.0.0.1",
        login.command(address(0, 0, 0, 0)));
    assertEquals(
        "ssh -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -p 2222"
            + " ana@192.0.2.7",
        login.command(address(192, 0, 2, 7)));
  }
}
