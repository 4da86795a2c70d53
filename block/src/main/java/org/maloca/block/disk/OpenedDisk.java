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
 * @param wasDetected whether the format of the first one was found by looking
 * @param note what people should know about how it was opened, or null
 */
public record OpenedDisk(
    List<DiskImage> layers, List<Path> paths, boolean wasDetected, @Nullable String note)
    implements AutoCloseable {
  public OpenedDisk {
    layers = List.copyOf(layers);
    paths = List.copyOf(paths);
  }

  /** The image itself. */
  public DiskImage image() {
    return layers.getFirst();
  }

  /** The image below, or null. */
  public @Nullable DiskImage backing() {
    return layers.size() > 1 ? layers.get(1) : null;
  }

  /** Closes all of them. */
  @Override
  public void close() throws IOException {
    image().close();
  }
}
