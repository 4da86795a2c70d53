package org.maloca.cli.disk;

import java.util.Map;
import org.maloca.block.image.ImageFormat;

/** Compressed images: which formats have them. */
final class Compression {
  private Compression() {}

  /** Chooses options that give a compressed image. */
  static void choose(ImageFormat format, Map<String, String> options) throws DiskCommandException {
    switch (format) {
      case VMDK -> options.putIfAbsent("subformat", "streamOptimized");
      case QCOW2 -> {}
      default ->
          throw DiskArguments.usage(
              "-c: %s images are not compressed (qcow2 and vmdk are)"
                  .formatted(format.optionName()));
    }
  }
}
