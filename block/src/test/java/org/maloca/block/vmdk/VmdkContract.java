package org.maloca.block.vmdk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.maloca.block.file.HostFile;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.DiskImage;
import org.maloca.block.table.DiskContract;

/** The contract over a layout of VMDK. */
abstract class VmdkContract extends DiskContract {
  abstract VmdkKind kind();

  @Override
  protected String qemuFormat() {
    return "vmdk";
  }

  @Override
  protected List<String> qemuOptions() {
    return List.of("subformat=" + kind().createType());
  }

  @Override
  protected Path image() {
    return folder.resolve("disk.vmdk");
  }

  @Override
  protected void create(Path path, long bytes) throws IOException {
    try (ImageFile file = HostFile.open(path, HostFile.Option.CREATE)) {
      VmdkCreation.create(file, siblings(path), VmdkOptions.of(bytes, kind()));
    }
  }

  @Override
  protected DiskImage open(ImageFile file, Path path) throws IOException {
    return VmdkImage.open(file, siblings(path), null);
  }

  /** Files beside the image, and none elsewhere. */
  static ExtentFiles siblings(Path image) {
    return new ExtentFiles() {
      @Override
      public ImageFile open(String name, boolean isReadOnly) throws IOException {
        Path path = resolve(name);
        if (!Files.exists(path)) {
          throw new IOException("there is no " + name);
        }
        return isReadOnly ? HostFile.open(path, HostFile.Option.READ_ONLY) : HostFile.open(path);
      }

      @Override
      public ImageFile create(String name) throws IOException {
        return HostFile.open(resolve(name), HostFile.Option.CREATE);
      }

      private Path resolve(String name) throws IOException {
        if (name.isEmpty() || name.contains("/") || name.contains("\0")) {
          throw new IOException("not a file beside the image: " + name);
        }
        return image.resolveSibling(name);
      }
    };
  }

  @Override
  protected int[] structures() {
    return new int[] {0, 512, 21 * 512, 26 * 512, 27 * 512};
  }
}
