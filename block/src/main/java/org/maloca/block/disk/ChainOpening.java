package org.maloca.block.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.HostFile;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.ImageFormat;
import org.maloca.block.image.ImageInfo;
import org.maloca.block.limit.CacheMode;
import org.maloca.block.qcow2.Qcow2Image;
import org.maloca.core.backend.BlockBackend;

/** One opening of an image and those below it. */
final class ChainOpening {
  private static final Path DEVICES = Path.of("/dev");

  private final OpenOptions options;
  private final List<DiskImage> layers = new ArrayList<>();
  private final List<Path> paths = new ArrayList<>();
  private final List<Path> realPaths = new ArrayList<>();
  private final List<Path> parts = new ArrayList<>();
  private boolean wasDetected;
  private @Nullable String note;

  ChainOpening(OpenOptions options) {
    this.options = options;
  }

  OpenedDisk open(Path path) throws IOException {
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString(), null, "there is no such file");
    }
    DiskImage top = openLayer(path, options.format(), !options.isReadOnly());
    layers.addFirst(top);
    return new OpenedDisk(layers, paths, parts, wasDetected, note);
  }

  private DiskImage openLayer(Path path, @Nullable ImageFormat told, boolean isWritable)
      throws IOException {
    int depth = paths.size();
    enter(path);
    ImageFile file = openFile(path, isWritable);
    DiskImage below = null;
    try {
      FormatDriver driver = driver(file, path, told, isWritable, depth == 0);
      ImageInfo.Backing backing = options.hasBacking() ? driver.backing(file) : null;
      if (backing != null) {
        below = openBelow(path, backing, depth);
      }
      DiskImage image =
          depth == 0 && options.snapshot() != null
              ? openSnapshot(file, driver, below, options.snapshot())
              : driver.open(
                  file,
                  new NamedFiles(path, isWritable),
                  below != null ? below : noBelow(driver, file));
      if (below != null) {
        layers.addFirst(below);
      }
      return image;
    } catch (Throwable failure) {
      close(file, failure);
      if (below != null) {
        close(below, failure);
      }
      throw failure;
    }
  }

  private static @Nullable BlockBackend noBelow(FormatDriver driver, ImageFile file)
      throws IOException {
    return driver.needsBelow(file) ? new UnopenedDisk(file.name()) : null;
  }

  private static DiskImage openSnapshot(
      ImageFile file, FormatDriver driver, @Nullable DiskImage below, String idOrName)
      throws IOException {
    if (driver.format() != ImageFormat.QCOW2) {
      throw new IllegalArgumentException(
          "%s: images of format %s have no internal snapshots"
              .formatted(file.name(), driver.format().optionName()));
    }
    return Qcow2Image.openSnapshot(file, below, idOrName);
  }

  private static void close(AutoCloseable open, Throwable failure) {
    try {
      open.close();
    } catch (Exception another) {
      failure.addSuppressed(another);
    }
  }

  private void enter(Path path) throws IOException {
    Path real = path.toRealPath();
    if (realPaths.contains(real)) {
      throw new IOException(
          "the images are differences to each other in a loop: %s → %s"
              .formatted(
                  realPaths.subList(realPaths.indexOf(real), realPaths.size()).stream()
                      .map(Path::toString)
                      .collect(Collectors.joining(" → ")),
                  real));
    }
    if (paths.size() == DiskImages.MAX_CHAIN) {
      throw new IOException(
          "%s has more than %d images below each other"
              .formatted(paths.getFirst(), DiskImages.MAX_CHAIN));
    }
    realPaths.add(real);
    paths.add(path);
  }

  private ImageFile openFile(Path path, boolean isWritable) throws IOException {
    if (Files.isDirectory(path)) {
      throw new IOException(path + " is a folder");
    }
    if (!Files.isRegularFile(path) && !path.toRealPath().startsWith(DEVICES)) {
      throw new IOException(path + " is neither a file nor a disk");
    }
    List<HostFile.Option> how = new ArrayList<>();
    if (!isWritable) {
      how.add(HostFile.Option.READ_ONLY);
    }
    if (options.isUnlocked()) {
      how.add(HostFile.Option.UNLOCKED);
    }
    if (options.cache() == CacheMode.NONE) {
      how.add(HostFile.Option.DIRECT);
    }
    if (options.cache() == CacheMode.UNSAFE) {
      how.add(HostFile.Option.NEVER_FLUSH);
    }
    return HostFile.open(path, how.toArray(HostFile.Option[]::new));
  }

  private FormatDriver driver(
      ImageFile file, Path path, @Nullable ImageFormat told, boolean isWritable, boolean isTop)
      throws IOException {
    if (told != null) {
      if (isWritable && told == ImageFormat.RAW) {
        boolean ignored = RememberedFormat.remember(path);
      } else if (isWritable) {
        RememberedFormat.forget(path);
      }
      return Formats.of(told);
    }
    FormatDriver found = Formats.detect(file);
    boolean isRemembered = RememberedFormat.isRaw(path);
    if (isTop) {
      wasDetected = true;
      if (isRemembered && found.format() != ImageFormat.RAW) {
        note =
            "%s was a raw disk when it was written, so it is one now, though it looks like %s: if"
                    .formatted(path, found.format().optionName())
                + " it is, say so (-f %1$s, or --disk FILE,format=%1$s)"
                    .formatted(found.format().optionName());
      }
    }
    if (isRemembered) {
      return Formats.of(ImageFormat.RAW);
    }
    if (isWritable && found.format() == ImageFormat.RAW) {
      boolean ignored = RememberedFormat.remember(path);
    }
    return found;
  }

  private DiskImage openBelow(Path path, ImageInfo.Backing backing, int depth) throws IOException {
    Path below = options.allowed().resolve(path, backing.file());
    return openLayer(below, backing.format(), depth + 1 == options.writableBacking());
  }

  /** Files that the image at a path names. */
  private final class NamedFiles implements ImageFiles {
    private final Path image;
    private final boolean isWritable;

    NamedFiles(Path image, boolean isWritable) {
      this.image = image;
      this.isWritable = isWritable;
    }

    @Override
    public ImageFile open(String name, boolean isReadOnly) throws IOException {
      Path part = options.allowed().resolve(image, name);
      ImageFile file = openFile(part, isWritable && !isReadOnly);
      parts.add(part);
      return file;
    }

    @Override
    public ImageFile create(String name) throws IOException {
      throw new IOException("an image that is open makes no files: " + AllowedPaths.shown(name));
    }
  }
}
