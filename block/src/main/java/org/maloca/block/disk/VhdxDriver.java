package org.maloca.block.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.ImageFormat;
import org.maloca.block.image.ImageInfo;
import org.maloca.block.vhdx.VhdxCreation;
import org.maloca.block.vhdx.VhdxImage;
import org.maloca.block.vhdx.VhdxOptions;
import org.maloca.core.backend.BlockBackend;

/** VHDX, whose parent is known by paths in Windows's way. */
final class VhdxDriver implements FormatDriver {
  @Override
  public ImageFormat format() {
    return ImageFormat.VHDX;
  }

  @Override
  public boolean matches(ImageFile file) throws IOException {
    return VhdxImage.matches(file);
  }

  @Override
  public ImageInfo.@Nullable Backing backing(ImageFile file) throws IOException {
    Map<String, String> locator = VhdxImage.parentLocator(file);
    if (locator.isEmpty()) {
      return null;
    }
    String path = locator.get("relative_path");
    if (path == null) {
      path = locator.getOrDefault("absolute_win32_path", "");
    }
    return new ImageInfo.Backing(path.replace('\\', '/'), ImageFormat.VHDX);
  }

  @Override
  public boolean needsBelow(ImageFile file) throws IOException {
    return backing(file) != null;
  }

  @Override
  public DiskImage open(ImageFile file, ImageFiles others, @Nullable BlockBackend below)
      throws IOException {
    return VhdxImage.open(file, below);
  }

  @Override
  public void create(ImageFile file, ImageFiles others, CreateRequest request) throws IOException {
    request.allow("subformat", "block_size", "log_size");
    boolean isFixed =
        switch (request.word("subformat", "dynamic")) {
          case "dynamic" -> false;
          case "fixed" -> true;
          default -> throw new IllegalArgumentException("vhdx: subformat is dynamic or fixed");
        };
    int blockBytes = (int) Math.min(request.bytes("block_size", 0), Integer.MAX_VALUE);
    long logBytes = request.bytes("log_size", VhdxOptions.USUAL_LOG_BYTES);
    VhdxCreation.create(
        file,
        new VhdxOptions(
            request.sizeBytes(),
            blockBytes,
            (int) Math.min(logBytes, Integer.MAX_VALUE),
            isFixed,
            parent(file, request)));
  }

  private static VhdxOptions.@Nullable Parent parent(ImageFile file, CreateRequest request) {
    CreateRequest.Base base = request.base();
    if (base == null) {
      return null;
    }
    if (!(base.image() instanceof VhdxImage image)) {
      throw new IllegalArgumentException("a VHDX is a difference to a VHDX only");
    }
    String absolute = Path.of(image.name()).toAbsolutePath().normalize().toString();
    return new VhdxOptions.Parent(
        base.seenFrom(file.name()).toString().replace('/', '\\'),
        absolute.replace('/', '\\'),
        image.contentId());
  }
}
