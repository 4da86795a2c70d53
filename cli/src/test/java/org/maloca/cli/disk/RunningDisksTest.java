package org.maloca.cli.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
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

  private OptionalLong resize(Path image, String size) throws IOException {
    return RunningDiskClient.resize(folder.resolve("run"), image, size);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",iops=1000", ",cache=writethrough"})
  void a_disk_grows_while_a_machine_uses_it(String properties) throws IOException {
    Path image = image("disk.raw");
    Path other = image("other.raw");
    DiskConfig config = DiskConfig.parse(image + properties, 0);
    AtomicInteger told = new AtomicInteger();
    try (AccountedDisk disk = Disks.open(config, List.of(), note -> {});
        RunningDisks ignored =
            RunningDisks.serve(
                folder.resolve("run"), List.of(new RunningDisks.Disk(image, disk)))) {
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
    DiskConfig config = DiskConfig.parse(image + ",ephemeral", 0);
    try (AccountedDisk disk = Disks.open(config, List.of(), note -> {});
        RunningDisks ignored =
            RunningDisks.serve(
                folder.resolve("run"), List.of(new RunningDisks.Disk(image, disk)))) {
      assertThrows(IOException.class, () -> resize(image, "6M"));
    }
  }

  @Test
  void what_a_killed_machine_left_is_cleared_away() throws IOException {
    Path run = Files.createDirectory(folder.resolve("run"));
    Path left = run.resolve("1" + RunningDisks.SUFFIX);
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(left));
    }
    assertTrue(Files.exists(left));

    assertEquals(OptionalLong.empty(), resize(image("disk.raw"), "6M"));

    assertFalse(Files.exists(left));
  }

  @Test
  void sizes_are_of_whole_sectors() {
    assertEquals(1024, DiskSize.parse("513").after(0));
    assertEquals(512, DiskSize.parse("-1").after(512));
    assertThrows(IllegalArgumentException.class, () -> DiskSize.parse("-513").after(512));
    assertThrows(
        IllegalArgumentException.class, () -> DiskSize.parse("+8191P").after(Long.MAX_VALUE / 2));
  }
}
