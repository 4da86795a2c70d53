package org.maloca.cli.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.block.disk.AllowedPaths;
import org.maloca.block.disk.DiskImages;
import org.maloca.block.disk.OpenOptions;
import org.maloca.block.disk.OpenedDisk;
import org.maloca.block.image.ImageFormat;

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
          assertThrows(GuestException.class, () -> MachineFolder.in(folder, name));
      assertTrue(refused.getMessage().contains("cannot be a machine's name"));
    }
    assertEquals(0, folder.toFile().list().length);
  }

  @Test
  void keepsADiskOverWhatItWasMadeFrom() throws Exception {
    Path base = Files.write(folder.resolve("base.raw"), new byte[1 << 20]);
    MachineFolder machine = MachineFolder.in(folder.resolve("machines"), "web");
    assertTrue(machine.origin().isEmpty());
    machine.create(folder, base, ImageFormat.RAW, 2 << 20, Progress.SILENT);

    MachineFolder again = MachineFolder.in(folder.resolve("machines"), "web");
    assertEquals(folder.toAbsolutePath(), again.origin().orElseThrow());
    OpenOptions options =
        OpenOptions.readOnly().withAllowed(new AllowedPaths(List.of(), List.of(folder)));
    try (OpenedDisk disk = DiskImages.open(again.disk(), options)) {
      assertEquals(2 << 20, disk.image().sizeBytes());
    }
  }

  @Test
  void tellsWhichMachinesAreFromAnImage() throws Exception {
    Path base = Files.write(folder.resolve("base.raw"), new byte[1 << 20]);
    Path other = Files.write(folder.resolve("other.raw"), new byte[1 << 20]);
    Path machines = folder.resolve("machines");
    assertEquals(List.of(), MachineFolder.from(machines, base));
    for (String name : List.of("web", "shop")) {
      MachineFolder.in(machines, name)
          .create(base, base, ImageFormat.RAW, 1 << 20, Progress.SILENT);
    }
    MachineFolder.in(machines, "else")
        .create(other, other, ImageFormat.RAW, 1 << 20, Progress.SILENT);
    Files.delete(other);
    assertEquals(List.of("shop", "web"), MachineFolder.from(machines, base));
    Files.delete(machines.resolve("else/system"));
    assertEquals(List.of("else", "shop", "web"), MachineFolder.from(machines, base), "unknown");
  }
}
