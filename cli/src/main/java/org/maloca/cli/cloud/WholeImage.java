package org.maloca.cli.cloud;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.maloca.block.copy.CopyOptions;
import org.maloca.block.copy.DiskCopy;
import org.maloca.block.disk.ChainMap;
import org.maloca.block.disk.CreateRequest;
import org.maloca.block.disk.ImageCreation;
import org.maloca.block.disk.OpenedDisk;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.ImageFormat;
import org.maloca.block.limit.CacheMode;
import org.maloca.cli.interruption.Unfinished;

/** Makes one qcow2 of a disk that lies in several files. */
final class WholeImage {
  private WholeImage() {}

  /**
   * Copies what a disk shows.
   *
   * @param target where there is no file yet
   */
  static void make(OpenedDisk source, Path target) throws IOException {
    DiskImage disk = source.image();
    CreateRequest request = new CreateRequest(ImageFormat.QCOW2, disk.sizeBytes(), Map.of(), null);
    CopyOptions options =
        new CopyOptions(
            true, null, true, CopyOptions.DEFAULT_UNIT_BYTES, CopyOptions.defaultThreads());
    try (ImageCreation creation = ImageCreation.of(target, request, false, CacheMode.WRITEBACK);
        Unfinished ignored = new Unfinished(creation::close)) {
      creation.make();
      try (DiskImage copy = creation.open(null)) {
        new DiskCopy(disk, ChainMap.of(source), copy, options, bytes -> {}).run();
        copy.flush();
      }
      creation.complete();
    }
  }
}
