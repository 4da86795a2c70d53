package org.maloca.block.disk;

import java.io.IOException;
import java.nio.file.Path;
import org.maloca.block.file.HostFile;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.ImageFormat;

/** Opens images of every format, with the images that they are differences to. */
public final class DiskImages {
  /** How many images may lie below each other, the first one counted. */
  public static final int MAX_CHAIN = 200;

  private DiskImages() {}

  /**
   * Opens an image and those below it. The format is the one that {@code options} or the image
   * above tells; only when neither does is it found by the content. A file that was opened as a raw
   * disk for writing stays one, whatever a guest wrote into it, until somebody tells another
   * format.
   *
   * @throws IOException when it cannot be opened, with a message for people
   */
  public static OpenedDisk open(Path path, OpenOptions options) throws IOException {
    return new ChainOpening(options).open(path);
  }

  /** Finds a file's format as {@link #open} would. */
  public static ImageFormat detect(Path path) throws IOException {
    if (RememberedFormat.isRaw(path)) {
      return ImageFormat.RAW;
    }
    try (ImageFile file =
        HostFile.open(path, HostFile.Option.READ_ONLY, HostFile.Option.UNLOCKED)) {
      return Formats.detect(file).format();
    }
  }
}
