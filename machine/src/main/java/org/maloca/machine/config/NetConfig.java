package org.maloca.machine.config;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.maloca.net.NetworkMode;
import org.maloca.net.host.PortForward;

/**
 * A network card of a machine and the network that it is on, as in {@code --net
 * nat,capture=a.pcapng}.
 *
 * @param mode what the machine reaches
 * @param mac the card's address, six bytes in the lower 48 bits
 * @param queuePairs number of pairs of queues
 * @param isPacked whether to offer packed rings
 * @param isLoopbackOpen whether the gateway's address leads to the host's loopback
 * @param capture where to record what passes, or null
 * @param egressRules file of rules for what the machine may reach, or null for no rules
 * @param isAllowedByDefault whether what no rule speaks of is allowed
 * @param outBytesPerSecond limit of what the guest sends, 0 for none
 * @param inBytesPerSecond limit of what it is sent
 * @param outPacketsPerSecond the same in packets
 * @param inPacketsPerSecond the same in packets
 * @param forwards ports of the host that lead to the machine
 */
public record NetConfig(
    NetworkMode mode,
    long mac,
    int queuePairs,
    boolean isPacked,
    boolean isLoopbackOpen,
    @Nullable Path capture,
    @Nullable Path egressRules,
    boolean isAllowedByDefault,
    long outBytesPerSecond,
    long inBytesPerSecond,
    long outPacketsPerSecond,
    long inPacketsPerSecond,
    List<PortForward> forwards) {
  /** As people know it from other machines: locally administered, then the index. */
  private static final long USUAL_MAC = 0x52_54_00_12_34_56L;

  private static final Pattern MAC = Pattern.compile("([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}");

  private enum Mode {
    NAT,
    ISOLATED,
    HOST_ONLY,
    NONE
  }

  public NetConfig {
    forwards = List.copyOf(forwards);
  }

  /**
   * Reads {@code MODE[,property=value]...}.
   *
   * @param index of the card in its machine
   * @param forwards texts of port forwards, which go to this card
   * @throws ConfigException when something makes no sense
   */
  public static NetConfig parse(String text, int index, List<String> forwards) {
    DeviceProperties properties = DeviceProperties.parse("--net", text);
    String capture = properties.text("capture");
    String rules = properties.text("egress");
    NetConfig config =
        new NetConfig(
            mode(properties.main()),
            mac(properties.text("mac"), index),
            (int) properties.number("queues", 1, 1, 16),
            properties.flag("packed"),
            properties.flag("loopback"),
            capture == null ? null : Path.of(capture),
            rules == null ? null : Path.of(rules),
            !properties.flag("deny"),
            properties.number("bps-out", 0, 0, Long.MAX_VALUE),
            properties.number("bps-in", 0, 0, Long.MAX_VALUE),
            properties.number("pps-out", 0, 0, Long.MAX_VALUE),
            properties.number("pps-in", 0, 0, Long.MAX_VALUE),
            forwards.stream().map(NetConfig::forward).toList());
    properties.finish();
    return config;
  }

  private static NetworkMode mode(String name) {
    for (Mode mode : Mode.values()) {
      if (mode.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-').equals(name)) {
        return NetworkMode.valueOf(mode.name());
      }
    }
    throw new ConfigException(
        "--net: there is no mode '%s' (there are: nat, isolated, host-only, none)".formatted(name));
  }

  private static long mac(@Nullable String text, int index) {
    if (text == null) {
      return USUAL_MAC + index;
    }
    long mac = MAC.matcher(text).matches() ? Long.parseLong(text.replace(":", ""), 16) : -1;
    if (mac < 0 || (mac >> 40 & 1) != 0) {
      throw new ConfigException("--net: mac=%s is no address of one card".formatted(text));
    }
    return mac;
  }

  private static PortForward forward(String text) {
    try {
      return PortForward.parse(text);
    } catch (IllegalArgumentException wrong) {
      throw new ConfigException("-p: " + wrong.getMessage());
    }
  }

  /** The card's address as six bytes. */
  public byte[] macBytes() {
    byte[] bytes = new byte[6];
    for (int i = 0; i < 6; i++) {
      bytes[i] = (byte) (mac >>> 8 * (5 - i));
    }
    return bytes;
  }
}
