package org.maloca.block.vhd;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.maloca.block.file.HostFile;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.DiskImage;
import org.maloca.block.table.DiskContract;

class VhdFixedTest extends DiskContract {
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
    return List.of("subformat=fixed,force_size=on");
  }

  @Override
  protected void create(Path path, long bytes) throws IOException {
    try (ImageFile file = HostFile.open(path, HostFile.Option.CREATE)) {
      VhdImage.create(file, new VhdOptions(bytes, true, null));
    }
  }

  @Override
  protected DiskImage open(Path path, boolean isReadOnly) throws IOException {
    ImageFile file =
        isReadOnly ? HostFile.open(path, HostFile.Option.READ_ONLY) : HostFile.open(path);
    try {
      return VhdImage.open(file, null);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  @Override
  protected int[] structures() {
    return new int[] {-512};
  }
}
