package org.maloca.guests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

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
    Path program = StaticProgram.provide("share/share-try.c", folder.resolve("share-try"));
    var config = LinuxGuests.withDevices(packages, 2, "", List.of(program), folder);
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
      guest.run("mkdir /work/t && cd /work/t && share-try && rm -r /work/t");
      packsAndUnpacks(guest, shared);

      guest.run("cd /work && ln -s %s/secret out && ! cat out".formatted(folder));
      guest.run("umount /work && mount -t 9p -o %s,cache=loose work /work".formatted(OPTIONS));
      guest.run("mkdir /work/t && cd /work/t && share-try mmap && rm -r /work/t");
      assertEquals("2000", guest.run("find /work/out-2 -type f | wc -l"));
      assertEquals("", guest.run("diff -r /work/tree/7 /work/out-2/7"));
      guest.run("umount /work && umount /fixed");
    }
  }

  private static void keepsLinuxsSemantics(GuestConsole guest) {
    guest.run("mkdir /work/s");
    for (String command :
        List.of(
            "exec 5<>open && echo kept >&5 && rm open && test $(stat -Lc %s /proc/self/fd/5) = 5",
            "echo a > f && chmod 640 f && test $(stat -c %a f) = 640",
            "touch -d '2001-09-09 01:46:40' f && test $(stat -c %Y f) = 1000000000",
            "ln f g && test $(stat -c %h f) = 2 && ln -s f l && test $(readlink l) = f",
            "mv g h && mkdir d && mv h d/i && test $(cat d/i) = a && ! rmdir d",
            "mkfifo p && (echo through > p &) && test $(cat p) = through",
            "truncate -s 1000000 f && test $(stat -c %s f) = 1000000",
            "! mknod c c 1 3",
            "dd if=/dev/zero of=z bs=1M count=4 conv=fsync && test $(stat -c %s z) = 4194304",
            "df . | grep -q /work",
            "echo one > log && echo two >> log && test $(wc -l < log) = 2")) {
      guest.run("cd /work/s && pwd && " + command);
    }
    guest.run("rm -r /work/s");
  }

  private static void packsAndUnpacks(GuestConsole guest, Path shared) throws Exception {
    for (int directory = 0; directory < 40; directory++) {
      Path made = Files.createDirectories(shared.resolve("tree/" + directory));
      for (int file = 0; file < 50; file++) {
        Files.writeString(made.resolve("" + file), "%d %d\n".formatted(directory, file));
      }
    }
    guest.run("cd /work && tar -cf /tree.tar tree && mkdir out-1 && tar -xf /tree.tar -C out-1");
    guest.run("cd /work && mv out-1/tree out-2 && rmdir out-1");
    try (var files = Files.walk(shared.resolve("out-2"))) {
      assertEquals(2000, files.filter(Files::isRegularFile).count());
    }
    assertEquals("7 9\n", Files.readString(shared.resolve("out-2/7/9")));
  }
}
