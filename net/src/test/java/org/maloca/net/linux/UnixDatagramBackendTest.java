package org.maloca.net.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.net.frame.Frames;
import org.maloca.net.frame.TestCard;

@EnabledOnOs(OS.LINUX)
@Timeout(60)
class UnixDatagramBackendTest {
  @TempDir Path folder;

  @Test
  void carriesFramesBothWaysAndOutlivesItsPeer() throws Exception {
    Path here = folder.resolve("a");
    Path there = folder.resolve("b");
    TestCard left = new TestCard();
    TestCard right = new TestCard();
    try (UnixDatagramBackend a = UnixDatagramBackend.open(here, there, "a")) {
      a.connect(left);
      a.transmit(Frames.numbered(1, 60));
      assertEquals(1, a.dropped());
      for (int i = 0; i < 2; i++) {
        try (UnixDatagramBackend b = UnixDatagramBackend.open(there, here, "b")) {
          b.connect(right);
          a.transmit(Frames.numbered(2, 1514));
          assertEquals(2, Frames.number(ByteBuffer.wrap(right.next())));
          b.transmit(Frames.numbered(3, 1514));
          assertEquals(1514, left.next().length);
        }
      }
    }
    assertFalse(Files.exists(here));
    assertFalse(Files.exists(there));
  }

  @Test
  void leavesAFileAloneThatIsNoSocket() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "precious");

    assertThrows(IOException.class, () -> UnixDatagramBackend.open(file, file, "x"));

    assertEquals("precious", Files.readString(file));
  }
}
