package org.maloca.block.disk;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.ImageFormat;
import org.maloca.block.image.ImageInfo;
import org.maloca.block.vdi.VdiImage;
import org.maloca.block.vdi.VdiOptions;

/** VDI. A difference knows its parent by number only, and VirtualBox keeps which file that is. */
final class VdiDriver implements FormatDriver {
  @Override
  public ImageFormat format() {
    return ImageFormat.VDI;
  }

  @Override
  public boolean matches(ImageFile file) throws IOException {
    return VdiImage.matches(file);
  }

  @Override
  public ImageInfo.@Nullable Backing backing(ImageFile file) throws IOException {
    if (VdiImage.hasParent(file)) {
      throw new IOException(
          "%s: is a difference, and a VDI does not say to which file: let VirtualBox clone it"
              .formatted(file.name()));
    }
    return null;
  }

  @Override
  public DiskImage open(ImageFile file, ImageFiles others, @Nullable DiskImage below)
      throws IOException {
    return VdiImage.open(file, below);
  }

  @Override
  public void create(ImageFile file, ImageFiles others, CreateRequest request) throws IOException {
    request.allow("static");
    if (request.base() != null) {
      throw new IllegalArgumentException(
          "a VDI does not say which file it is a difference to: use qcow2");
    }
    VdiImage.create(file, new VdiOptions(request.sizeBytes(), request.flag("static", false), null));
  }
}
