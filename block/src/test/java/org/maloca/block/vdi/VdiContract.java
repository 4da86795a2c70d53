package org.maloca.block.vdi;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.maloca.block.file.HostFile;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.DiskImage;
import org.maloca.block.table.DiskContract;

/** The contract over a kind of VDI. */
abstract class VdiContract extends DiskContract {
  abstract boolean isFixed();

  @Override
  protected String qemuFormat() {
    return "vdi";
  }

  @Override
  protected List<String> qemuOptions() {
    return List.of("static=" + (isFixed() ? "on" : "off"));
  }

  @Override
  protected void create(Path path, long bytes) throws IOException {
    try (ImageFile file = HostFile.open(path, HostFile.Option.CREATE)) {
      VdiImage.create(file, new VdiOptions(bytes, isFixed(), null));
    }
  }

  @Override
  protected DiskImage open(ImageFile file, Path path) throws IOException {
    return VdiImage.open(file, null);
  }

  @Override
  protected int[] structures() {
    return new int[] {0, 0x140, 1024, 1024};
  }
}
