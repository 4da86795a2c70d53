package org.maloca.block.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Which files an image may lead to. Images come from anywhere, and the names of backing files, data
 * files and extents inside them may be anybody's: {@code /etc/shadow}, {@code ../../x}, a link to
 * either, or {@code nbd:host}. So a name is followed only to
 *
 * <ul>
 *   <li>a file in the folder of the image that names it, or in a folder of that one;
 *   <li>a file that the user named;
 *   <li>a file under a folder that the user allowed,
 * </ul>
 *
 * <p>each after all symbolic links were resolved, and only when it is a regular file. Immutable.
 *
 * @param files that the user named
 * @param folders that the user allowed
 */
public record AllowedPaths(List<Path> files, List<Path> folders) {
  /** Nothing but the image's own folder. */
  public static final AllowedPaths OWN_FOLDER = new AllowedPaths(List.of(), List.of());

  private static final Pattern PROTOCOL =
      Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:.*", Pattern.DOTALL);
  private static final Pattern DRIVE = Pattern.compile("[A-Za-z]:[/\\\\].*", Pattern.DOTALL);
  private static final int SHOWN_CHARS = 200;

  public AllowedPaths {
    files = List.copyOf(files);
    folders = List.copyOf(folders);
  }

  /** These, and a file that the user named. */
  public AllowedPaths withFile(Path file) {
    List<Path> more = new ArrayList<>(files);
    more.add(file);
    return new AllowedPaths(more, folders);
  }

  /**
   * Finds the file of a name inside an image.
   *
   * @param image the file that has the name in it, as it was opened
   * @param name as it is there; relative to the image's folder, or absolute
   * @return the file, without symbolic links
   * @throws IOException when it is not there, or not allowed; with a message for people
   */
  public Path resolve(Path image, String name) throws IOException {
    Path folder = folderOf(image);
    Path named = parse(image, name, folder);
    Path real;
    try {
      real = named.toRealPath();
    } catch (IOException missing) {
      if (!isInside(named.toAbsolutePath().normalize(), folder.toRealPath(), image)) {
        throw refusal(image, name);
      }
      throw new java.nio.file.NoSuchFileException(
          named.toString(), null, "is named by %s, but cannot be found".formatted(image));
    }
    if (!isInside(real, folder.toRealPath(), image)) {
      throw refusal(image, name);
    }
    if (!Files.isRegularFile(real)) {
      throw new IOException("%s names %s, which is no regular file".formatted(image, shown(name)));
    }
    return real;
  }

  /**
   * Finds the place for a new file that belongs to an image, which must be in its folder.
   *
   * @throws IOException when the name leads elsewhere
   */
  static Path sibling(Path image, String name) throws IOException {
    Path folder = folderOf(image);
    Path named = parse(image, name, folder).normalize();
    if (!folder.normalize().equals(named.getParent())) {
      throw new IOException("%s needs a file elsewhere: %s".formatted(image, shown(name)));
    }
    return named;
  }

  /** Whether a name speaks of something else than a file, as {@code nbd:host} does. */
  public static boolean isProtocol(String name) {
    return PROTOCOL.matcher(name).matches() && !(isWindows() && DRIVE.matcher(name).matches());
  }

  private static Path parse(Path image, String name, Path folder) throws IOException {
    if (isProtocol(name)) {
      throw new IOException(
          "%s names %s by a protocol, and Maloca opens files only: give the image a plain file name"
                  .formatted(image, shown(name))
              + " ('maloca disk rebase -u -b FILE'), with ./ before it if it has a colon in it");
    }
    try {
      if (name.isEmpty()) {
        throw new InvalidPathException(name, "empty");
      }
      return folder.resolve(name);
    } catch (InvalidPathException odd) {
      throw new IOException(
          "%s names %s, which cannot be a file".formatted(image, shown(name)), odd);
    }
  }

  private static boolean isWindows() {
    return java.io.File.separatorChar == '\\';
  }

  private static Path folderOf(Path image) {
    Path parent = image.toAbsolutePath().getParent();
    return parent != null ? parent : image.toAbsolutePath();
  }

  private boolean isInside(Path real, Path realFolder, Path image) throws IOException {
    if (real.startsWith(realFolder) || real.startsWith(folderOf(image.toRealPath()))) {
      return true;
    }
    for (Path file : files) {
      if (Files.exists(file) && real.equals(file.toRealPath())) {
        return true;
      }
    }
    for (Path folder : folders) {
      if (Files.exists(folder) && real.startsWith(folder.toRealPath())) {
        return true;
      }
    }
    return false;
  }

  private static IOException refusal(Path image, String name) {
    return new IOException(
        "%s names %s, which is not in its folder: if that is meant, allow its folder"
                .formatted(image, shown(name))
            + " by --allow-path");
  }

  /** A name for a message: not too long, and without what could upset a terminal. */
  static String shown(String name) {
    String cut = name.length() > SHOWN_CHARS ? name.substring(0, SHOWN_CHARS) + "…" : name;
    return "'" + cut.replaceAll("\\p{Cntrl}", "?") + "'";
  }
}
