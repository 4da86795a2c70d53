package org.maloca.cli.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MachineFolderTest {
  @TempDir Path folder;

  @Test
  void takes_the_labels_of_host_names() {
    assertTrue(MachineFolder.isName("a"));
    assertTrue(MachineFolder.isName("web-1"));
    assertTrue(MachineFolder.isName("x".repeat(63)));
    assertFalse(MachineFolder.isName("x".repeat(64)));
    assertFalse(MachineFolder.isName(""));
    assertFalse(MachineFolder.isName("-web"));
    assertFalse(MachineFolder.isName("web-"));
    assertFalse(MachineFolder.isName("a b"));
    assertFalse(MachineFolder.isName("web\n"));
  }

  @Test
  void lets_no_name_lead_out_of_the_folder() {
    for (String name : new String[] {"..", "../x", "a/b", "/etc", "."}) {
      GuestException refused =
          assertThrows(
              GuestException.class,
              () ->
                  MachineFolder.provide(
                      folder, name, new DebianGuest(folder.resolve("guests")), Progress.SILENT));
      assertTrue(refused.getMessage().contains("cannot be a machine's name"));
    }
    assertEquals(0, folder.toFile().list().length);
  }
}
