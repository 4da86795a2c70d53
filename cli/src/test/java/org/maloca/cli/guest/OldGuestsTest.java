package org.maloca.cli.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.block.image.ImageFormat;

final class OldGuestsTest {
  @TempDir Path data;

  private Path make(String name) throws IOException {
    Path home = Files.createDirectories(data.resolve("guests").resolve(name));
    Files.write(home.resolve("root.raw"), new byte[5000]);
    return home;
  }

  private OldGuests guests(boolean isAnyRunning) {
    return new OldGuests(data.resolve("guests"), data.resolve("machines"), isAnyRunning);
  }

  /** Names and reasons, with what each is kept for. */
  private Map<String, String> listed(boolean isAnyRunning) throws IOException {
    Map<String, String> lines = new TreeMap<>();
    for (OldGuest old : guests(isAnyRunning).list(Progress.SILENT)) {
      String keptFor = old.keptFor();
      lines.put(
          old.path().getFileName().toString(),
          old.why().replaceFirst(" of [-0-9: ]+", "") + (keptFor == null ? "" : "; " + keptFor));
    }
    return lines;
  }

  @Test
  void thereIsNothingOldInAFolderThatIsNotThere() throws IOException {
    assertEquals(Map.of(), listed(false));
  }

  @Test
  void theNewestOfEachKindIsNotOld() throws IOException {
    make("amd64-6.1.10-busybox-1");
    make("amd64-6.1.9-busybox-1");
    make("amd64-generic-6.1.8-busybox-1");
    make("apt-debian");
    Files.writeString(data.resolve("guests/amd64.current"), "amd64-6.1.10-busybox-1\n");
    Files.writeString(
        data.resolve("guests/amd64-generic.current"), "amd64-generic-6.1.8-busybox-1\n");
    String ours = DebianGuest.recipe();
    make("debian-1000-" + ours);
    make("debian-2000-" + ours);
    make("debian-3000-abc");
    assertEquals(
        Map.of(
            "amd64-6.1.9-busybox-1",
            "Linux 6.1.9, replaced",
            "debian-1000-" + ours,
            "Debian, replaced",
            "debian-3000-abc",
            "Debian, by another version of Maloca"),
        listed(false));
  }

  @Test
  void theOnlyDebianThereIsStaysForTimesWithoutANetwork() throws IOException {
    make("debian-1000-abc");
    assertEquals(Map.of(), listed(false));
    make("debian-2000-abd");
    assertEquals(Map.of("debian-1000-abc", "Debian, by another version of Maloca"), listed(false));
  }

  @Test
  void whatIsNeededIsKept() throws Exception {
    make("debian-3000-" + DebianGuest.recipe());
    Path below = make("debian-1000-abc");
    Path used = make("debian-2000-abc");
    make("amd64-generic-6.1.8-busybox-1.modules");
    MachineFolder.in(data.resolve("machines"), "web")
        .create(below, below.resolve("root.raw"), ImageFormat.RAW, 1 << 20, Progress.SILENT);
    List<OldGuest> before = guests(false).list(Progress.SILENT);
    GuestUse.begin(used);
    assertEquals(
        Map.of(
            "amd64-generic-6.1.8-busybox-1.modules",
                "drivers, where an earlier Maloca had them; any machine that runs now",
            "debian-1000-abc", "Debian, by another version of Maloca; the disk of web",
            "debian-2000-abc", "Debian, by another version of Maloca; a running machine"),
        listed(true));
    for (OldGuest old : before) {
      assertEquals(
          old.path().toString().endsWith(".modules"),
          guests(false).delete(old, Progress.SILENT),
          old.toString());
    }
    assertTrue(Files.exists(below.resolve("root.raw")));
    assertTrue(Files.exists(used.resolve("root.raw")));
  }

  /** The guest of {@code maloca run linux}, as two versions of Maloca have used it. */
  private Path makeLinuxOfTwoVersions() throws IOException {
    Path guest = make("amd64-6.1.10-busybox-1");
    Files.writeString(data.resolve("guests/amd64.current"), "amd64-6.1.10-busybox-1\n");
    List<String> names =
        List.of(
            "vmlinuz",
            "busybox",
            LinuxGuestFolder.MODULES,
            "modules-abc.cpio",
            LinuxGuestFolder.initrd(),
            "initrd-abc.cpio");
    for (String name : names) {
      Files.write(guest.resolve(name), new byte[5000]);
    }
    return guest;
  }

  @Test
  void whatOtherVersionsMadeForTheNewestGoes() throws IOException {
    Path guest = makeLinuxOfTwoVersions();
    String why = "made by another version of Maloca";
    assertEquals(Map.of("modules-abc.cpio", why, "initrd-abc.cpio", why), listed(true));
    for (OldGuest old : guests(false).list(Progress.SILENT)) {
      assertTrue(old.sizeBytes() >= 5000);
      assertTrue(guests(false).delete(old, Progress.SILENT));
    }
    assertEquals(Map.of(), listed(false));
    assertFalse(Files.exists(guest.resolve("modules-abc.cpio")));
    assertFalse(Files.exists(guest.resolve("initrd-abc.cpio")));
    assertTrue(Files.exists(guest.resolve(LinuxGuestFolder.MODULES)));
    assertTrue(Files.exists(guest.resolve(LinuxGuestFolder.initrd())));
    assertTrue(Files.exists(guest.resolve("root.raw")));
  }

  @Test
  void whatOtherVersionsMadeStaysWithAMachineThatRunsOnTheGuest() throws IOException {
    Path guest = makeLinuxOfTwoVersions();
    List<OldGuest> before = guests(true).list(Progress.SILENT);
    GuestUse.begin(guest);
    String why = "made by another version of Maloca; a running machine";
    assertEquals(Map.of("modules-abc.cpio", why, "initrd-abc.cpio", why), listed(true));
    for (OldGuest old : before) {
      assertFalse(guests(true).delete(old, Progress.SILENT));
      assertTrue(Files.exists(old.path()));
    }
  }

  @Test
  void theOnlyDriversThereAreStayForTimesWithoutANetwork() throws IOException {
    Path guest = makeLinuxOfTwoVersions();
    Files.delete(guest.resolve(LinuxGuestFolder.MODULES));
    assertEquals(Map.of("initrd-abc.cpio", "made by another version of Maloca"), listed(false));
  }

  @Test
  void whatIsLeftOfAttemptsGoes() throws IOException {
    Path broken = make(".debian123");
    Path half = make(".making456");
    for (OldGuest old : guests(true).list(Progress.SILENT)) {
      assertTrue(old.sizeBytes() >= 5000);
      assertTrue(guests(true).delete(old, Progress.SILENT));
    }
    assertFalse(Files.exists(broken));
    assertFalse(Files.exists(half));
  }
}
