package org.maloca.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.block.file.HostFile;
import org.maloca.block.limit.AccountedDisk;
import org.maloca.block.raw.RawImage;
import org.maloca.core.cpu.EngineStatistics;
import org.maloca.core.cpu.EngineStatistics.Group;
import org.maloca.core.memory.IoVector;

final class DiskStatisticsTest {
  @TempDir Path folder;

  @Test
  void counts_operations_and_sorts_them_by_how_long_they_took() throws IOException {
    try (Arena arena = Arena.ofConfined();
        AccountedDisk disk =
            new AccountedDisk(
                RawImage.create(
                    HostFile.open(folder.resolve("disk"), HostFile.Option.CREATE), 1 << 20))) {
      IoVector vector = new IoVector();
      vector.add(arena.allocate(4096, 4096).address(), 4096);
      for (int i = 0; i < 3; i++) {
        disk.write(0, vector);
      }
      disk.read(0, vector);

      List<Group> groups = DiskStatistics.of(0, disk.figures());

      EngineStatistics statistics = new EngineStatistics(groups);
      assertEquals(3, statistics.value("disk-0", "write-requests").orElseThrow());
      assertEquals(3 * 4096, statistics.value("disk-0", "write-bytes").orElseThrow());
      assertEquals(1, statistics.value("disk-0", "read-requests").orElseThrow());
      assertTrue(statistics.value("disk-0", "flush-requests").isEmpty());
      assertEquals(
          List.of("disk-0", "disk-0-read-latency", "disk-0-write-latency"),
          groups.stream().map(Group::name).toList());
      assertEquals(3, groups.get(2).total());
    }
  }

  @Test
  void tells_of_a_disk_that_did_nothing() throws IOException {
    try (AccountedDisk disk =
        new AccountedDisk(
            RawImage.create(
                HostFile.open(folder.resolve("idle"), HostFile.Option.CREATE), 1 << 20))) {
      assertEquals(0, DiskStatistics.of(1, disk.figures()).getFirst().total());
    }
  }
}
