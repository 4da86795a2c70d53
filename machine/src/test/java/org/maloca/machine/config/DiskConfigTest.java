package org.maloca.machine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.maloca.devices.disk.DiskErrorAction;

class DiskConfigTest {
  @Test
  void bareFileGetsWhatIsUsual() {
    DiskConfig disk = DiskConfig.parse("a.img", 3);
    assertEquals(Path.of("a.img"), disk.file());
    assertNull(disk.format());
    assertEquals("writeback", disk.cache());
    assertEquals("maloca-3", disk.serial());
    assertEquals(DiskErrorAction.ENOSPC, disk.writeError());
    assertEquals(DiskErrorAction.REPORT, disk.readError());
    assertEquals(DiskConfig.Bus.VIRTIO, disk.bus());
    assertEquals(DiskConfig.Discard.UNMAP, disk.discard());
    assertFalse(disk.isReadOnly());
  }

  @Test
  void takesAllProperties() {
    DiskConfig disk =
        DiskConfig.parse(
            "a.img,format=raw,readonly,cache=none,serial=S,iops=100,bps-rd=1M,queues=4,packed,"
                + "werror=stop,rerror=ignore,bus=pcie,discard=ignore",
            0);
    assertTrue(disk.isReadOnly());
    assertTrue(disk.isPacked());
    assertEquals("raw", disk.format());
    assertEquals("none", disk.cache());
    assertEquals(Map.of("iops", "100", "bps-rd", "1M"), disk.limits());
    assertEquals(4, disk.queues());
    assertEquals(DiskErrorAction.STOP, disk.writeError());
    assertEquals(DiskErrorAction.IGNORE, disk.readError());
    assertEquals(DiskConfig.Bus.PCIE, disk.bus());
    assertEquals(DiskConfig.Discard.IGNORE, disk.discard());
  }

  @Test
  void scsiDisksAndCds() {
    assertEquals(DiskConfig.Bus.SCSI, DiskConfig.parse("a,if=scsi", 0).bus());
    DiskConfig cd = DiskConfig.parseCdrom("a.iso,serial=S,iops=10", 1);
    assertTrue(cd.isCdrom());
    assertTrue(cd.isReadOnly());
    assertEquals(DiskConfig.Bus.SCSI, cd.bus());
    assertEquals("S", cd.serial());
    assertEquals(Map.of("iops", "10"), cd.limits());
    assertThrows(ConfigException.class, () -> DiskConfig.parseCdrom("a.iso,werror=stop", 1));
    assertThrows(ConfigException.class, () -> DiskConfig.parseCdrom("", 1));
  }

  @Test
  void ephemeralKeepsAReadOnlyDiskAsItIs() {
    assertTrue(DiskConfig.parse("a", 0).ephemeral().isEphemeral());
    assertFalse(DiskConfig.parse("a,readonly", 0).ephemeral().isEphemeral());
  }

  @Test
  void refusesWhatCannotBe() {
    assertThrows(ConfigException.class, () -> DiskConfig.parse("", 0));
    assertThrows(ConfigException.class, () -> DiskConfig.parse("a,serial=" + "x".repeat(21), 0));
    assertThrows(ConfigException.class, () -> DiskConfig.parse("a,readonly,ephemeral", 0));
  }
}
