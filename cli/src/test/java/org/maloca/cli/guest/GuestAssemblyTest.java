package org.maloca.cli.guest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GuestAssemblyTest {
  private static final byte[] BUSYBOX =
      "ELF...\0junk\0[\0[[\0acpid\0ash\0busybox\0cat\0\0more".getBytes(StandardCharsets.US_ASCII);

  @TempDir Path folder;

  @Test
  void readsAppletNamesFromTheProgram() {
    assertEquals(List.of("[", "[[", "acpid", "ash", "busybox", "cat"), BusyboxApplets.of(BUSYBOX));
  }

  @Test
  void findsNoAppletsWhereThereIsNoTable() {
    assertEquals(List.of(), BusyboxApplets.of(new byte[100]));
  }

  @Test
  void writesACpioArchiveThatOthersRead() throws IOException {
    Path busybox = Files.write(folder.resolve("busybox"), BUSYBOX);
    Path target = folder.resolve("initrd");
    BusyboxInitrd.write(busybox, target);
    Map<String, Long> modes = new HashMap<>();
    Map<String, String> contents = new HashMap<>();
    try (CpioArchiveInputStream archive =
        new CpioArchiveInputStream(new ByteArrayInputStream(Files.readAllBytes(target)))) {
      for (CpioArchiveEntry entry = archive.getNextEntry();
          entry != null;
          entry = archive.getNextEntry()) {
        modes.put(entry.getName(), entry.getMode());
        contents.put(
            entry.getName(), new String(archive.readAllBytes(), StandardCharsets.ISO_8859_1));
      }
    }
    assertEquals(0100755L, modes.get("init"));
    assertEquals(0100755L, modes.get("bin/busybox"));
    assertEquals(0100755L, modes.get("sbin/maloca-winsize"));
    assertEquals(0100644L, modes.get("etc/profile"));
    assertEquals(0120777L, modes.get("bin/cat"));
    assertEquals(0020600L, modes.get("dev/console"));
    assertEquals("busybox", contents.get("bin/cat"));
    assertEquals(BUSYBOX.length, contents.get("bin/busybox").length());
    assertTrue(contents.get("init").startsWith("#!/bin/sh"));
  }

  @Test
  void writesTheSameBytesEachTime() throws IOException {
    Path busybox = Files.write(folder.resolve("busybox"), BUSYBOX);
    BusyboxInitrd.write(busybox, folder.resolve("a"));
    BusyboxInitrd.write(busybox, folder.resolve("b"));
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("a")), Files.readAllBytes(folder.resolve("b")));
  }

  @Test
  void unpacksOneFileOfADebianPackage() throws IOException {
    Path deb = deb("boot/vmlinuz-6.1", new byte[] {1, 2, 3});
    Path target = folder.resolve("kernel");
    DebArchive.extract(deb, name -> name.startsWith("boot/vmlinuz-"), target);
    assertArrayEquals(new byte[] {1, 2, 3}, Files.readAllBytes(target));
  }

  @Test
  void saysWhenAPackageLacksTheFile() throws IOException {
    Path deb = deb("boot/config-6.1", new byte[1]);
    assertThrows(
        IOException.class,
        () -> DebArchive.extract(deb, name -> name.equals("x"), folder.resolve("y")));
  }

  private Path deb(String name, byte[] content) throws IOException {
    return DebFile.write(folder.resolve("test.deb"), Map.of(name, content));
  }

  /** The folder of a guest that was made with the drivers of that identity. */
  private Path presentGuest(String modules) throws IOException {
    String version = "amd64-1-busybox-1";
    Path home = Files.createDirectory(folder.resolve(version));
    Files.write(home.resolve("vmlinuz"), new byte[1]);
    Files.write(home.resolve("busybox"), BUSYBOX);
    Files.write(home.resolve("modules-%s.cpio".formatted(modules)), new byte[1]);
    Files.writeString(folder.resolve("amd64.current"), version + "\n");
    return home;
  }

  @Test
  void usesAPresentGuestWithoutAskingForPackages() throws Exception {
    Path ignored = presentGuest(KernelModules.wantedId());
    DebianLinuxGuest maker =
        new DebianLinuxGuest(
            folder,
            GuestArchitecture.AMD64,
            () -> {
              throw new GuestException("asked");
            });
    LinuxGuest made = maker.provide(false, Progress.SILENT);
    assertTrue(Files.isRegularFile(made.initrd()));
    assertEquals(made.kernel(), made.quickestKernel(), "of one byte, there is nothing to unpack");
    assertEquals(made, maker.provide(false, Progress.SILENT));
    assertEquals(
        "asked",
        assertThrows(GuestException.class, () -> maker.provide(true, Progress.SILENT))
            .getMessage());
  }

  @Test
  void goesOnWithTheDriversOfAnEarlierMalocaWhereOthersCannotBeHad() throws Exception {
    Path home = presentGuest("0");
    DebianLinuxGuest maker =
        new DebianLinuxGuest(
            folder,
            GuestArchitecture.AMD64,
            () -> {
              throw new GuestException("no network");
            });
    List<String> said = new ArrayList<>();
    LinuxGuest made = maker.provide(false, said::add);
    assertEquals(home.resolve("modules-0.cpio"), made.modules());
    assertTrue(Files.isRegularFile(made.initrd()));
    assertTrue(said.getFirst().endsWith("cannot be fetched: no network"), said.toString());
    assertThrows(GuestException.class, () -> maker.provide(true, said::add), "asked for");
    assertThrows(
        GuestException.class, () -> maker.withModuleTree().provide(false, said::add), "no tree");
  }

  @Test
  void leavesWhatAnotherMalocaKeepsOfTheSamePackages() throws Exception {
    Path home = Files.createDirectory(folder.resolve("home"));
    Path files = Files.createDirectory(folder.resolve("files"));
    Files.writeString(home.resolve("vmlinuz"), "in use");
    Files.writeString(home.resolve("modules-1.cpio"), "the other's");
    Files.writeString(files.resolve("vmlinuz"), "again");
    Files.writeString(files.resolve("modules-2.cpio"), "ours");
    new LinuxGuestFolder(home).addMissing(files);
    assertEquals("in use", Files.readString(home.resolve("vmlinuz")));
    assertEquals("the other's", Files.readString(home.resolve("modules-1.cpio")));
    assertEquals("ours", Files.readString(home.resolve("modules-2.cpio")));
  }

  @Test
  void keepsDataWhereEachHostWantsIt() {
    assertEquals(
        Path.of("/home/u/.local/share/maloca"), DataFolder.locate("Linux", "/home/u", Map.of()));
    assertEquals(
        Path.of("/h/.local/share/maloca"),
        DataFolder.locate("Linux", "/home/u", Map.of("HOME", "/h")));
    assertEquals(
        Path.of("/data/maloca"),
        DataFolder.locate("Linux", "/home/u", Map.of("XDG_DATA_HOME", "/data")));
    assertEquals(
        Path.of("/home/u/.local/share/maloca"),
        DataFolder.locate("Linux", "/home/u", Map.of("XDG_DATA_HOME", "relative")));
    assertEquals(
        Path.of("/Users/u/Library/Application Support/Maloca"),
        DataFolder.locate("Mac OS X", "/Users/u", Map.of()));
  }
}
