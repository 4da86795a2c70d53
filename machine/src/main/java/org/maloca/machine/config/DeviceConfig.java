package org.maloca.machine.config;

import java.util.LinkedHashMap;
import java.util.Map;

/** An optional device, as in {@code --device debug-exit,port=0xf4}. */
public sealed interface DeviceConfig {
  /**
   * A port at which the guest ends the machine with a code of its choice.
   *
   * @param port first of four I/O ports
   */
  record DebugExit(int port) implements DeviceConfig {
    public static final int DEFAULT_PORT = 0xf4;

    /** Ports that the board itself uses, below which this device must not lie. */
    public DebugExit {
      if (port < 0 || port > 0xfffc) {
        throw new ConfigException("debug-exit: port %#x is not an I/O port".formatted(port));
      }
    }
  }

  /**
   * Reads {@code name[,property=value]...}.
   *
   * @throws ConfigException when there is no such device or property
   */
  static DeviceConfig parse(String text) {
    String[] parts = text.split(",", -1);
    Map<String, String> properties = new LinkedHashMap<>();
    for (int i = 1; i < parts.length; i++) {
      int equals = parts[i].indexOf('=');
      if (equals <= 0) {
        throw new ConfigException(
            "device %s: '%s' is not name=value".formatted(parts[0], parts[i]));
      }
      properties.put(parts[i].substring(0, equals), parts[i].substring(equals + 1));
    }
    if (!parts[0].equals("debug-exit")) {
      throw new ConfigException("no device '%s' (there is: debug-exit)".formatted(parts[0]));
    }
    String port = properties.remove("port");
    if (!properties.isEmpty()) {
      throw new ConfigException(
          "debug-exit has no property '%s' (it has: port)"
              .formatted(properties.keySet().iterator().next()));
    }
    return new DebugExit(port == null ? DebugExit.DEFAULT_PORT : parsePort(port));
  }

  private static int parsePort(String text) {
    try {
      return Integer.decode(text);
    } catch (NumberFormatException notNumber) {
      throw new ConfigException("debug-exit: '%s' is not a port".formatted(text));
    }
  }
}
