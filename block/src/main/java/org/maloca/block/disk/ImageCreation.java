package org.maloca.block.disk;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.HostFile;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.DiskImage;
import org.maloca.block.limit.CacheMode;
import org.maloca.core.backend.BlockBackend;

/**
 * An image that is being made. It comes into being under names of its own beside its place and is
 * put there by {@link #complete}; an image that is closed before leaves nothing. So there is never
 * a half-made one to be mistaken for a whole one, and a file that was there before stays until it
 * is replaced.
 *
 * <p>Used by one thread, though any may close it; the image that {@link #open} gives may be used by
 * several.
 */
public final class ImageCreation implements AutoCloseable {
  private final Path target;
  private final CreateRequest request;
  private final boolean mayReplace;
  private final CacheMode cache;

  /** Final name to the name that a file has until then; the image's first file comes last. */
  private final Map<Path, Path> pieces = Collections.synchronizedMap(new LinkedHashMap<>());

  private final String suffix = ".%08x.part".formatted(ThreadLocalRandom.current().nextInt());
  private boolean isComplete;

  private ImageCreation(Path target, CreateRequest request, boolean mayReplace, CacheMode cache) {
    this.target = target;
    this.request = request;
    this.mayReplace = mayReplace;
    this.cache = cache;
  }

  /**
   * Nothing yet, of which {@link #make} makes an image.
   *
   * @param mayReplace whether a file may be there
   * @param cache {@link CacheMode#UNSAFE} to leave it to the host when the image becomes durable
   */
  public static ImageCreation of(
      Path target, CreateRequest request, boolean mayReplace, CacheMode cache) {
    return new ImageCreation(target, request, mayReplace, cache);
  }

  /** {@link #of Begins} and {@link #make makes} an image, not yet in its place. */
  public static ImageCreation begin(
      Path target, CreateRequest request, boolean mayReplace, CacheMode cache) throws IOException {
    ImageCreation creation = of(target, request, mayReplace, cache);
    try {
      creation.make();
      return creation;
    } catch (Throwable failure) {
      creation.close();
      throw failure;
    }
  }

  /** Makes an image without content, in its place. */
  public static void create(Path target, CreateRequest request, boolean mayReplace)
      throws IOException {
    try (ImageCreation creation = begin(target, request, mayReplace, CacheMode.WRITEBACK)) {
      creation.complete();
    }
  }

  /**
   * Makes the image, not yet in its place.
   *
   * @throws FileAlreadyExistsException when there is one and it may not be replaced
   * @throws org.maloca.block.file.ImageInUseException when a machine writes the one that is there
   * @throws IllegalArgumentException when the format cannot be made so, with a message for people
   */
  public void make() throws IOException {
    refuseExisting(target);
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      throw new IOException(target + " is no file");
    }
    Path folder = target.toAbsolutePath().getParent();
    if (folder != null && !Files.isDirectory(folder)) {
      throw new IOException(folder + " is no folder");
    }
    Path part = part(target);
    try (ImageFile file = new PlacedFile(openNew(part), target)) {
      Formats.of(request.format()).create(file, new NewFiles(), request);
    }
    pieces.put(target, part);
  }

  /**
   * What a machine writes is not replaced either: it would go on writing into a file without name.
   */
  private void refuseExisting(Path path) throws IOException {
    if (!mayReplace && Files.exists(path)) {
      throw new FileAlreadyExistsException(
          path.toString(), null, "is there already (--force replaces it)");
    }
    if (Files.isRegularFile(path)) {
      HostFile.open(path, HostFile.Option.READ_ONLY).close();
    }
  }

  private Path part(Path place) {
    return place.resolveSibling(place.getFileName() + suffix);
  }

  private ImageFile openNew(Path part) throws IOException {
    return cache == CacheMode.UNSAFE
        ? HostFile.open(part, HostFile.Option.CREATE_NEW, HostFile.Option.NEVER_FLUSH)
        : HostFile.open(part, HostFile.Option.CREATE_NEW);
  }

  /**
   * Opens the new image to fill it. Close it before {@link #complete}.
   *
   * @param below the image that it is a difference to, or null; it stays the caller's
   */
  public DiskImage open(@Nullable BlockBackend below) throws IOException {
    ImageFile file = new PlacedFile(reopen(part(target)), target);
    try {
      return Formats.of(request.format())
          .open(file, new NewFiles(), below == null ? null : new LentDisk(below));
    } catch (Throwable failure) {
      file.close();
      throw failure;
    }
  }

  private ImageFile reopen(Path part) throws IOException {
    return cache == CacheMode.UNSAFE
        ? HostFile.open(part, HostFile.Option.NEVER_FLUSH)
        : HostFile.open(part);
  }

  /** Puts the image into its place. */
  public void complete() throws IOException {
    for (Map.Entry<Path, Path> piece : pieces.entrySet()) {
      refuseExisting(piece.getKey());
      Files.move(
          piece.getValue(),
          piece.getKey(),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    }
    isComplete = true;
  }

  /** Deletes what was made, unless it is complete. */
  @Override
  public void close() throws IOException {
    if (!isComplete) {
      Files.deleteIfExists(part(target));
      synchronized (pieces) {
        for (Path part : pieces.values()) {
          Files.deleteIfExists(part);
        }
      }
    }
  }

  /** Files beside the first: each has its part's name until the image is complete. */
  private final class NewFiles implements ImageFiles {
    @Override
    public ImageFile open(String name, boolean isReadOnly) throws IOException {
      Path place = AllowedPaths.sibling(target, name);
      Path part = pieces.get(place);
      if (part == null) {
        throw new IOException("%s names %s, which it has not made".formatted(target, name));
      }
      return new PlacedFile(reopen(part), place);
    }

    @Override
    public ImageFile create(String name) throws IOException {
      Path place = AllowedPaths.sibling(target, name);
      refuseExisting(place);
      Path part = part(place);
      ImageFile file = openNew(part);
      pieces.put(place, part);
      return new PlacedFile(file, place);
    }
  }
}
