package org.maloca.cli.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.block.limit.AccountedDisk;
import org.maloca.cli.control.ControlSocket;
import org.maloca.machine.config.DiskConfig;
import org.maloca.machine.device.Disks;

class RunningDisksTest {
  private static final int MIB = 1 << 20;

  @TempDir Path folder;

  private Path image(String name) throws IOException {
    Path path = folder.resolve(name);
    Files.write(path, new byte[4 * MIB]);
    return path;
  }

  private static AccountedDisk open(Path image, String properties) throws IOException {
    return Disks.open(DiskConfig.parse(image + properties, 0), List.of(), note -> {});
  }

  private OptionalLong resize(Path image, String size) throws IOException {
    return RunningDisks.resize(folder.resolve("run"), image, DiskSize.parse(size));
  }

  /** A machine that has a disk, and maybe no name. */
  private ControlSocket machine(Path image, AccountedDisk disk) throws IOException {
    ControlSocket socket = ControlSocket.open(folder.resolve("run"), "vm");
    socket.serve(RunningDisks.WORD, new RunningDisks(List.of(new RunningDisks.Disk(image, disk))));
    return socket;
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",iops=1000", ",cache=writethrough"})
  void a_disk_grows_while_a_machine_uses_it(String properties) throws IOException {
    Path image = image("disk.raw");
    Path other = image("other.raw");
    AtomicInteger told = new AtomicInteger();
    try (AccountedDisk disk = open(image, properties);
        ControlSocket ignored = machine(image, disk)) {
      disk.onSizeChange(told::incrementAndGet);

      assertEquals(OptionalLong.of(6 * MIB), resize(image, "6M"));
      assertEquals(OptionalLong.of(7 * MIB), resize(image, "+1M"));
      assertEquals(7 * MIB, disk.sizeBytes());
      assertEquals(7 * MIB, Files.size(image));
      assertEquals(2, told.get());
      assertEquals(OptionalLong.empty(), resize(other, "6M"));
      String refusal = assertThrows(IOException.class, () -> resize(image, "-1M")).getMessage();
      assertTrue(refusal.contains("larger"), refusal);
    }
    assertEquals(OptionalLong.empty(), resize(image, "8M"));
  }

  @Test
  void a_disk_that_cannot_says_why() throws IOException {
    Path image = image("disk.raw");
    try (AccountedDisk disk = open(image, ",ephemeral");
        ControlSocket ignored = machine(image, disk)) {
      assertThrows(IOException.class, () -> resize(image, "6M"));
    }
  }

  @Test
  void each_machine_is_asked_for_its_own_disks() throws IOException {
    Path image = image("disk.raw");
    Path deleted = image("deleted.raw");
    try (AccountedDisk disk = open(image, "");
        AccountedDisk other = open(deleted, "");
        ControlSocket first = machine(image, disk);
        ControlSocket second = machine(deleted, other);
        ControlSocket third = ControlSocket.open(folder.resolve("run"), "vm")) {
      Files.delete(deleted);
      assertEquals(OptionalLong.of(6 * MIB), resize(image, "6M"));
      assertEquals(4 * MIB, other.sizeBytes());
    }
  }

  @Test
  void sizes_are_of_whole_sectors() {
    assertEquals("+1024", DiskSize.parse("+1K").text());
    assertEquals("-1024", DiskSize.parse("-1K").text());
    assertEquals("1024", DiskSize.parse("1K").text());
    assertEquals(1024, DiskSize.parse("513").after(0));
    assertEquals(512, DiskSize.parse("-1").after(512));
    assertThrows(IllegalArgumentException.class, () -> DiskSize.parse("-513").after(512));
    assertThrows(
        IllegalArgumentException.class, () -> DiskSize.parse("+8191P").after(Long.MAX_VALUE / 2));
  }
}
