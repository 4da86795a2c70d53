package org.maloca.guests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.cli.guest.GuestArchitecture;
import org.maloca.devices.pci.PciRootPort;
import org.maloca.devices.virtio.VirtioPci;
import org.maloca.devices.virtio.block.VirtioBlock;
import org.maloca.machine.board.Accelerators;
import org.maloca.machine.board.DevicePlug;
import org.maloca.machine.board.DeviceSite;

/** Debian's kernel finds BARs in their places, and hears by MSI of what is plugged in. */
class PciHotPlugTest {
  private static final int MIB = 1 << 20;

  private PciRootPort port;
  private DeviceSite board;

  private VirtioPci disk(DeviceSite site, String id, MemoryDisk disk) {
    var device =
        new VirtioBlock(id, site.memory(), disk, VirtioBlock.Options.of(id), site::pauseForError);
    return new VirtioPci(device, VirtioPci.Identity.BLOCK, site.messages());
  }

  @Test
  void disksComeAndGo(@TempDir Path folder) throws Exception {
    DevicePlug plug =
        site -> {
          board = site;
          site.addPci(disk(site, "first", new MemoryDisk(MIB, false)));
          site.addBehindRootPort(disk(site, "second", new MemoryDisk(MIB, false)));
          port = site.addRootPort();
        };
    var config =
        LinuxGuests.withDevices(LinuxGuests.provide(GuestArchitecture.AMD64), 1, "", folder);
    try (GuestConsole guest = GuestConsole.boot(config, Accelerators.translator(), List.of(plug))) {
      guest.await(GuestConsole.READY);
      guest.loadDrivers();
      keepsWhatFirmwareHasDone(guest);
      assertTrue(guest.run("cat /proc/interrupts").matches("(?s).*PCI-MSI[^\n]*pciehp.*"));

      MemoryDisk late = new MemoryDisk(MIB, false);
      late.bytes().setString(0, "plugged in late");
      port.plugBehind(disk(board, "late", late));
      awaitIn(guest, "test -e /sys/block/vdc");
      assertEquals("plugged in late", guest.run("head -c 15 /dev/vdc"));
      port.unplugBehind().close();
      awaitIn(guest, "test ! -e /sys/block/vdc");
      assertEquals("1048576", guest.run("cat /dev/vdb | wc -c"));
    }
  }

  private static void awaitIn(GuestConsole guest, String condition) {
    guest.run(
        ("n=0; until %s; do n=$((n+1)); [ $n = 600 ] && break; for d in"
                + " /sys/bus/*/devices/*/modalias; do modprobe -q $(cat $d) 2>/dev/null; done;"
                + " sleep 0.1; done; %s")
            .formatted(condition, condition));
  }

  private static void keepsWhatFirmwareHasDone(GuestConsole guest) {
    String log = guest.run("dmesg");
    for (String complaint :
        List.of("can't claim", "no compatible bridge window", "failed to assign", "conflict")) {
      assertTrue(!log.contains(complaint), log);
    }
    assertTrue(!log.matches("(?s).*BAR \\d+: assigned.*"), log);
  }
}
