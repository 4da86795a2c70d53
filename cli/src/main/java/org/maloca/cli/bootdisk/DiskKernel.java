package org.maloca.cli.bootdisk;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.maloca.cli.bootdisk.PartitionTable.Partition;
import org.maloca.core.backend.BlockBackend;
import org.maloca.machine.config.BootConfig;

/**
 * Takes the kernel that a disk is set to boot out of it, in place of firmware and a boot loader.
 * Looks at every ext2, ext3 and ext4 file system; other ones are only named.
 */
public final class DiskKernel {
  private static final long MAX_KERNEL_BYTES = 256L << 20;
  private static final long MAX_INITRD_BYTES = 1L << 30;

  private static final int XFS_MAGIC = 0x58465342;
  private static final long BTRFS_MAGIC = 0x4d5f53665248425fL;
  private static final int BTRFS_SUPERBLOCK = 0x10000;

  private DiskKernel() {}

  /**
   * What was found.
   *
   * @param name of the kernel's file, which has its version in it
   * @param shares whether it can mount shared folders
   */
  public record Found(BootConfig boot, String name, NinepSupport shares) {}

  /**
   * Copies kernel and initrds into a folder.
   *
   * @param disk only read, and left open
   * @throws BootDiskException when there is none that can be read
   * @throws IOException when the folder has no room
   */
  public static Found extract(BlockBackend disk, Path folder)
      throws IOException, BootDiskException {
    List<String> seen = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      for (Partition partition : partitions(DiskReader.of(disk, arena))) {
        Optional<ExtVolume> volume;
        Optional<BootEntry> entry;
        try {
          volume = ExtVolume.open(partition.bytes());
          entry = volume.isPresent() ? BootFiles.find(volume.get(), partition) : Optional.empty();
        } catch (IOException damaged) {
          seen.add(partition.device() + ": " + damaged.getMessage());
          continue;
        }
        if (volume.isPresent() && entry.isPresent()) {
          return copy(volume.get(), entry.get(), folder);
        }
        seen.add(
            partition.device()
                + (volume.isPresent()
                    ? ": ext, without a kernel"
                    : ": " + kind(partition.bytes())));
      }
    }
    throw new BootDiskException(
        "no kernel was found on it (%s)"
            .formatted(seen.isEmpty() ? "it is empty" : String.join("; ", seen)));
  }

  private static List<Partition> partitions(DiskReader disk) throws BootDiskException {
    try {
      return PartitionTable.read(disk);
    } catch (IOException damaged) {
      throw new BootDiskException(String.valueOf(damaged.getMessage()));
    }
  }

  private static Found copy(ExtVolume volume, BootEntry entry, Path folder) throws IOException {
    Path kernel = copy(volume, entry.kernel(), MAX_KERNEL_BYTES, folder.resolve("kernel"));
    List<Path> initrds = new ArrayList<>();
    for (String path : entry.initrds()) {
      Path target = folder.resolve("initrd" + initrds.size());
      initrds.add(copy(volume, path, MAX_INITRD_BYTES, target));
    }
    BootConfig boot = new BootConfig(kernel, initrds, entry.options());
    String name = entry.kernel().substring(entry.kernel().lastIndexOf('/') + 1);
    return new Found(boot, name, shares(volume, entry.kernel()));
  }

  private static NinepSupport shares(ExtVolume volume, String kernel) {
    try {
      return NinepSupport.of(volume, kernel);
    } catch (IOException damaged) {
      return NinepSupport.UNKNOWN;
    }
  }

  private static Path copy(ExtVolume volume, String path, long maxBytes, Path target)
      throws IOException {
    Optional<ExtFile> file = volume.file(path);
    if (file.isEmpty()) {
      throw new IOException(path + " is not there any more");
    }
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(target))) {
      file.get().copyTo(out, maxBytes);
    }
    return target;
  }

  /** What is on a partition that has no ext file system, for people. */
  private static String kind(DiskReader bytes) throws IOException {
    if (bytes.sizeBytes() < BTRFS_SUPERBLOCK + 512) {
      return "nothing known";
    }
    ByteBuffer start = bytes.read(0, 512);
    if (Integer.reverseBytes(start.getInt(0)) == XFS_MAGIC) {
      return "XFS";
    }
    if (bytes.read(BTRFS_SUPERBLOCK, 512).getLong(64) == BTRFS_MAGIC) {
      return "Btrfs";
    }
    return start.getShort(510) == (short) 0xaa55 ? "FAT or boot code" : "nothing known";
  }
}
