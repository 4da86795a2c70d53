package org.maloca.block.disk;

import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.ImageFormat;
import org.maloca.block.image.ImageInfo;
import org.maloca.block.vmdk.ExtentFiles;
import org.maloca.block.vmdk.VmdkCreation;
import org.maloca.block.vmdk.VmdkImage;
import org.maloca.block.vmdk.VmdkKind;
import org.maloca.block.vmdk.VmdkOptions;
import org.maloca.core.backend.BlockBackend;

/** VMDK, of which an image may consist of several files. */
final class VmdkDriver implements FormatDriver {
  @Override
  public ImageFormat format() {
    return ImageFormat.VMDK;
  }

  @Override
  public boolean matches(ImageFile file) throws IOException {
    return VmdkImage.matches(file);
  }

  /** The parent of a VMDK is one. */
  @Override
  public ImageInfo.@Nullable Backing backing(ImageFile file) throws IOException {
    String hint = VmdkImage.parentHint(file);
    return hint == null ? null : new ImageInfo.Backing(hint, ImageFormat.VMDK);
  }

  @Override
  public boolean needsBelow(ImageFile file) throws IOException {
    return backing(file) != null;
  }

  @Override
  public DiskImage open(ImageFile file, ImageFiles others, @Nullable BlockBackend below)
      throws IOException {
    return VmdkImage.open(file, extents(others), below);
  }

  @Override
  public void create(ImageFile file, ImageFiles others, CreateRequest request) throws IOException {
    request.allow("subformat", "zeroed_grain", "adapter_type", "hwversion", "compat6");
    String word = request.word("subformat", VmdkKind.MONOLITHIC_SPARSE.createType());
    VmdkKind kind =
        VmdkKind.named(word)
            .orElseThrow(() ->
                new IllegalArgumentException("vmdk: there is no subformat '%s'".formatted(word)));
    VmdkCreation.create(
        file,
        extents(others),
        new VmdkOptions(
            request.sizeBytes(),
            kind,
            request.flag("zeroed_grain", false),
            hardware(request),
            parent(request)));
  }

  private static VmdkOptions.Hardware hardware(CreateRequest request) {
    VmdkOptions.Hardware usual = VmdkOptions.Hardware.USUAL;
    String word = request.word("adapter_type", usual.adapter().word());
    VmdkOptions.Adapter adapter =
        Arrays.stream(VmdkOptions.Adapter.values())
            .filter(each -> each.word().equals(word))
            .findFirst()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "vmdk: there is no adapter_type '%s'".formatted(word)));
    int version = request.flag("compat6", false) ? 6 : usual.version();
    return new VmdkOptions.Hardware(adapter, request.number("hwversion", version));
  }

  private static VmdkOptions.@Nullable Parent parent(CreateRequest request) {
    CreateRequest.Base base = request.base();
    if (base == null) {
      return null;
    }
    if (!(base.image() instanceof VmdkImage image)) {
      throw new IllegalArgumentException("a VMDK is a difference to a VMDK only");
    }
    return new VmdkOptions.Parent(base.name(), image.contentId());
  }

  private static ExtentFiles extents(ImageFiles files) {
    return new ExtentFiles() {
      @Override
      public ImageFile open(String name, boolean isReadOnly) throws IOException {
        return files.open(name, isReadOnly);
      }

      @Override
      public ImageFile create(String name) throws IOException {
        return files.create(name);
      }
    };
  }
}
