package org.maloca.machine.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.maloca.devices.virtio.ninep.NinepConfig;
import org.maloca.devices.virtio.ninep.VirtioNinep;

/**
 * A folder of the host that the guest can mount by 9P, as in {@code --share src,tag=work,ro}.
 *
 * @param folder the folder
 * @param tag by which the guest mounts it
 * @param isReadOnly whether the guest can change nothing in it
 * @param owner number of the guest's user that files of the user who runs Maloca belong to, or
 *     {@link NinepConfig#AS_ON_HOST}
 */
public record ShareConfig(Path folder, String tag, boolean isReadOnly, int owner) {
  private static final int MAX_OWNER = 0x7fff_fffe;

  /** With the owners of the host. */
  public ShareConfig(Path folder, String tag, boolean isReadOnly) {
    this(folder, tag, isReadOnly, NinepConfig.AS_ON_HOST);
  }

  public ShareConfig {
    int bytes = tag.getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0 || bytes > VirtioNinep.MAX_TAG_BYTES) {
      throw new ConfigException(
          "--share: a tag has 1 to %d bytes, not %d".formatted(VirtioNinep.MAX_TAG_BYTES, bytes));
    }
  }

  /** Reads a text, with the host's owners where it names none. */
  public static ShareConfig parse(String text) {
    return parse(text, NinepConfig.AS_ON_HOST);
  }

  /**
   * Reads {@code DIR[,tag=TAG][,ro][,owner=UID]}; the tag is usually the folder's name.
   *
   * @param usualOwner where the text has none
   * @throws ConfigException when it says something else
   */
  public static ShareConfig parse(String text, int usualOwner) {
    DeviceProperties properties = DeviceProperties.parse("--share", text);
    if (properties.main().isEmpty()) {
      throw new ConfigException("--share: which folder? As in --share src");
    }
    Path folder = properties.mainPath();
    ShareConfig config =
        new ShareConfig(
            folder,
            properties.text("tag", usualTag(folder)),
            properties.flag("ro"),
            (int) properties.number("owner", usualOwner, 0, MAX_OWNER));
    properties.finish();
    return config;
  }

  private static String usualTag(Path folder) {
    Path name = folder.toAbsolutePath().normalize().getFileName();
    return name == null ? "host" : name.toString();
  }
}
