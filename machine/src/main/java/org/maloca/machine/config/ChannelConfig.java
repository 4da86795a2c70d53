package org.maloca.machine.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A line between a machine and its host by a port of a virtio console, as in {@code --channel
 * agent.sock,name=org.qemu.guest_agent.0}.
 *
 * @param socket the Unix socket on the host
 * @param name what the guest finds the port by
 * @param isConsole whether the guest makes a terminal of it, {@code /dev/hvc0}
 */
public record ChannelConfig(Path socket, String name, boolean isConsole) {
  private static final int MAX_NAME_BYTES = 64;

  public ChannelConfig {
    if (name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES || name.contains("/")) {
      throw new ConfigException(
          "--channel: a name has at most %d bytes and no '/', not '%s'"
              .formatted(MAX_NAME_BYTES, name));
    }
  }

  /**
   * Reads {@code PATH[,name=NAME][,console]}.
   *
   * @throws ConfigException when it says something else
   */
  public static ChannelConfig parse(String text) {
    DeviceProperties properties = DeviceProperties.parse("--channel", text);
    if (properties.main().isEmpty()) {
      throw new ConfigException("--channel: which socket? As in --channel agent.sock");
    }
    Path socket = properties.mainPath();
    String fileName = Objects.requireNonNullElse(socket.getFileName(), socket).toString();
    ChannelConfig config =
        new ChannelConfig(socket, properties.text("name", fileName), properties.flag("console"));
    properties.finish();
    return config;
  }
}
