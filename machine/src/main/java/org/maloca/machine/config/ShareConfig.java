package org.maloca.machine.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.maloca.devices.virtio.ninep.VirtioNinep;

/**
 * A folder of the host that the guest can mount by 9P, as in {@code --share src,tag=work,ro}.
 *
 * @param folder the folder
 * @param tag by which the guest mounts it
 * @param isReadOnly whether the guest can change nothing in it
 */
public record ShareConfig(Path folder, String tag, boolean isReadOnly) {
  public ShareConfig {
    int bytes = tag.getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0 || bytes > VirtioNinep.MAX_TAG_BYTES) {
      throw new ConfigException(
          "--share: a tag has 1 to %d bytes, not %d".formatted(VirtioNinep.MAX_TAG_BYTES, bytes));
    }
  }

  /**
   * Reads {@code DIR[,tag=TAG][,ro]}; the tag is usually the folder's name.
   *
   * @throws ConfigException when it says something else
   */
  public static ShareConfig parse(String text) {
    DeviceProperties properties = DeviceProperties.parse("--share", text);
    if (properties.main().isEmpty()) {
      throw new ConfigException("--share: which folder? As in --share src");
    }
    Path folder = properties.mainPath();
    ShareConfig config =
        new ShareConfig(folder, properties.text("tag", usualTag(folder)), properties.flag("ro"));
    properties.finish();
    return config;
  }

  private static String usualTag(Path folder) {
    Path name = folder.toAbsolutePath().normalize().getFileName();
    return name == null ? "host" : name.toString();
  }
}
