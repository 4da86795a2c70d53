package org.maloca.guests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.cli.guest.GuestArchitecture;
import org.maloca.devices.virtio.VirtioPci;
import org.maloca.devices.virtio.block.VirtioBlock;
import org.maloca.machine.board.Accelerators;
import org.maloca.machine.board.DevicePlug;
import org.maloca.machine.config.DiskConfig;
import org.maloca.machine.device.Disks;
import org.maloca.machine.lifecycle.VmState;

/** The host's disk fails at 200 places, stands still, and shrinks under a guest that goes on. */
class DiskFaultsTest {
  private static final int MIB = 1 << 20;
  private static final int READS = 360;
  private static final int WRITES = 40;

  @Test
  void aGuestSeesTheErrorsAndGoesOn(@TempDir Path folder) throws Exception {
    Path image = folder.resolve("disk.raw");
    byte[] content = new byte[8 * MIB];
    Arrays.fill(content, (byte) 'x');
    Files.write(image, content);
    FaultyDisk disk =
        new FaultyDisk(Disks.open(DiskConfig.parse(image.toString(), 0), List.of(), note -> {}));
    DevicePlug plug =
        site -> {
          var options = VirtioBlock.Options.of("faulty");
          site.addVirtio(
              new VirtioBlock("disk0", site.memory(), disk, options, site::pauseForError),
              VirtioPci.Identity.BLOCK);
        };
    var config =
        LinuxGuests.withDevices(LinuxGuests.provide(GuestArchitecture.AMD64), 2, "", folder);
    try (GuestConsole guest = GuestConsole.boot(config, Accelerators.translator(), List.of(plug))) {
      guest.await(GuestConsole.READY);
      guest.loadDrivers();
      guest.run("dmesg -n 1");
      errorsReachTheGuest(guest, disk);
      aDiskThatStandsStillStopsNobodyElse(guest, disk);
      aFileThatWasCutOffReadsAsZeros(guest, image);
      assertEquals(VmState.RUNNING, guest.vm().state());
    }
  }

  private static void errorsReachTheGuest(GuestConsole guest, FaultyDisk disk) {
    disk.setFailing(true);
    // One request for each block, without a second try.
    assertEquals(
        "" + READS / 2,
        guest.run(
            "dd if=/dev/vda of=/dev/null bs=4k count=%d iflag=direct conv=noerror 2>&1"
                    .formatted(READS)
                + " | grep -c 'Input/output error'"));
    assertEquals(
        "" + WRITES / 2,
        guest.run(
            "bad=0; for i in $(seq %d); do".formatted(WRITES)
                + " dd if=/dev/zero of=/dev/vda bs=4k count=1 seek=$i oflag=direct conv=notrunc"
                + " 2>/dev/null || bad=$((bad+1)); done; echo $bad"));
    assertEquals((READS + WRITES) / 2, disk.failures.get());
    disk.setFailing(false);
    guest.run("dd if=/dev/vda of=/dev/null bs=64k count=16 iflag=direct 2>/dev/null");
  }

  private static void aDiskThatStandsStillStopsNobodyElse(GuestConsole guest, FaultyDisk disk)
      throws InterruptedException {
    disk.hold();
    guest.run(
        "(dd if=/dev/vda of=/dev/null bs=4k count=1 iflag=direct 2>/dev/null; echo $? > /late) &");
    disk.awaitHeld();
    assertEquals("alive", guest.run("test ! -e /late && echo alive"));
    assertEquals(VmState.RUNNING, guest.vm().state());
    assertTrue(guest.vm().instructionsExecuted() > 0);
    assertTrue(!guest.vm().statistics().groups().isEmpty(), "it tells what it does");
    disk.release();
    assertEquals("0", guest.run("until test -s /late; do sleep 0.1; done; cat /late"));
  }

  private static void aFileThatWasCutOffReadsAsZeros(GuestConsole guest, Path image)
      throws Exception {
    try (FileChannel channel = FileChannel.open(image, StandardOpenOption.WRITE)) {
      channel.truncate(MIB + 100);
    }
    assertEquals(
        "100",
        guest.run(
            "dd if=/dev/vda bs=4k skip=256 count=4 iflag=direct 2>/dev/null | tr -d '\\0' | wc -c"));
  }
}
