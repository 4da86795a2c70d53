package org.maloca.block.vhd;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.maloca.block.file.HostFile;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.DiskImage;
import org.maloca.block.table.DiskContract;

/** The contract over a kind of VHD. */
abstract class VhdContract extends DiskContract {
  abstract boolean isFixed();

  @Override
  protected String qemuFormat() {
    return "vpc";
  }

  @Override
  protected boolean isCheckedByQemu() {
    return false;
  }

  @Override
  protected List<String> qemuOptions() {
    return List.of("subformat=%s,force_size=on".formatted(isFixed() ? "fixed" : "dynamic"));
  }

  @Override
  protected void create(Path path, long bytes) throws IOException {
    try (ImageFile file = HostFile.open(path, HostFile.Option.CREATE)) {
      VhdImage.create(file, new VhdOptions(bytes, isFixed(), null));
    }
  }

  @Override
  protected DiskImage open(ImageFile file, Path path) throws IOException {
    return VhdImage.open(file, null);
  }
}
