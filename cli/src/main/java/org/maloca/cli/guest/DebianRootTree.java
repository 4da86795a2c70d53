package org.maloca.cli.guest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/**
 * Unpacks packages into a folder that becomes a root file system. Owners are left out: all is the
 * user's own. The folder's own links are not followed out of it.
 */
final class DebianRootTree {
  /** The directories that Debian keeps below /usr, with links in their old places. */
  private static final List<String> MERGED = List.of("bin", "sbin", "lib", "lib64");

  private final Path root;

  private DebianRootTree(Path root) {
    this.root = root;
  }

  /** Makes the tree of Debian's merged /usr in an empty folder. */
  static DebianRootTree create(Path root) throws IOException {
    for (String name : MERGED) {
      Files.createDirectories(root.resolve("usr").resolve(name));
      Files.createSymbolicLink(root.resolve(name), Path.of("usr", name));
    }
    return new DebianRootTree(root);
  }

  /** Unpacks the files of a package whose paths, without a leading slash, are wanted. */
  void unpack(Path deb, Predicate<String> wanted) throws IOException {
    DebArchive.visit(
        deb,
        (name, entry, content) -> {
          if (!name.isEmpty() && wanted.test(name)) {
            add(name, entry, content);
          }
          return true;
        });
  }

  private void add(String name, TarArchiveEntry entry, InputStream content) throws IOException {
    Path target = place(name);
    if (entry.isDirectory()) {
      if (!Files.isDirectory(target)) {
        Files.createDirectories(target);
      }
      return;
    }
    Files.createDirectories(target.getParent());
    if (entry.isSymbolicLink()) {
      Files.deleteIfExists(target);
      Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
    } else if (entry.isLink()) {
      Files.deleteIfExists(target);
      Files.createLink(target, place(entry.getLinkName().replaceFirst("^(\\./|/)+", "")));
    } else if (entry.isFile()) {
      Files.copy(content, target, StandardCopyOption.REPLACE_EXISTING);
      Files.setPosixFilePermissions(target, permissions(entry.getMode()));
    }
  }

  /**
   * Where a path of a package lies: below the root, with the merged directories in their new place.
   *
   * @throws IOException when the path leads out of the tree
   */
  private Path place(String name) throws IOException {
    Path relative = Path.of(name).normalize();
    if (relative.isAbsolute() || relative.startsWith("..") || relative.toString().isEmpty()) {
      throw new IOException("a package has a file outside of its tree: " + name);
    }
    if (MERGED.contains(relative.getName(0).toString())) {
      relative = Path.of("usr").resolve(relative);
    }
    Path parent = root;
    for (int i = 0; i < relative.getNameCount() - 1; i++) {
      parent = parent.resolve(relative.getName(i));
      if (Files.isSymbolicLink(parent)) {
        throw new IOException("a package has a file behind a link: " + name);
      }
    }
    return root.resolve(relative);
  }

  private static Set<PosixFilePermission> permissions(int mode) {
    PosixFilePermission[] inOrder = PosixFilePermission.values();
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    for (int i = 0; i < inOrder.length; i++) {
      // The enumeration goes from the owner's reading, bit 8, to the others' executing, bit 0.
      if ((mode >> (inOrder.length - 1 - i) & 1) != 0) {
        permissions.add(inOrder[i]);
      }
    }
    permissions.add(PosixFilePermission.OWNER_READ);
    permissions.add(PosixFilePermission.OWNER_WRITE);
    return permissions;
  }

  /** Deletes a folder and all in it; links are not followed. */
  static void delete(Path tree) throws IOException {
    if (Files.isDirectory(tree, LinkOption.NOFOLLOW_LINKS)) {
      if (!Files.isWritable(tree) || !Files.isExecutable(tree) || !Files.isReadable(tree)) {
        Files.setPosixFilePermissions(
            tree,
            EnumSet.of(
                PosixFilePermission.OWNER_READ,
                PosixFilePermission.OWNER_WRITE,
                PosixFilePermission.OWNER_EXECUTE));
      }
      try (var children = Files.newDirectoryStream(tree)) {
        for (Path child : children) {
          delete(child);
        }
      }
    }
    Files.deleteIfExists(tree);
  }
}
