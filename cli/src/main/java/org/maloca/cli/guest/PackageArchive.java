package org.maloca.cli.guest;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/**
 * Puts the files of Debian packages, and of all packages that they depend on, into an archive that
 * Linux takes for its root file system. Nothing is configured: what maintainers' scripts would do
 * at an installation is left out. For one thread.
 */
public final class PackageArchive {
  private final AptRepository repository;
  private final Path downloads;
  private final Progress progress;

  /**
   * Prepares.
   *
   * @param downloads an existing folder that keeps package files
   */
  public PackageArchive(AptRepository repository, Path downloads, Progress progress) {
    this.repository = repository;
    this.downloads = downloads;
    this.progress = progress;
  }

  /**
   * Fetches packages and writes a cpio archive of their files.
   *
   * @param names of the packages
   * @param wanted paths, without a leading slash, of what is to be in the archive
   */
  public void write(List<String> names, Predicate<String> wanted, Path target)
      throws GuestException {
    try {
      write(target, provide(repository.withDependencies(names)), wanted);
    } catch (IOException failure) {
      throw new GuestException(
          "could not make %s: %s".formatted(target, failure.getMessage()), failure);
    }
  }

  /** Writes what is wanted of package files; of several entries with one path, the first. */
  static void write(Path target, List<Path> debs, Predicate<String> wanted) throws IOException {
    try (CpioArchive archive =
        new CpioArchive(new BufferedOutputStream(Files.newOutputStream(target), 1 << 16))) {
      Set<String> written = new HashSet<>();
      for (Path deb : debs) {
        DebArchive.visit(
            deb,
            (name, entry, content) -> {
              String path = name.replaceFirst("/$", "");
              if (!path.isEmpty() && wanted.test(path) && written.add(path)) {
                add(archive, path, entry, content);
              }
              return true;
            });
      }
    }
  }

  /** The files of packages, fetched unless they were before. */
  private List<Path> provide(List<AptPackage> wanted) throws GuestException, IOException {
    List<AptPackage> missing = wanted.stream().filter(each -> !Files.exists(kept(each))).toList();
    if (!missing.isEmpty()) {
      progress.step(
          "fetching " + String.join(", ", missing.stream().map(AptPackage::name).toList()));
      Path folder = Files.createTempDirectory(downloads, "fetching");
      List<Path> fetched = repository.download(missing, folder);
      for (int i = 0; i < fetched.size(); i++) {
        Files.move(fetched.get(i), kept(missing.get(i)), StandardCopyOption.ATOMIC_MOVE);
      }
      Files.delete(folder);
    }
    return wanted.stream().map(this::kept).toList();
  }

  private Path kept(AptPackage each) {
    return downloads.resolve(each.sha256() + ".deb");
  }

  private static void add(
      CpioArchive archive, String path, TarArchiveEntry entry, InputStream content)
      throws IOException {
    int permissions = entry.getMode() & 07777;
    if (entry.isDirectory()) {
      archive.directory(path, permissions);
    } else if (entry.isSymbolicLink()) {
      archive.symbolicLink(path, entry.getLinkName());
    } else if (entry.isLink()) {
      // The other name of one file; a guest that only reads cannot tell.
      archive.symbolicLink(path, entry.getLinkName().replaceFirst("^\\./", "/"));
    } else if (entry.isFile()) {
      archive.file(path, permissions, content.readAllBytes());
    }
  }
}
