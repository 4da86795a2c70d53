package org.maloca.block.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.block.image.DiskImage;

/**
 * An open image with the images below it.
 *
 * @param layers the image itself, then the one it is a difference to, and so on
 * @param paths where each of them lies
 * @param parts other files that they consist of, as extents and data files
 * @param wasDetected whether the format of the first one was found by looking
 * @param note what people should know about how it was opened, or null
 */
public record OpenedDisk(
    List<DiskImage> layers,
    List<Path> paths,
    List<Path> parts,
    boolean wasDetected,
    @Nullable String note)
    implements AutoCloseable {
  public OpenedDisk {
    layers = List.copyOf(layers);
    paths = List.copyOf(paths);
    parts = List.copyOf(parts);
  }

  /** The image itself. */
  public DiskImage image() {
    return layers.getFirst();
  }

  /** The image below, or null. */
  public @Nullable DiskImage backing() {
    return layers.size() > 1 ? layers.get(1) : null;
  }

  /** Whether the bytes of the first file alone are this disk: then so are those of a copy. */
  public boolean isSelfContained() {
    return layers.size() == 1 && parts.isEmpty() && note == null;
  }

  /** Closes all of them. */
  @Override
  public void close() throws IOException {
    image().close();
  }
}
