package org.maloca.cli.guest;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;
import org.apache.commons.compress.archivers.ar.ArArchiveEntry;
import org.apache.commons.compress.archivers.ar.ArArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * A Debian package file: an {@code ar} archive whose member data.tar.* holds the files (deb(5)).
 */
final class DebArchive {
  private static final String DATA = "data.tar";

  private DebArchive() {}

  /**
   * Unpacks the first file whose name (without a leading {@code ./}) is wanted.
   *
   * @throws IOException when there is none, or the package is damaged
   */
  static void extract(Path deb, Predicate<String> wanted, Path target) throws IOException {
    try (InputStream file = new BufferedInputStream(Files.newInputStream(deb));
        ArArchiveInputStream members = new ArArchiveInputStream(file)) {
      for (ArArchiveEntry member = members.getNextEntry();
          member != null;
          member = members.getNextEntry()) {
        if (member.getName().startsWith(DATA)) {
          extract(deb, decompress(member.getName(), members), wanted, target);
          return;
        }
      }
    }
    throw new IOException(deb.getFileName() + " has no " + DATA);
  }

  private static void extract(Path deb, InputStream data, Predicate<String> wanted, Path target)
      throws IOException {
    TarArchiveInputStream tar = new TarArchiveInputStream(data);
    for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      String name = entry.getName().replaceFirst("^(\\./|/)+", "");
      if (entry.isFile() && wanted.test(name)) {
        Files.copy(tar, target);
        return;
      }
    }
    throw new IOException(deb.getFileName() + " lacks the file that is looked for");
  }

  private static InputStream decompress(String name, InputStream data) throws IOException {
    return switch (name) {
      case DATA -> data;
      case DATA + ".xz" -> new XZInputStream(data);
      case DATA + ".gz" -> new GzipCompressorInputStream(data);
      default -> throw new IOException("unknown compression of " + name);
    };
  }
}
