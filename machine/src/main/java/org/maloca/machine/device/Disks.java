package org.maloca.machine.device;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.maloca.block.disk.AllowedPaths;
import org.maloca.block.disk.DiskImages;
import org.maloca.block.disk.EphemeralOverlay;
import org.maloca.block.disk.OpenOptions;
import org.maloca.block.disk.OpenedDisk;
import org.maloca.block.image.ImageFormat;
import org.maloca.block.limit.AccountedDisk;
import org.maloca.block.limit.CacheMode;
import org.maloca.block.limit.DiskFigures;
import org.maloca.block.limit.DiskLimits;
import org.maloca.block.limit.KeptDisk;
import org.maloca.block.limit.WriteThroughDisk;
import org.maloca.core.backend.BlockBackend;
import org.maloca.machine.config.ConfigException;
import org.maloca.machine.config.DiskConfig;

/** Opens the images of a machine's disks. */
public final class Disks {
  private Disks() {}

  /**
   * Opens a disk with its cache mode, limits and counters.
   *
   * @param allowedFolders what the image may lead to beside its own folder
   * @param notes hears what people should know of how it was opened
   * @throws ConfigException when a property makes no sense
   * @throws IOException when the image cannot be used; with a message for people
   */
  public static AccountedDisk open(
      DiskConfig config, List<Path> allowedFolders, Consumer<String> notes) throws IOException {
    return open(config, allowedFolders, new DiskFigures(), notes);
  }

  /**
   * Opens a disk that comes after another, or a disc into a drive that has had others.
   *
   * @param figures that it adds to
   */
  public static AccountedDisk open(
      DiskConfig config, List<Path> allowedFolders, DiskFigures figures, Consumer<String> notes)
      throws IOException {
    CacheMode cache = cacheMode(config.cache());
    DiskLimits limits = limits(config.limits());
    OpenOptions access =
        config.isReadOnly() || config.isEphemeral()
            ? OpenOptions.readOnly()
            : OpenOptions.writable();
    OpenedDisk opened =
        DiskImages.open(
            config.file(),
            access
                .withFormat(format(config.format()))
                .withCache(cache)
                .withAllowed(new AllowedPaths(List.of(), allowedFolders)));
    if (opened.note() != null) {
      notes.accept(opened.note());
    }
    try {
      BlockBackend disk = opened.image();
      if (config.isEphemeral()) {
        disk = EphemeralOverlay.over(disk, temporaryFolder());
      } else if (cache == CacheMode.WRITETHROUGH) {
        disk = new WriteThroughDisk(disk);
      }
      if (config.discard() == DiskConfig.Discard.IGNORE) {
        disk = new KeptDisk(disk);
      }
      return new AccountedDisk(disk, figures, limits);
    } catch (IOException | RuntimeException failure) {
      opened.close();
      throw failure;
    }
  }

  private static Path temporaryFolder() {
    return Path.of(System.getProperty("java.io.tmpdir", "."));
  }

  private static CacheMode cacheMode(String name) {
    return CacheMode.named(name)
        .orElseThrow(() ->
            new ConfigException(
                "--disk: cache=%s is none of %s"
                    .formatted(
                        name,
                        String.join(
                            ", ",
                            Arrays.stream(CacheMode.values())
                                .map(CacheMode::optionName)
                                .toList()))));
  }

  /**
   * Finds a format by its name.
   *
   * @throws ConfigException when there is no such format
   */
  public static @Nullable ImageFormat format(@Nullable String name) {
    if (name == null) {
      return null;
    }
    // What other tools call it.
    String known = name.equals("vpc") ? "vhd" : name;
    return Arrays.stream(ImageFormat.values())
        .filter(format -> format.optionName().equals(known))
        .findFirst()
        .orElseThrow(() ->
            new ConfigException(
                "--disk: there is no format '%s' (there are: %s)"
                    .formatted(
                        name,
                        String.join(
                            ", ",
                            Arrays.stream(ImageFormat.values())
                                .map(ImageFormat::optionName)
                                .toList()))));
  }

  private static DiskLimits limits(Map<String, String> properties) {
    Map<String, String> left = new HashMap<>(properties);
    DiskLimits limits;
    try {
      limits = DiskLimits.take(left);
    } catch (IllegalArgumentException wrong) {
      throw new ConfigException("--disk: " + wrong.getMessage());
    }
    if (!left.isEmpty()) {
      throw new ConfigException(
          "--disk has no property '%s'".formatted(left.keySet().iterator().next()));
    }
    return limits;
  }
}
