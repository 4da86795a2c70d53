package org.maloca.block.disk;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.ImageFormat;
import org.maloca.block.image.ImageInfo;
import org.maloca.core.backend.BlockBackend;

/** What opening and making images needs of a format. */
interface FormatDriver {
  ImageFormat format();

  /** Whether a file's content is of this format. Never throws because of what is in it. */
  boolean matches(ImageFile file) throws IOException;

  /** What the image says of the one below it, or null when it stands alone. */
  ImageInfo.@Nullable Backing backing(ImageFile file) throws IOException;

  /** Whether an image is opened with one below it only; never throws because that is not there. */
  default boolean needsBelow(ImageFile file) throws IOException {
    return false;
  }

  /**
   * Opens an image, which owns the file and {@code below} from then on.
   *
   * @param below the image that this one is a difference to; null when it stands alone
   */
  DiskImage open(ImageFile file, ImageFiles others, @Nullable BlockBackend below)
      throws IOException;

  /** Makes an empty file an image, and flushes it; may close it. */
  void create(ImageFile file, ImageFiles others, CreateRequest request) throws IOException;
}
