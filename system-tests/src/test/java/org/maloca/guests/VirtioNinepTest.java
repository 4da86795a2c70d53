package org.maloca.guests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.cli.guest.GuestArchitecture;
import org.maloca.cli.guest.LinuxGuest;
import org.maloca.machine.board.Accelerators;
import org.maloca.machine.board.DevicePlug;
import org.maloca.machine.config.ShareConfig;
import org.maloca.machine.device.SharePlug;

/** Debian's kernel works in a folder of the host. */
class VirtioNinepTest {
  private static final String OPTIONS = "trans=virtio,version=9p2000.L,msize=512000";

  @Test
  void guestWorksInAFolderOfTheHost(@TempDir Path folder) throws Exception {
    // The cloud kernel has no 9p.
    LinuxGuest packages = LinuxGuests.provide(GuestArchitecture.AMD64_GENERIC);
    Path shared = Files.createDirectory(folder.resolve("shared"));
    Path fixed = Files.createDirectory(folder.resolve("fixed"));
    Files.writeString(folder.resolve("secret"), "secret");
    Files.writeString(shared.resolve("greeting"), "from the host\n");
    Files.writeString(fixed.resolve("constant"), "42\n");
    List<DevicePlug> plugs =
        List.of(
            new SharePlug(new ShareConfig(shared, "work", false)),
            new SharePlug(new ShareConfig(fixed, "fixed", true)));
    var config = LinuxGuests.withDevices(packages, 2, "", folder);
    try (GuestConsole guest = GuestConsole.boot(config, Accelerators.translator(), plugs)) {
      guest.await(GuestConsole.READY);
      guest.loadDrivers();
      guest.run("modprobe 9p && mkdir -p /work /fixed");
      guest.run("mount -t 9p -o %s work /work".formatted(OPTIONS));
      guest.run("mount -t 9p -o %s,ro fixed /fixed".formatted(OPTIONS));

      assertEquals("from the host", guest.run("cat /work/greeting"));
      guest.run("echo from the guest > /work/answer");
      assertEquals("from the guest\n", Files.readString(shared.resolve("answer")));
      assertEquals("42", guest.run("cat /fixed/constant"));
      guest.run("mount -o remount,rw /fixed; ! touch /fixed/new 2>/dev/null");
      assertFalse(Files.exists(fixed.resolve("new")));

      keepsLinuxsSemantics(guest);
      packsAndUnpacks(guest, shared);

      guest.run("cd /work && ln -s %s/secret out && ! cat out".formatted(folder));
      guest.run("umount /work && mount -t 9p -o %s,cache=loose work /work".formatted(OPTIONS));
      assertEquals("2000", guest.run("find /work/out-2 -type f | wc -l"));
      assertEquals("0", guest.run("diff -r /work/tree /work/out-2 | wc -l"));
      guest.run("umount /work && umount /fixed");
    }
  }

  private static void keepsLinuxsSemantics(GuestConsole guest) {
    guest.run("cd /work && mkdir s && cd s");
    guest.run(
        "exec 5<>open && echo kept >&5 && rm open && grep -q kept /proc/self/fd/5 && exec 5>&-");
    guest.run("echo a > f && chmod 640 f && test $(stat -c %a f) = 640");
    guest.run("touch -d '2001-09-09 01:46:40' f && test $(stat -c %Y f) = 1000000000");
    guest.run("ln f g && test $(stat -c %h f) = 2 && ln -s f l && test $(readlink l) = f");
    guest.run("mv g h && mkdir d && mv h d/i && test $(cat d/i) = a && ! rmdir d");
    guest.run("mkfifo p && (echo through > p &) && test $(cat p) = through");
    guest.run("truncate -s 1000000 f && test $(stat -c %s f) = 1000000");
    guest.run(
        "! mknod c c 1 3 && dd if=/dev/zero of=z bs=1M count=4 conv=fsync && df . | grep -q /work");
    guest.run("cd /work && rm -r s");
  }

  private static void packsAndUnpacks(GuestConsole guest, Path shared) throws Exception {
    guest.run(
        "cd /work && mkdir tree && cd tree && for d in $(seq 40); do mkdir $d; for f in $(seq 50);"
            + " do echo $d $f > $d/$f; done; done");
    guest.run("cd /work && tar -cf /tree.tar tree && mkdir out-1 && tar -xf /tree.tar -C out-1");
    guest.run("mv out-1/tree out-2 && rmdir out-1");
    try (var files = Files.walk(shared.resolve("out-2"))) {
      assertEquals(2000, files.filter(Files::isRegularFile).count());
    }
    assertEquals("7 9\n", Files.readString(shared.resolve("out-2/7/9")));
    assertTrue(Files.isDirectory(shared.resolve("tree/40")));
  }
}
