package org.maloca.machine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ShareConfigTest {
  @Test
  void a_folder_is_mounted_by_its_name_unless_told_otherwise() {
    assertEquals(new ShareConfig(Path.of("a/src"), "src", false), ShareConfig.parse("a/src"));
    assertEquals(new ShareConfig(Path.of("a/src/"), "src", false), ShareConfig.parse("a/src/"));
    assertEquals(new ShareConfig(Path.of("/"), "host", true), ShareConfig.parse("/,ro"));
    assertEquals(new ShareConfig(Path.of("a"), "b", true), ShareConfig.parse("a,tag=b,ro=on"));
    assertEquals(new ShareConfig(Path.of("a"), "a", false, 7), ShareConfig.parse("a,owner=7"));
    assertEquals(new ShareConfig(Path.of("a"), "a", false, 7), ShareConfig.parse("a", 7));
    String here = Path.of("").toAbsolutePath().getFileName().toString();
    assertEquals(here, ShareConfig.parse(".").tag());
  }

  @Test
  void nonsense_is_refused() {
    for (String text :
        new String[] {
          "", ",ro", "a,tag=", "a,rw", "a,owner=-1", "a,owner=me", "a,tag=" + "x".repeat(256)
        }) {
      assertThrows(ConfigException.class, () -> ShareConfig.parse(text), text);
    }
  }
}
