package org.maloca.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.cli.control.ControlSocket;

final class AnnouncedLoginsTest {
  /** Of a service that nobody has (TCPMUX). */
  private static final int CLOSED_PORT = 1;

  @TempDir Path home;

  private Path announce(String machine, int port) throws IOException {
    Path folder = Files.createDirectories(home.resolve("s"));
    String settings =
        new SshLogin(machine, null, "ana", null)
            .settings(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return Files.writeString(folder.resolve(machine), settings);
  }

  private List<Path> all() throws IOException {
    return AnnouncedLogins.all(home.resolve("s"), home.resolve("c"));
  }

  @Test
  void forgetsMachinesThatWereKilledAndNoOthers() throws IOException {
    assertEquals(List.of(), all());
    try (ServerSocket port = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ControlSocket starting = ControlSocket.open(home.resolve("c"), "starting")) {
      starting.serve("one", request -> java.util.Optional.empty());
      Path killed = announce("killed", CLOSED_PORT);
      Path without = announce("without-control", port.getLocalPort());
      Path controlled = announce("starting", CLOSED_PORT);

      assertEquals(List.of(controlled, without), all());
      assertFalse(Files.exists(killed));
    }
  }

  @Test
  void leavesWhatItDoesNotUnderstand() throws IOException {
    Path odd = announce("odd", 1);
    Files.writeString(odd, "Host *\n");
    assertEquals(List.of(odd), all());
  }
}
