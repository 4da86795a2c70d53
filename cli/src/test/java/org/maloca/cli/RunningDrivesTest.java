package org.maloca.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.block.limit.AccountedDisk;
import org.maloca.block.limit.DiskFigures;
import org.maloca.devices.disk.DiskErrorAction;
import org.maloca.devices.disk.DiskErrors;
import org.maloca.devices.scsi.CdDrive;
import org.maloca.devices.scsi.ScsiCommand;
import org.maloca.machine.config.ConfigException;
import org.maloca.machine.config.DiskConfig;
import org.maloca.machine.device.Disks;

class RunningDrivesTest {
  private static final byte[] LOCK = {0x1e, 0, 0, 0, 1, 0};

  @TempDir Path folder;

  private final DiskErrors errors =
      new DiskErrors(DiskErrorAction.REPORT, DiskErrorAction.REPORT, (id, failure) -> {});
  private final CdDrive first = new CdDrive("cd0", null, "", errors);
  private final CdDrive second = new CdDrive("cd1", null, "", errors);

  @AfterEach
  void close() throws IOException {
    first.close();
    second.close();
  }

  private static RunningDrives drives(CdDrive... all) {
    List<RunningDrives.Slot> slots =
        List.of(all).stream().map(each -> new RunningDrives.Slot(new DiskFigures(), null)).toList();
    return new RunningDrives(
        slots, () -> Optional.of(List.of(all)), List.of(), Duration.ZERO, note -> {});
  }

  private Path image(String name) throws IOException {
    return Files.write(folder.resolve(name), new byte[8192]);
  }

  private static String answer(RunningDrives drives, String request) throws IOException {
    return drives.answer(request).orElseThrow();
  }

  private static String refusal(RunningDrives drives, String request) {
    return String.valueOf(
        assertThrows(IOException.class, () -> drives.answer(request)).getMessage());
  }

  private static void send(CdDrive drive, byte[] cdb) {
    ScsiCommand command = new ScsiCommand();
    // The first is answered by the news that the power is on.
    for (int i = 0; i < 3; i++) {
      command.begin(cdb, 0, cdb.length);
      assertTrue(drive.execute(command));
    }
    assertEquals(ScsiCommand.GOOD, command.status());
  }

  @Test
  void discsAreInsertedAndEjected() throws IOException {
    RunningDrives drives = drives(first);
    Path disc = image("a,b.iso");
    assertEquals("sr0: no disc", answer(drives, "list"));
    String quoted = disc.toString().replace(",", ",,");
    assertEquals("sr0: " + disc, answer(drives, "insert only false " + quoted + ",format=raw"));
    assertTrue(first.hasDisc());
    Path other = image("other.iso");
    assertEquals("sr0: " + other, answer(drives, "insert 0 false " + other));
    assertEquals("sr0: no disc, the tray is open", answer(drives, "eject only false"));
    assertFalse(first.hasDisc());
    // It is nobody's any more.
    try (AccountedDisk free = Disks.open(DiskConfig.parse("" + other, 0), List.of(), note -> {})) {
      assertEquals(8192, free.sizeBytes());
    }
    assertTrue(
        refusal(drives, "insert 0 false " + folder.resolve("none.iso")).contains("none.iso"));
    assertThrows(
        ConfigException.class, () -> drives.answer("insert 0 false " + quoted + ",serial=x"));
  }

  @Test
  void aGuestThatHasLockedTheDriveKeepsItsDisc() throws IOException {
    RunningDrives drives = drives(first);
    Path disc = image("disc.iso");
    Path next = image("next.iso");
    answer(drives, "insert 0 false " + disc);
    send(first, LOCK);
    assertEquals("sr0: %s, locked by the guest".formatted(disc), answer(drives, "list"));
    assertTrue(refusal(drives, "insert 0 false " + next).contains("--force"));
    assertEquals("sr0: " + next, answer(drives, "insert 0 true " + next));
  }

  @Test
  void oneOfSeveralDrivesHasToBeNamed() throws IOException {
    RunningDrives drives = drives(first, second);
    Path disc = image("disc.iso");
    assertTrue(refusal(drives, "eject only false").contains("which drive"));
    assertTrue(refusal(drives, "eject 2 false").contains("no drive"));
    answer(drives, "insert 1 false " + disc);
    assertEquals("sr0: no disc\nsr1: " + disc, answer(drives, "list"));
    assertThrows(IOException.class, () -> drives.answer("eject 1"));
    assertThrows(IOException.class, () -> drives.answer("polish 1 false"));
  }
}
