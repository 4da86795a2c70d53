package org.maloca.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.maloca.block.image.ImageFormat;
import org.maloca.devices.disk.DiskErrorAction;
import org.maloca.machine.config.DiskConfig;

/** The disks that ready-made guests and cloud images bring. */
final class GuestDisk {
  private GuestDisk() {}

  /** A machine's own disk, over an image that may lie anywhere. */
  static RunDevices.OwnDisk kept(Path image, List<Path> allowed) {
    return new RunDevices.OwnDisk(config(image, ImageFormat.QCOW2, false, false), allowed);
  }

  /** An image that is shared by all who start from it, so that nothing is written to it. */
  static RunDevices.OwnDisk thrownAway(Path image, ImageFormat format) {
    return new RunDevices.OwnDisk(config(image, format, false, true), List.of());
  }

  /** What cloud-init reads. */
  static DiskConfig seed() {
    return config(Path.of("cidata"), ImageFormat.RAW, true, false);
  }

  private static DiskConfig config(
      Path file, ImageFormat format, boolean isReadOnly, boolean isEphemeral) {
    return new DiskConfig(
        file,
        format.optionName(),
        isReadOnly,
        isEphemeral,
        DiskConfig.Discard.UNMAP,
        "writeback",
        isReadOnly ? "cidata" : "system",
        Map.of(),
        1,
        false,
        DiskErrorAction.ENOSPC,
        DiskErrorAction.REPORT,
        DiskConfig.Bus.VIRTIO,
        false);
  }
}
