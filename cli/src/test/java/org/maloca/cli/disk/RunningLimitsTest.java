package org.maloca.cli.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.block.limit.AccountedDisk;
import org.maloca.block.limit.DiskLimits;
import org.maloca.cli.control.ControlSocket;
import org.maloca.machine.config.DiskConfig;
import org.maloca.machine.device.Disks;
import picocli.CommandLine;

class RunningLimitsTest {
  @TempDir Path folder;

  private Path image(String name) throws IOException {
    return Files.write(folder.resolve(name), new byte[1 << 20]);
  }

  private static AccountedDisk open(Path image, String properties) throws IOException {
    return Disks.open(DiskConfig.parse(image + properties, 0), List.of(), note -> {});
  }

  private ControlSocket machine(String name, Path image, AccountedDisk... disks)
      throws IOException {
    ControlSocket socket = ControlSocket.open(folder.resolve("run"), name);
    List<RunningLimits.Disk> all =
        List.of(disks).stream().map(disk -> new RunningLimits.Disk(image, disk)).toList();
    socket.serve(RunningLimits.WORD, new RunningLimits(all));
    return socket;
  }

  private String limit(Object... words) throws IOException, DiskCommandException {
    String[] texts = List.of(words).stream().map(Object::toString).toArray(String[]::new);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    LimitCommand.run(
        new DiskArguments(new CommandLine(LimitCommand.spec()).parseArgs(texts)),
        folder.resolve("run"),
        new PrintStream(out, true, StandardCharsets.UTF_8));
    return out.toString(StandardCharsets.UTF_8).strip();
  }

  @Test
  void limits_of_a_running_disk_are_shown_and_changed() throws Exception {
    Path image = image("disk.raw");
    try (AccountedDisk disk = open(image, ",iops=7");
        ControlSocket ignored = machine("vm", image, disk)) {
      assertEquals(image + ": iops=7", limit(image));
      assertEquals(
          image + ": iops-rd=100,bps-wr=1048576,bps-wr-max=2097152,bps-wr-max-length=1",
          limit(image, "iops-rd=100,bps-wr=1M,bps-wr-max=2M"));
      assertEquals(100, disk.limits().readRequests().perSecond());
      assertTrue(disk.limits().requests().isUnlimited());
      assertEquals("", limit("-q", image, "none"));
      assertNull(disk.throttle());
      assertEquals("vm: %s: none".formatted(image), limit());
      assertEquals("", limit("--machine", "other"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "iops=x",
        "iops",
        "iops=1,iops=2",
        "iops=1,iops-rd=2",
        "iops=1,cache=none",
        ",",
        ""
      })
  void limits_that_make_no_sense_change_nothing(String text) throws Exception {
    Path image = image("disk.raw");
    try (AccountedDisk disk = open(image, ",iops=7");
        ControlSocket ignored = machine("vm", image, disk)) {
      DiskCommandException refusal =
          assertThrows(DiskCommandException.class, () -> limit(image, text));

      assertEquals(64, refusal.exitCode(), refusal.getMessage());
      assertEquals(7, disk.limits().requests().perSecond());
    }
  }

  @Test
  void an_image_that_several_machines_read_needs_a_name() throws Exception {
    Path image = image("disk.raw");
    try (AccountedDisk one = open(image, ",readonly");
        AccountedDisk twice = open(image, ",readonly");
        AccountedDisk other = open(image, ",readonly");
        ControlSocket first = machine("one", image, one, twice);
        ControlSocket second = machine("two", image, other)) {
      String refusal =
          assertThrows(DiskCommandException.class, () -> limit(image, "iops=5")).getMessage();
      assertTrue(refusal.contains("one") && refusal.contains("two"), refusal);

      limit("--machine", "one", image, "iops=5");

      assertEquals(5, one.limits().requests().perSecond());
      assertEquals(5, twice.limits().requests().perSecond());
      assertEquals(DiskLimits.NONE, other.limits());
    }
  }

  @Test
  void an_image_that_no_machine_has_is_said() throws IOException {
    Path image = image("disk.raw");
    Path other = image("other.raw");
    try (AccountedDisk disk = open(image, "");
        ControlSocket ignored = machine("vm", image, disk)) {
      String refusal = assertThrows(IOException.class, () -> limit(other, "iops=5")).getMessage();
      assertTrue(refusal.contains("no machine"), refusal);
      assertThrows(IOException.class, () -> limit(folder.resolve("missing"), "none"));
      assertEquals(DiskLimits.NONE, disk.limits());
    }
  }
}
