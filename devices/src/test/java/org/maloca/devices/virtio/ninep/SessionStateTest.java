package org.maloca.devices.virtio.ninep;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.maloca.devices.virtio.ninep.NinepClient.ROOT;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.core.snapshot.SectionBuffer;

/** A guest that goes on after a snapshot was taken and put back. */
@EnabledOnOs(OS.LINUX)
class SessionStateTest {
  @TempDir Path folder;

  @Test
  void files_in_use_are_found_again_and_lost_ones_are_stale() throws IOException {
    Files.createDirectories(folder.resolve("a/b"));
    NinepConfig config = new NinepConfig(folder, false);
    NinepServer before = NinepServer.open(config);
    NinepServer after = NinepServer.open(config);
    SectionBuffer snapshot = new SectionBuffer();
    try (NinepClient old = new NinepClient(before).attach();
        NinepClient client = new NinepClient(after)) {
      int moved = old.create(old.path("a/b"), "f", 0102, 0600);
      old.write(moved, 0, "text".getBytes(StandardCharsets.UTF_8));
      old.renameAt(old.path("a/b"), "f", ROOT, "g");
      int gone = old.create(ROOT, "gone", 0102, 0600);
      old.unlinkAt(ROOT, "gone", 0);
      int unopened = old.path("a");
      assertEquals(0, old.lock(moved, 1, 0, 10, 1));

      before.save(snapshot, "s");
      after.restore(snapshot.reader(), "s");

      assertEquals(before.fidCount(), after.fidCount());
      assertArrayEquals("text".getBytes(StandardCharsets.UTF_8), client.read(moved, 0, 100));
      client.write(moved, 4, new byte[] {'!'});
      assertEquals("text!", Files.readString(folder.resolve("g")));
      assertEquals(116, client.errno(() -> client.getattr(gone)));
      assertEquals(9, client.errno(() -> client.read(gone, 0, 1)));
      assertEquals(2, client.errno(() -> client.walk(unopened, "c")));
      assertEquals(1, client.lock(moved, 1, 5, 1, 2));
    }
  }
}
