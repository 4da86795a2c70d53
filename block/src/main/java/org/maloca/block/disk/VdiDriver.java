package org.maloca.block.disk;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.HostFile;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.ImageFormat;
import org.maloca.block.image.ImageInfo;
import org.maloca.block.vdi.VdiImage;
import org.maloca.block.vdi.VdiOptions;
import org.maloca.core.backend.BlockBackend;

/**
 * VDI. A difference knows its parent by number only, and VirtualBox keeps a register of which file
 * that is. Here it is looked for where VirtualBox has it: beside the image, or in the folder above.
 */
final class VdiDriver implements FormatDriver {
  private static final String SUFFIX = "*.{vdi,VDI}";

  /** Files of a folder that are looked into at most. */
  private static final int MAX_FILES = 10_000;

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
    UUID parent = VdiImage.parentId(file).orElse(null);
    if (parent == null) {
      return null;
    }
    for (String folder : List.of("", "..")) {
      String found = find(Path.of(file.name()).resolveSibling(folder), parent);
      if (found != null) {
        return new ImageInfo.Backing(Path.of(folder, found).toString(), ImageFormat.VDI);
      }
    }
    throw new IOException(
        "%s: is a difference to the disk %s, which is neither beside it nor in the folder above"
            .formatted(file.name(), parent));
  }

  private static @Nullable String find(Path folder, UUID id) throws IOException {
    Path here = folder.toString().isEmpty() ? Path.of(".") : folder;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(here, SUFFIX)) {
      Iterator<Path> each = files.iterator();
      for (int i = 0; i < MAX_FILES && each.hasNext(); i++) {
        Path path = each.next();
        if (Files.isRegularFile(path) && has(path, id)) {
          return path.getFileName().toString();
        }
      }
    }
    return null;
  }

  private static boolean has(Path path, UUID id) {
    try (ImageFile file =
        HostFile.open(path, HostFile.Option.READ_ONLY, HostFile.Option.UNLOCKED)) {
      return VdiImage.matches(file) && VdiImage.idOf(file).equals(id);
    } catch (IOException unreadable) {
      // Or broken, or another user's: whatever it is, nothing says that it is the one.
      return false;
    }
  }

  @Override
  public boolean needsBelow(ImageFile file) throws IOException {
    return VdiImage.parentId(file).isPresent();
  }

  @Override
  public DiskImage open(ImageFile file, ImageFiles others, @Nullable BlockBackend below)
      throws IOException {
    return VdiImage.open(file, below);
  }

  @Override
  public void create(ImageFile file, ImageFiles others, CreateRequest request) throws IOException {
    request.allow("static", "preallocation");
    boolean isFixed =
        switch (request.word("preallocation", "off")) {
          case "off" -> request.flag("static", false);
          case "metadata" -> true;
          default -> throw new IllegalArgumentException("vdi: preallocation is off or metadata");
        };
    VdiImage.create(file, new VdiOptions(request.sizeBytes(), isFixed, parent(file, request)));
  }

  private static VdiOptions.@Nullable Parent parent(ImageFile file, CreateRequest request) {
    CreateRequest.Base base = request.base();
    if (base == null) {
      return null;
    }
    if (!(base.image() instanceof VdiImage image)) {
      throw new IllegalArgumentException(
          "a VDI is a difference to a VDI only, which must be there");
    }
    Path folder = base.seenFrom(file.name()).getParent();
    if (folder != null && !folder.equals(Path.of(".."))) {
      throw new IllegalArgumentException(
          "a VDI does not say where the one below is: it must be beside it or in the folder above");
    }
    if (!FileSystems.getDefault().getPathMatcher("glob:" + SUFFIX).matches(fileName(base))) {
      throw new IllegalArgumentException(
          "a VDI does not say where the one below is: its name must end with .vdi to be found");
    }
    return new VdiOptions.Parent(image.id(), image.modification());
  }

  private static Path fileName(CreateRequest.Base base) {
    return java.util.Objects.requireNonNullElse(Path.of(base.name()).getFileName(), Path.of(""));
  }
}
