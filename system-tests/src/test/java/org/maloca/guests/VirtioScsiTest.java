package org.maloca.guests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.cli.cloud.IsoImage;
import org.maloca.cli.guest.GuestArchitecture;
import org.maloca.devices.disk.DiskErrorAction;
import org.maloca.devices.disk.DiskErrors;
import org.maloca.devices.scsi.CdDrive;
import org.maloca.devices.scsi.ScsiDisk;
import org.maloca.devices.virtio.VirtioPci;
import org.maloca.devices.virtio.scsi.VirtioScsi;
import org.maloca.machine.board.Accelerators;
import org.maloca.machine.board.DevicePlug;

/** Debian's kernel uses discs and a CD drive on a virtio SCSI controller. */
class VirtioScsiTest {
  private static final int MIB = 1 << 20;

  private final MemoryDisk disk = new MemoryDisk(64 * MIB, false);
  private final DiskErrors errors =
      new DiskErrors(DiskErrorAction.REPORT, DiskErrorAction.REPORT, (id, failure) -> {});
  private final CdDrive drive =
      new CdDrive("cd", disc("first", "one.txt", "from the first disc\n"), "CD-1", errors);
  private VirtioScsi controller;

  private static MemoryDisk disc(String volume, String name, String text) {
    IsoImage image = new IsoImage(volume);
    image.add(name, text.getBytes(StandardCharsets.US_ASCII));
    byte[] bytes = image.build();
    MemoryDisk disc = new MemoryDisk(bytes.length, true);
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, disc.bytes(), 0, bytes.length);
    return disc;
  }

  private GuestConsole boot(Path folder) throws Exception {
    disk.resize(32 * MIB);
    DevicePlug plug =
        site -> {
          controller = new VirtioScsi("scsi0", site.memory(), 2, false);
          controller.attach(0, 0, new ScsiDisk("disk", disk, "SERIAL-1", errors));
          controller.attach(1, 0, drive);
          site.addVirtio(controller, VirtioPci.Identity.SCSI);
        };
    var config =
        LinuxGuests.withDevices(LinuxGuests.provide(GuestArchitecture.AMD64), 2, "", folder);
    GuestConsole guest = GuestConsole.boot(config, Accelerators.translator(), List.of(plug));
    guest.await(GuestConsole.READY);
    guest.loadDrivers();
    guest.run("modprobe -a sd_mod sr_mod isofs");
    awaitIn(guest, "test -e /dev/sda && test -e /dev/sr0");
    return guest;
  }

  /** Waits until a condition of the guest's shell holds. */
  private static void awaitIn(GuestConsole guest, String condition) {
    guest.run(
        "n=0; until %s; do n=$((n+1)); [ $n = 600 ] && break; sleep 0.1; done; %s"
            .formatted(condition, condition));
  }

  @Test
  void discsAndCdsWork(@TempDir Path folder) throws Exception {
    try (GuestConsole guest = boot(folder)) {
      keepsAFileSystem(guest);
      servesAtOnceWhatIsAtHand(guest);
      takesAMebibyteAsOneRequest(guest);
      followsItsSize(guest);
      reportsErrors(guest);
      readsCds(guest);
      comesBackAfterAReset(guest);
      unitsComeAndGo(guest);
      kernelHasNoComplaints(guest);
    }
  }

  private void keepsAFileSystem(GuestConsole guest) {
    assertEquals("65536", guest.run("cat /sys/block/sda/size"));
    assertEquals("MALOCA", guest.run("cat /sys/block/sda/device/vendor"));
    assertTrue(guest.run("cat /sys/block/sda/device/wwid").contains("SERIAL-1"));
    assertEquals("write back", guest.run("cat /sys/block/sda/queue/write_cache"));
    assertEquals("1073741824", guest.run("cat /sys/block/sda/queue/discard_max_bytes"));
    guest.run("mke2fs -q /dev/sda && mkdir -p /mnt && mount -t ext4 /dev/sda /mnt");
    guest.run("seq 1 200000 > /mnt/numbers && sync");
    assertTrue(disk.flushes.get() > 0, "sync reached the disk");
    String sum = guest.run("md5sum < /mnt/numbers");
    guest.run("umount /mnt && echo 3 > /proc/sys/vm/drop_caches && mount -t ext4 /dev/sda /mnt");
    assertEquals(sum, guest.run("md5sum < /mnt/numbers"));
    guest.run("rm /mnt/numbers && sync && fstrim /mnt");
    assertTrue(disk.discards.get() > 0, "fstrim reached the disk");
    guest.run("umount /mnt");
  }

  private void servesAtOnceWhatIsAtHand(GuestConsole guest) {
    disk.isAtHand = true;
    keepsAFileSystem(guest);
    assertTrue(disk.doneAtOnce.get() > 0, "by the thread that notified");
    disk.isAtHand = false;
  }

  private void takesAMebibyteAsOneRequest(GuestConsole guest) {
    int pages = Integer.parseInt(guest.run("cat /sys/block/sda/queue/max_segments"));
    assertTrue(pages >= MIB / 4096, "of scattered pages: " + pages);
    String reads = "set -- $(cat /sys/block/sda/stat); echo $1";
    int before = Integer.parseInt(guest.run(reads));
    guest.run("dd if=/dev/sda of=/dev/null bs=1M count=8 iflag=direct");
    assertEquals(before + 8, Integer.parseInt(guest.run(reads)));
  }

  private void followsItsSize(GuestConsole guest) {
    disk.resize(48 * MIB);
    awaitIn(guest, "[ $(cat /sys/block/sda/size) = 98304 ]");
  }

  private void reportsErrors(GuestConsole guest) {
    disk.failure = new IOException("the platter is scratched");
    assertTrue(
        guest
            .run("dd if=/dev/sda of=/dev/null bs=4k count=1 skip=5000 iflag=direct 2>&1; true")
            .contains("Input/output error"));
    disk.failure = null;
    guest.run("dd if=/dev/sda of=/dev/null bs=4k count=1 skip=5000 iflag=direct");
    guest.run("echo 'write through' > $(echo /sys/block/sda/device/scsi_disk/*/cache_type)");
    int before = disk.flushes.get();
    guest.run("dd if=/dev/zero of=/dev/sda bs=4k count=1 oflag=direct");
    assertTrue(disk.flushes.get() > before, "each write is flushed");
  }

  private void readsCds(GuestConsole guest) throws IOException {
    guest.run("mkdir -p /cd && mount -t iso9660 -o ro /dev/sr0 /cd");
    assertEquals("from the first disc", guest.run("cat /cd/one.txt"));
    assertTrue(drive.isLocked(), "a mounted disc stays in");
    assertFalse(drive.eject(false));
    guest.run("echo 1 > /proc/sys/dev/cdrom/autoeject && umount /cd");
    guest.run("echo 0 > /proc/sys/dev/cdrom/autoeject");
    assertTrue(drive.isTrayOpen());
    drive.insert(disc("second", "two.txt", "from the second disc\n"));
    awaitIn(guest, "mount -t iso9660 -o ro /dev/sr0 /cd 2>/dev/null; test -e /cd/two.txt");
    assertEquals("from the second disc", guest.run("cat /cd/two.txt && umount /cd").strip());
  }

  /**
   * Comes before units that come and go: the driver prepares the work of an event anew while that
   * very work may be what its end waits for, and the kernel complains of it.
   */
  private void comesBackAfterAReset(GuestConsole guest) {
    guest.run(
        "cd /sys/bus/virtio/drivers/virtio_scsi && d=$(basename $(readlink -f"
            + " /sys/block/sda/device/../../..)) && echo $d > unbind && test ! -e /dev/sda && echo"
            + " $d > bind");
    awaitIn(guest, "test -e /dev/sda");
    assertEquals("1048576", guest.run("dd if=/dev/sda bs=64k count=16 2>/dev/null | wc -c"));
  }

  private void unitsComeAndGo(GuestConsole guest) throws IOException {
    controller.attach(5, 0, new ScsiDisk("late", new MemoryDisk(MIB, true), "S-2", errors));
    awaitIn(guest, "test -e /dev/sdb");
    assertEquals("1", guest.run("cat /sys/block/sdb/ro"));
    controller.detach(5, 0);
    awaitIn(guest, "test ! -e /dev/sdb");
  }

  private static void kernelHasNoComplaints(GuestConsole guest) {
    assertEquals("", guest.run("dmesg | grep -B 30 -A 60 'Call Trace' || true"));
  }
}
