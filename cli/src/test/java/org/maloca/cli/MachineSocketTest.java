package org.maloca.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MachineSocketTest {
  @TempDir Path folder;

  private Path path;

  @BeforeEach
  void name() {
    path = folder.resolve("c").resolve("web");
  }

  @Test
  void carriesAnswersAndRefusals() throws IOException {
    try (MachineSocket socket =
        MachineSocket.open(
            path,
            request -> {
              if (request.equals("no")) {
                throw new IOException("not that");
              }
              return "<" + request + ">\n";
            })) {
      assertEquals("<a b>", MachineSocket.ask(path, "a b"));
      IOException refusal =
          assertThrows(MachineSocket.MachineRefusal.class, () -> MachineSocket.ask(path, "no"));
      assertEquals("not that", refusal.getMessage());
    }
    assertFalse(Files.exists(path));
    assertThrows(IOException.class, () -> MachineSocket.ask(path, "a"));
  }

  @Test
  void theLastMachineOfANameIsTheOneThatAnswers() throws IOException {
    try (MachineSocket first = MachineSocket.open(path, request -> "first");
        MachineSocket second = MachineSocket.open(path, request -> "second")) {
      assertEquals("second", MachineSocket.ask(path, "who"));
      first.close();
      assertTrue(Files.exists(path));
      second.close();
      assertFalse(Files.exists(path));
    }
  }
}
