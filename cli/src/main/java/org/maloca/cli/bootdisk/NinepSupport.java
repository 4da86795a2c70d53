package org.maloca.cli.bootdisk;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Whether a kernel can mount shared folders, by the configuration that distributions put beside it
 * ({@code config-VERSION}) and by the drivers that are on its volume.
 */
public enum NinepSupport {
  /** Nothing tells, so that one should not warn. */
  UNKNOWN,
  PRESENT,
  /** It was built without. */
  MISSING,
  /** It was built with them as drivers, which are not installed. */
  NOT_INSTALLED;

  private static final int MAX_CONFIG_BYTES = 1 << 20;
  private static final int MAX_MODULES_BYTES = 8 << 20;
  private static final String KERNEL = "vmlinuz-";
  private static final List<String> OPTIONS = List.of("CONFIG_9P_FS", "CONFIG_NET_9P_VIRTIO");

  /** Looks at what lies round a kernel. */
  static NinepSupport of(ExtVolume volume, String kernel) throws IOException {
    int slash = kernel.lastIndexOf('/');
    String name = kernel.substring(slash + 1);
    if (!name.startsWith(KERNEL)) {
      return UNKNOWN;
    }
    String version = name.substring(KERNEL.length());
    Optional<String> config =
        text(volume, kernel.substring(0, slash + 1) + "config-" + version, MAX_CONFIG_BYTES);
    List<String> lines = config.stream().flatMap(String::lines).toList();
    if (!has(lines, "CONFIG_64BIT", "y")) {
      return UNKNOWN;
    }
    if (OPTIONS.stream().anyMatch(each -> !has(lines, each, "y") && !has(lines, each, "m"))) {
      return MISSING;
    }
    if (OPTIONS.stream().allMatch(each -> has(lines, each, "y"))) {
      return PRESENT;
    }
    Optional<String> drivers =
        text(volume, "/lib/modules/" + version + "/modules.dep", MAX_MODULES_BYTES);
    return drivers.isEmpty() || drivers.get().contains("/9pnet_virtio.ko")
        ? PRESENT
        : NOT_INSTALLED;
  }

  private static boolean has(List<String> lines, String option, String value) {
    return lines.contains(option + "=" + value);
  }

  private static Optional<String> text(ExtVolume volume, String path, int maxBytes)
      throws IOException {
    Optional<ExtFile> file = volume.file(path);
    return file.isPresent()
        ? Optional.of(new String(file.get().read(maxBytes), StandardCharsets.UTF_8))
        : Optional.empty();
  }
}
