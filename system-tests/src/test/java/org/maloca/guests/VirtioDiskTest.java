package org.maloca.guests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.maloca.cli.guest.GuestArchitecture;
import org.maloca.cli.guest.LinuxGuest;
import org.maloca.core.backend.DiskFullException;
import org.maloca.devices.disk.DiskErrorAction;
import org.maloca.devices.virtio.VirtioPci;
import org.maloca.devices.virtio.block.VirtioBlock;
import org.maloca.machine.board.Accelerators;
import org.maloca.machine.board.DevicePlug;
import org.maloca.machine.board.DeviceSite;
import org.maloca.machine.lifecycle.VmListener;
import org.maloca.machine.lifecycle.VmState;

/** Debian's kernel keeps a file system on a virtio disk, by each way to the guest. */
class VirtioDiskTest {
  private static final int MIB = 1 << 20;

  enum Way {
    PCI("", false, false),
    PCI_PACKED("", false, true),
    PCI_WITHOUT_MSI("pci=nomsi", false, false),
    PCI_LEGACY("", false, false),
    MMIO("", true, false);

    private final String append;
    private final boolean isMmio;
    private final boolean isPacked;

    Way(String append, boolean isMmio, boolean isPacked) {
      this.append = append;
      this.isMmio = isMmio;
      this.isPacked = isPacked;
    }

    void add(DeviceSite site, MemoryDisk disk, String serial, int queues) {
      var options =
          new VirtioBlock.Options(
              serial, queues, isPacked, DiskErrorAction.ENOSPC, DiskErrorAction.REPORT);
      var device =
          new VirtioBlock(site.newId("disk"), site.memory(), disk, options, site::pauseForError);
      if (isMmio) {
        site.addVirtioMmio(device);
      } else {
        site.addVirtio(device, VirtioPci.Identity.BLOCK);
      }
    }
  }

  @Test
  void resetOfTheBusResetsTheDiskBehindAPort(@TempDir Path folder) throws Exception {
    LinuxGuest packages = LinuxGuests.provide(GuestArchitecture.AMD64);
    MemoryDisk disk = new MemoryDisk(MIB, false);
    disk.bytes().setString(0, "behind a port");
    DevicePlug plug =
        site -> {
          var device =
              new VirtioBlock(
                  "disk0", site.memory(), disk, VirtioBlock.Options.of("s"), site::pauseForError);
          site.addBehindRootPort(new VirtioPci(device, VirtioPci.Identity.BLOCK, site.messages()));
        };
    var config = LinuxGuests.withDevices(packages, 1, "", folder);
    try (GuestConsole guest = GuestConsole.boot(config, Accelerators.translator(), List.of(plug))) {
      guest.await(GuestConsole.READY);
      guest.loadDrivers();
      String function = guest.run("basename $(readlink -f /sys/block/vda/device/..)");
      assertTrue(function.matches("0000:0[1-9a-f]:00.0"), function);
      assertEquals("behind a port", guest.run("head -c 13 /dev/vda"));
      String device = "/sys/bus/pci/devices/" + function;
      guest.run(
          "echo $(basename $(readlink -f /sys/block/vda/device)) > /sys/bus/virtio/drivers/virtio_blk/unbind");
      guest.run("echo bus > %s/reset_method && echo 1 > %s/reset".formatted(device, device));
      guest.run(
          "echo %s > /sys/bus/pci/drivers/virtio-pci/unbind; echo %s > /sys/bus/pci/drivers/virtio-pci/bind"
              .formatted(function, function));
      assertEquals("behind a port", guest.run("head -c 13 /dev/vda"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void diskKeepsAFileSystem(Way way, @TempDir Path folder) throws Exception {
    LinuxGuest packages = LinuxGuests.provide(GuestArchitecture.AMD64);
    MemoryDisk disk = new MemoryDisk(64 * MIB, false);
    disk.resize(32 * MIB);
    MemoryDisk readOnly = new MemoryDisk(MIB, true);
    readOnly.bytes().setString(0, "from the host");
    DevicePlug plug =
        site -> {
          way.add(site, disk, "SERIAL-1", 2);
          way.add(site, readOnly, "second", 1);
        };
    var config = LinuxGuests.withDevices(packages, 2, way.append, folder);
    try (GuestConsole guest = GuestConsole.boot(config, Accelerators.translator(), List.of(plug))) {
      guest.await(GuestConsole.READY);
      if (way == Way.PCI_LEGACY) {
        guest.run("modprobe virtio_pci force_legacy=1");
      }
      guest.loadDrivers();
      // Bit 32 says that the driver is one of virtio 1.0 or newer.
      assertEquals(
          way == Way.PCI_LEGACY ? "0" : "1", guest.run("cut -c33 /sys/block/vda/device/features"));

      assertEquals("65536", guest.run("cat /sys/block/vda/size"));
      assertEquals("SERIAL-1", guest.run("cat /sys/block/vda/serial"));
      assertEquals("1", guest.run("cat /sys/block/vdb/ro"));
      assertEquals("from the host", guest.run("head -c 13 /dev/vdb"));
      assertEquals("2", guest.run("ls /sys/block/vda/mq | wc -l"));

      guest.run("mke2fs -q /dev/vda && mkdir -p /mnt && mount -t ext4 /dev/vda /mnt");
      guest.run("seq 1 200000 > /mnt/numbers && sync");
      assertTrue(disk.flushes.get() > 0, "sync reached the disk");
      String sum = guest.run("md5sum < /mnt/numbers");
      guest.run("umount /mnt && echo 3 > /proc/sys/vm/drop_caches && mount /dev/vda /mnt");
      assertEquals(sum, guest.run("md5sum < /mnt/numbers"));
      guest.run("rm /mnt/numbers && sync && fstrim /mnt");
      assertTrue(disk.discards.get() > 0, "fstrim reached the disk");

      disk.resize(48 * MIB);
      guest.run("while [ $(cat /sys/block/vda/size) != 98304 ]; do sleep 0.1; done");

      disk.failure = new IOException("the platter is scratched");
      assertTrue(
          guest
              .run("dd if=/dev/vda of=/dev/null bs=4k count=1 skip=5000 iflag=direct 2>&1; true")
              .contains("error"));
      disk.failure = null;
      goesOnWhenThereIsRoom(guest, disk);
      guest.run("umount /mnt");
      unbindsAndComesBack(guest, way);
      sleepsUntilTheClockWakesIt(guest);
    }
  }

  private static void goesOnWhenThereIsRoom(GuestConsole guest, MemoryDisk disk)
      throws InterruptedException {
    var paused = new java.util.concurrent.CountDownLatch(1);
    guest
        .vm()
        .addListener(
            new VmListener() {
              @Override
              public void hostFailed(String deviceId, IOException cause) {
                paused.countDown();
              }
            });
    disk.failure = new DiskFullException("no room", new IOException("full"));
    guest.send("echo kept > /mnt/kept; sync; cat /mnt/kept; echo '@@room@@'");
    paused.await();
    assertEquals(VmState.PAUSED, guest.vm().state());
    disk.failure = null;
    guest.vm().resume();
    assertTrue(guest.await("@@room@@").contains("kept"));
    guest.await("@@done 0@@");
  }

  private static void unbindsAndComesBack(GuestConsole guest, Way way) {
    if (way.isMmio) {
      return;
    }
    guest.run(
        "cd /sys/bus/virtio/drivers/virtio_blk && d=$(basename $(readlink -f"
            + " /sys/block/vda/device)) && echo $d > unbind && test ! -e /dev/vda && echo $d > bind"
            + " && test -e /dev/vda");
    assertEquals("1048576", guest.run("dd if=/dev/vda bs=64k count=16 2>/dev/null | wc -c"));
  }

  /**
   * The count keeps the guest awake where the alarm goes off before it sleeps, so that nothing
   * would wake it; then it is tried with more time.
   */
  private static void sleepsUntilTheClockWakesIt(GuestConsole guest) {
    guest.run(
        "cd /sys/power; for t in 3 10 30 90 300; do c=$(cat wakeup_count) && echo 0 >"
            + " /sys/class/rtc/rtc0/wakealarm && echo +$t > /sys/class/rtc/rtc0/wakealarm &&"
            + " echo $c > wakeup_count && echo freeze > state && break; done");
    assertTrue(guest.run("dmesg").contains("PM: suspend exit"));
    assertEquals("1048576", guest.run("dd if=/dev/vda bs=64k count=16 2>/dev/null | wc -c"));
  }
}
