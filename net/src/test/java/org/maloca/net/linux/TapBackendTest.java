package org.maloca.net.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.maloca.core.backend.NetFrame;
import org.maloca.net.frame.Frames;
import org.maloca.net.frame.TestCard;

@EnabledOnOs(OS.LINUX)
@Timeout(60)
class TapBackendTest {
  private static final String NAME = "malocatest0";

  private static TapBackend open() {
    try {
      return TapBackend.open(NAME);
    } catch (IOException notPermitted) {
      assertTrue(notPermitted.getMessage().contains("not permitted"), notPermitted.getMessage());
      assertTrue(notPermitted.getMessage().contains("ip tuntap add dev " + NAME));
      return Assumptions.abort(notPermitted.getMessage());
    }
  }

  @Test
  void saysWhatIsWrongWithAName() {
    for (String name : new String[] {"", "a/b", "sixteen-letters-"}) {
      assertThrows(IOException.class, () -> TapBackend.open(name), name);
    }
  }

  @Test
  void saysWhoMayOpenAnInterfaceOrOpensItOnce() {
    try (TapBackend first = open()) {
      assertTrue(Files.exists(Path.of("/sys/class/net", NAME)));
      IOException second = assertThrows(IOException.class, () -> TapBackend.open(NAME));
      assertTrue(second.getMessage().contains("in use"), second.getMessage());
      first.connect(new TestCard());
    }
    assertTrue(Files.notExists(Path.of("/sys/class/net", NAME)));
  }

  @Test
  void attachesItselfToAnInterfaceThatWasMadeAnew() throws Exception {
    try (TapBackend tap = open()) {
      tap.connect(new TestCard());
      ip("link del " + NAME);
      ip("tuntap add dev %s mode tap".formatted(NAME));
      Path carrier = Path.of("/sys/class/net", NAME, "carrier");
      ip("link set %s up".formatted(NAME));

      while (!Files.readString(carrier).strip().equals("1")) {
        Thread.sleep(20);
      }

      tap.transmit(Frames.numbered(1, 60));
      assertEquals(0, tap.dropped());
    } finally {
      ip("tuntap del dev %s mode tap".formatted(NAME));
    }
  }

  private static void ip(String words) throws Exception {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(words.split(" ")));
    assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor(), words);
  }

  @Test
  void saysHowMuchItsInterfaceTakesAtOnce() throws Exception {
    try (TapBackend tap = open()) {
      assertEquals(1500, tap.mtuBytes());
      ip("link set %s mtu 1280".formatted(NAME));
      assertEquals(1280, tap.mtuBytes());
    }
  }

  @Test
  void losesWhatAnInterfaceThatIsDownDoesNotTake() {
    try (TapBackend tap = open()) {
      tap.connect(new TestCard());
      NetFrame frame = Frames.numbered(1, 60);

      tap.transmit(frame);

      assertEquals(1, tap.dropped());
    }
  }
}
