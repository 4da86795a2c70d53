package org.maloca.cli.guest;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;

/**
 * The root file system of Maloca's Linux guest: BusyBox and a few scripts. Not compressed, since
 * unpacking would be the guest's work.
 */
public final class BusyboxInitrd {
  private static final String[] DIRECTORIES = {
    "bin",
    "dev",
    "etc",
    "mnt",
    "proc",
    "root",
    "run",
    "sbin",
    "sys",
    "tmp",
    "usr",
    "usr/bin",
    "usr/sbin",
    "var",
    "var/log"
  };

  private BusyboxInitrd() {}

  /** Changes whenever the scripts do; part of the names of cached archives. */
  static String recipe() throws IOException {
    CRC32 crc = new CRC32();
    for (String name : new String[] {"init", "clock", "lease", "profile", "motd", "winsize"}) {
      crc.update(resource(name).getBytes(StandardCharsets.UTF_8));
    }
    return "%08x".formatted(crc.getValue());
  }

  /** Writes the guest's usual archive. */
  static void write(Path busybox, Path target) throws IOException {
    Map<String, String> extra = new TreeMap<>();
    extra.put("etc/profile", resource("profile"));
    extra.put("etc/motd", resource("motd"));
    extra.put("sbin/maloca-clock", resource("clock"));
    extra.put("sbin/maloca-winsize", resource("winsize"));
    extra.put("sbin/maloca-lease", resource("lease"));
    write(busybox, resource("init"), extra, target);
  }

  /**
   * Writes an archive with BusyBox, links for its applets, device nodes for a console, and files.
   *
   * @param busybox the program, statically linked
   * @param init the text of {@code /init}
   * @param files further text files by path; those under bin and sbin are executable
   */
  public static void write(Path busybox, String init, Map<String, String> files, Path target)
      throws IOException {
    byte[] program = Files.readAllBytes(busybox);
    try (CpioArchive archive =
        new CpioArchive(new BufferedOutputStream(Files.newOutputStream(target), 1 << 16))) {
      for (String directory : DIRECTORIES) {
        archive.directory(directory, directory.equals("tmp") ? 01777 : 0755);
      }
      archive.characterDevice("dev/console", 0600, 5, 1);
      archive.characterDevice("dev/null", 0666, 1, 3);
      archive.file("bin/busybox", 0755, program);
      for (String applet : BusyboxApplets.of(program)) {
        if (!applet.equals("busybox")) {
          archive.symbolicLink("bin/" + applet, "busybox");
        }
      }
      archive.text("init", 0755, init);
      archive.text("etc/passwd", 0644, "root::0:0:root:/root:/bin/sh\n");
      archive.text("etc/group", 0644, "root:x:0:\n");
      archive.text("etc/hostname", 0644, "maloca\n");
      archive.text("etc/hosts", 0644, "127.0.0.1\tlocalhost maloca\n");
      for (Map.Entry<String, String> file : files.entrySet()) {
        boolean isProgram = file.getKey().matches("s?bin/.*");
        archive.text(file.getKey(), isProgram ? 0755 : 0644, file.getValue());
      }
    }
  }

  static String resource(String name) throws IOException {
    try (InputStream stream = BusyboxInitrd.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IOException("this build of Maloca lacks guest/" + name);
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
