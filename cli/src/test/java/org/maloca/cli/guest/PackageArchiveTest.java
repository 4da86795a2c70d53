package org.maloca.cli.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.ar.ArArchiveEntry;
import org.apache.commons.compress.archivers.ar.ArArchiveOutputStream;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PackageArchiveTest {
  @TempDir Path folder;

  /** Writes the entries of a package. */
  private interface Content {
    void write(TarArchiveOutputStream tar) throws IOException;
  }

  private Path deb(String name, Content content) throws IOException {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(data))) {
      content.write(tar);
    }
    Path deb = folder.resolve(name);
    try (OutputStream out = Files.newOutputStream(deb);
        ArArchiveOutputStream ar = new ArArchiveOutputStream(out)) {
      ar.putArchiveEntry(new ArArchiveEntry("data.tar.gz", data.size()));
      ar.write(data.toByteArray());
      ar.closeArchiveEntry();
    }
    return deb;
  }

  private static void folder(TarArchiveOutputStream tar, String name) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name + "/");
    entry.setMode(0755);
    tar.putArchiveEntry(entry);
    tar.closeArchiveEntry();
  }

  private static void file(TarArchiveOutputStream tar, String name, int mode, String text)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setMode(mode);
    entry.setSize(text.length());
    tar.putArchiveEntry(entry);
    tar.write(text.getBytes(StandardCharsets.US_ASCII));
    tar.closeArchiveEntry();
  }

  private static void link(TarArchiveOutputStream tar, String name, byte kind, String target)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, kind);
    entry.setLinkName(target);
    tar.putArchiveEntry(entry);
    tar.closeArchiveEntry();
  }

  /** Paths in their order, each with its mode in octal digits and its content. */
  private static Map<String, String> read(Path archive) throws IOException {
    Map<String, String> entries = new LinkedHashMap<>();
    try (CpioArchiveInputStream cpio =
        new CpioArchiveInputStream(new ByteArrayInputStream(Files.readAllBytes(archive)))) {
      for (CpioArchiveEntry entry = cpio.getNextEntry();
          entry != null;
          entry = cpio.getNextEntry()) {
        String content = new String(cpio.readAllBytes(), StandardCharsets.US_ASCII);
        entries.put(entry.getName(), "%o %s".formatted(entry.getMode(), content).strip());
      }
    }
    return entries;
  }

  @Test
  void putsFilesOfPackagesTogether() throws IOException {
    Path one =
        deb(
            "one.deb",
            tar -> {
              folder(tar, "./");
              folder(tar, "./usr");
              folder(tar, "./usr/bin");
              file(tar, "./usr/bin/tool", 0755, "tool");
              link(tar, "./usr/bin/alias", TarConstants.LF_SYMLINK, "tool");
              link(tar, "./usr/bin/other", TarConstants.LF_LINK, "./usr/bin/tool");
              folder(tar, "./usr/doc");
              file(tar, "./usr/doc/tool", 0644, "words");
            });
    Path two =
        deb(
            "two.deb",
            tar -> {
              folder(tar, "./usr");
              file(tar, "./usr/data", 0640, "data");
            });
    Path target = folder.resolve("root.cpio");

    PackageArchive.write(target, List.of(one, two), path -> !path.startsWith("usr/doc"));

    Map<String, String> expected = new LinkedHashMap<>();
    expected.put("usr", "40755");
    expected.put("usr/bin", "40755");
    expected.put("usr/bin/tool", "100755 tool");
    expected.put("usr/bin/alias", "120777 tool");
    expected.put("usr/bin/other", "120777 /usr/bin/tool");
    expected.put("usr/data", "100640 data");
    assertEquals(List.copyOf(expected.entrySet()), List.copyOf(read(target).entrySet()));
  }
}
