package org.maloca.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.cli.control.ControlSocket;

final class PortCommandTest {
  @TempDir Path folder;

  private AskedMachine find(String name) throws CommandException {
    return AskedMachine.find(folder, name, PortCommand.SUBJECT);
  }

  private String refusal(String name) {
    return String.valueOf(assertThrows(CommandException.class, () -> find(name)).getMessage());
  }

  private ControlSocket machine(String name) throws IOException {
    ControlSocket socket = ControlSocket.open(folder, name);
    socket.serve(PortForwards.WORD, new PortForwards(Optional::empty));
    return socket;
  }

  @Test
  void meansTheOneMachineWithANetworkOrTheLastOfAName() throws Exception {
    assertEquals("no machine with a network runs", refusal(""));
    try (ControlSocket web = machine("web");
        ControlSocket alone = ControlSocket.open(folder, "alone")) {
      alone.serve("resize", arguments -> Optional.empty());
      assertEquals("web", find("").machine().name());
      assertEquals("no machine 'alone' with a network runs", refusal("alone"));
      try (ControlSocket later = machine("web");
          ControlSocket shop = machine("shop")) {
        assertEquals("which machine? There are: shop, web", refusal(""));
        assertEquals("shop", find("shop").machine().name());
        long last = find("web").machine().number();
        later.close();
        assertEquals(true, find("web").machine().number() < last);
      }
    }
  }

  @Test
  void aMachineWhoseCardIsNotPluggedInYetIsNotReady() throws Exception {
    try (ControlSocket web = machine("web")) {
      String said =
          assertThrows(CommandException.class, () -> find("web").ask(PortForwards.LIST))
              .getMessage();
      assertEquals("the machine is not ready yet", said);
    }
  }
}
