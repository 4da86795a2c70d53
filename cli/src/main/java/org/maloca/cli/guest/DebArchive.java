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

  /** Takes the entries of a package one by one. */
  @FunctionalInterface
  interface Visitor {
    /**
     * Sees an entry.
     *
     * @param name without a leading {@code ./}
     * @param content of a file, to be read before this returns
     * @return whether to go on
     */
    boolean visit(String name, TarArchiveEntry entry, InputStream content) throws IOException;
  }

  /**
   * Unpacks the first file whose name (without a leading {@code ./}) is wanted.
   *
   * @throws IOException when there is none, or the package is damaged
   */
  static void extract(Path deb, Predicate<String> wanted, Path target) throws IOException {
    boolean isLacking =
        visit(
            deb,
            (name, entry, content) -> {
              if (!entry.isFile() || !wanted.test(name)) {
                return true;
              }
              Files.copy(content, target);
              return false;
            });
    if (isLacking) {
      throw new IOException(deb.getFileName() + " lacks the file that is looked for");
    }
  }

  /**
   * Shows all entries to a visitor until it has enough.
   *
   * @return whether it would have gone on
   * @throws IOException when the package is damaged
   */
  static boolean visit(Path deb, Visitor visitor) throws IOException {
    try (InputStream file = new BufferedInputStream(Files.newInputStream(deb));
        ArArchiveInputStream members = new ArArchiveInputStream(file)) {
      for (ArArchiveEntry member = members.getNextEntry();
          member != null;
          member = members.getNextEntry()) {
        if (member.getName().startsWith(DATA)) {
          return visit(decompress(member.getName(), members), visitor);
        }
      }
    }
    throw new IOException(deb.getFileName() + " has no " + DATA);
  }

  private static boolean visit(InputStream data, Visitor visitor) throws IOException {
    TarArchiveInputStream tar = new TarArchiveInputStream(data);
    for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      String name = entry.getName().replaceFirst("^(\\./|/)+", "");
      if (!visitor.visit(name, entry, tar)) {
        return false;
      }
    }
    return true;
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
