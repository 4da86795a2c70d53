package org.maloca.block.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.ImageFormat;
import org.maloca.block.image.ImageInfo;
import org.maloca.block.vhd.VhdImage;
import org.maloca.block.vhd.VhdOptions;
import org.maloca.core.backend.BlockBackend;

/** VHD, whose parent is known by paths in Windows's way. */
final class VhdDriver implements FormatDriver {
  @Override
  public ImageFormat format() {
    return ImageFormat.VHD;
  }

  @Override
  public boolean matches(ImageFile file) throws IOException {
    return VhdImage.matches(file);
  }

  @Override
  public ImageInfo.@Nullable Backing backing(ImageFile file) throws IOException {
    Map<String, String> locators = VhdImage.parentLocators(file);
    if (locators.isEmpty()) {
      return null;
    }
    String path = locators.get("relative");
    if (path == null) {
      path = locators.getOrDefault("absolute", locators.getOrDefault("name", ""));
    }
    return new ImageInfo.Backing(path.replace('\\', '/'), ImageFormat.VHD);
  }

  @Override
  public boolean needsBelow(ImageFile file) throws IOException {
    return backing(file) != null;
  }

  @Override
  public DiskImage open(ImageFile file, ImageFiles others, @Nullable BlockBackend below)
      throws IOException {
    return VhdImage.open(file, below);
  }

  @Override
  public void create(ImageFile file, ImageFiles others, CreateRequest request) throws IOException {
    request.allow("subformat", "force_size");
    boolean isFixed =
        switch (request.word("subformat", "dynamic")) {
          case "dynamic" -> false;
          case "fixed" -> true;
          default -> throw new IllegalArgumentException("vhd: subformat is dynamic or fixed");
        };
    long size = request.sizeBytes();
    if (!request.flag("force_size", true)) {
      size = VhdOptions.coveredByGeometry(size);
    }
    VhdImage.create(file, new VhdOptions(size, isFixed, parent(file, request)));
  }

  private static VhdOptions.@Nullable Parent parent(ImageFile file, CreateRequest request)
      throws IOException {
    CreateRequest.Base base = request.base();
    if (base == null) {
      return null;
    }
    if (!(base.image() instanceof VhdImage image)) {
      throw new IllegalArgumentException("a VHD is a difference to a VHD only");
    }
    Path path = Path.of(image.name()).toAbsolutePath().normalize();
    return new VhdOptions.Parent(
        base.seenFrom(file.name()).toString().replace('/', '\\'),
        path.toString().replace('/', '\\'),
        image.id(),
        Files.getLastModifiedTime(path).to(TimeUnit.SECONDS));
  }
}
