package org.maloca.block.disk;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.ImageFormat;
import org.maloca.block.image.ImageInfo;
import org.maloca.block.raw.RawImage;
import org.maloca.core.backend.BlockBackend;

/** Plain images: what is of no other format. */
final class RawDriver implements FormatDriver {
  @Override
  public ImageFormat format() {
    return ImageFormat.RAW;
  }

  @Override
  public boolean matches(ImageFile file) {
    return true;
  }

  @Override
  public ImageInfo.@Nullable Backing backing(ImageFile file) {
    return null;
  }

  @Override
  public DiskImage open(ImageFile file, ImageFiles others, @Nullable BlockBackend below)
      throws IOException {
    return RawImage.open(file);
  }

  @Override
  public void create(ImageFile file, ImageFiles others, CreateRequest request) throws IOException {
    request.allow("preallocation");
    if (request.base() != null) {
      throw new IllegalArgumentException("a raw image cannot be a difference to another");
    }
    RawImage image = RawImage.create(file, request.sizeBytes());
    switch (request.word("preallocation", "off")) {
      case "off" -> {}
      case "falloc", "full" -> file.allocate(0, image.sizeBytes());
      default -> throw new IllegalArgumentException("raw: preallocation is off, falloc or full");
    }
  }
}
