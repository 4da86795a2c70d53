package org.maloca.block.vhdx;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.maloca.block.file.HostFile;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.DiskImage;
import org.maloca.block.table.DiskContract;

class VhdxTest extends DiskContract {
  @Override
  protected String qemuFormat() {
    return "vhdx";
  }

  @Override
  protected List<String> qemuOptions() {
    return List.of();
  }

  @Override
  protected void create(Path path, long bytes) throws IOException {
    try (ImageFile file = HostFile.open(path, HostFile.Option.CREATE)) {
      VhdxCreation.create(file, new VhdxOptions(bytes, 1 << 20, 1 << 20, false, null));
    }
  }

  @Override
  protected DiskImage open(ImageFile file, Path path) throws IOException {
    return VhdxImage.open(file, null);
  }

  @Override
  protected int[] structures() {
    return new int[] {0, 64 << 10, 128 << 10, 192 << 10, 256 << 10, 2 << 20, 3 << 20, 3 << 20};
  }
}
