package org.maloca.block.vdi;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.maloca.block.file.HostFile;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.DiskImage;
import org.maloca.block.table.DiskContract;

class VdiDynamicTest extends DiskContract {
  @Override
  protected String qemuFormat() {
    return "vdi";
  }

  @Override
  protected List<String> qemuOptions() {
    return List.of("static=off");
  }

  @Override
  protected void create(Path path, long bytes) throws IOException {
    try (ImageFile file = HostFile.open(path, HostFile.Option.CREATE)) {
      VdiImage.create(file, new VdiOptions(bytes, false, null));
    }
  }

  @Override
  protected DiskImage open(Path path, boolean isReadOnly) throws IOException {
    ImageFile file =
        isReadOnly ? HostFile.open(path, HostFile.Option.READ_ONLY) : HostFile.open(path);
    try {
      return VdiImage.open(file, null);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  @Override
  protected int[] structures() {
    return new int[] {0, 0x140, 1024, 1024};
  }
}
