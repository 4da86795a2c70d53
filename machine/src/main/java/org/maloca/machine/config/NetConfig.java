package org.maloca.machine.config;

import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.maloca.net.NetworkMode;
import org.maloca.net.host.PortForward;
import org.maloca.net.host.SocketAddressText;
import org.maloca.net.impair.Impairment;
import org.maloca.net.limit.RateLimit;

/**
 * A network card of a machine and what its cable leads to, as in {@code --net
 * nat,capture=a.pcapng}.
 *
 * @param cable what the cable leads to
 * @param mac the card's address, six bytes in the lower 48 bits
 * @param queuePairs number of pairs of queues
 * @param isPacked whether to offer packed rings
 * @param mtuBytes largest packet that the cable takes, which the guest is told; 0 if it takes the
 *     usual ones of Ethernet, or says so itself
 * @param capture where to record what passes, or null
 * @param fromGuest limit of what the guest sends
 * @param toGuest limit of what it is sent
 * @param impairment how bad the line is
 */
public record NetConfig(
    NetCable cable,
    long mac,
    int queuePairs,
    boolean isPacked,
    int mtuBytes,
    @Nullable Path capture,
    RateLimit fromGuest,
    RateLimit toGuest,
    Impairment impairment) {
  /** As people know it from other machines: locally administered, then the index. */
  private static final long USUAL_MAC = 0x52_54_00_12_34_56L;

  private static final long USUAL_VENDOR = 0x52_54_00L;

  private static final long USUAL_RECONNECT_MILLIS = 1000;
  private static final Pattern MAC = Pattern.compile("([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}");

  /**
   * Reads {@code KIND[,property=value]...}.
   *
   * @param index of the card in its machine
   * @param forwards texts of port forwards, which go to this card
   * @throws ConfigException when something makes no sense
   */
  public static NetConfig parse(String text, int index, List<String> forwards) {
    DeviceProperties properties = DeviceProperties.parse("--net", text);
    NetCable cable = cable(properties, forwards);
    String capture = properties.text("capture");
    NetConfig config =
        new NetConfig(
            cable,
            mac(properties.text("mac"), index, cable),
            (int) properties.number("queues", 1, 1, 16),
            properties.flag("packed"),
            // Networks of ours tell by DHCP and router advertisements.
            cable instanceof NetCable.UserMode ? 0 : (int) properties.number("mtu", 0, 68, 65535),
            capture == null ? null : Path.of(capture),
            limit(properties, "out"),
            limit(properties, "in"),
            impairment(properties));
    properties.finish();
    return config;
  }

  private static NetCable cable(DeviceProperties properties, List<String> forwards) {
    NetCable cable =
        switch (properties.main()) {
          case "stream" -> stream(properties);
          case "dgram" ->
              datagram(
                  required(properties, "local", NetConfig::address),
                  required(properties, "remote", NetConfig::address));
          case "tap" -> new NetCable.Tap(required(properties, "ifname", Function.identity()));
          default -> userMode(properties, forwards);
        };
    if (!forwards.isEmpty() && !(cable instanceof NetCable.UserMode)) {
      throw new ConfigException("-p: a port forward needs a network that is ours, as --net nat is");
    }
    return cable;
  }

  private static NetCable.UserMode userMode(DeviceProperties properties, List<String> forwards) {
    NetworkMode mode = mode(properties.main());
    String rules = properties.text("egress");
    String listen = properties.text("listen");
    return new NetCable.UserMode(
        mode,
        properties.text("network"),
        listen == null ? null : address(listen),
        properties.flag("loopback"),
        rules == null ? null : Path.of(rules),
        !properties.flag("deny"),
        forwards.stream().flatMap(text -> forward(text).stream()).toList());
  }

  private static NetworkMode mode(String name) {
    for (NetworkMode mode : NetworkMode.values()) {
      if (mode.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(name)) {
        return mode;
      }
    }
    throw new ConfigException(
        "--net: there is no network '%s' (there are: nat, isolated, host-only, none, stream, dgram,"
                .formatted(name)
            + " tap)");
  }

  private static NetCable.Stream stream(DeviceProperties properties) {
    String listen = properties.text("listen");
    String connect = properties.text("connect");
    if ((listen == null) == (connect == null)) {
      throw new ConfigException("--net: stream needs listen=ADDRESS or connect=ADDRESS");
    }
    return new NetCable.Stream(
        address(listen != null ? listen : connect),
        listen != null,
        properties.number("reconnect", USUAL_RECONNECT_MILLIS, 1, 3_600_000));
  }

  private static NetCable.Datagram datagram(SocketAddress local, SocketAddress remote) {
    if (local instanceof UnixDomainSocketAddress != remote instanceof UnixDomainSocketAddress) {
      throw new ConfigException("--net: local= and remote= are of different kinds");
    }
    return new NetCable.Datagram(local, remote);
  }

  private static <T> T required(
      DeviceProperties properties, String name, Function<String, T> reader) {
    String text = properties.text(name);
    if (text == null) {
      throw new ConfigException("--net: %s needs %s=...".formatted(properties.main(), name));
    }
    return reader.apply(text);
  }

  private static SocketAddress address(@Nullable String text) {
    try {
      return SocketAddressText.parse(text == null ? "" : text);
    } catch (IllegalArgumentException wrong) {
      throw new ConfigException("--net: " + wrong.getMessage());
    }
  }

  private static RateLimit limit(DeviceProperties properties, String way) {
    long bytes = properties.number("bps-" + way, 0, 0, Long.MAX_VALUE);
    long packets = properties.number("pps-" + way, 0, 0, Long.MAX_VALUE);
    RateLimit usual = RateLimit.of(bytes, packets);
    return new RateLimit(
        bytes,
        properties.number("burst-" + way, usual.burstBytes(), 1, Long.MAX_VALUE),
        packets,
        properties.number("burst-packets-" + way, usual.burstPackets(), 1, Long.MAX_VALUE));
  }

  private static Impairment impairment(DeviceProperties properties) {
    try {
      return new Impairment(
          part(properties, "loss"),
          part(properties, "duplicate"),
          part(properties, "reorder"),
          properties.number("seed", 1, 0, Long.MAX_VALUE));
    } catch (IllegalArgumentException wrong) {
      throw new ConfigException("--net: " + wrong.getMessage());
    }
  }

  private static double part(DeviceProperties properties, String name) {
    String text = properties.text(name);
    if (text == null) {
      return 0;
    }
    String number = text.endsWith("%") ? text.substring(0, text.length() - 1) : text;
    try {
      return Double.parseDouble(number) / 100;
    } catch (NumberFormatException wrong) {
      throw new ConfigException("--net: %s=%s is no percentage".formatted(name, text));
    }
  }

  private static long mac(@Nullable String text, int index, NetCable cable) {
    if (text == null) {
      return cable.isShared()
          ? USUAL_VENDOR << 24 | new SecureRandom().nextInt(1 << 24)
          : USUAL_MAC + index;
    }
    long mac = MAC.matcher(text).matches() ? Long.parseLong(text.replace(":", ""), 16) : -1;
    if (mac < 0 || (mac >> 40 & 1) != 0) {
      throw new ConfigException("--net: mac=%s is no address of one card".formatted(text));
    }
    return mac;
  }

  private static List<PortForward> forward(String text) {
    try {
      return PortForward.parse(text);
    } catch (IllegalArgumentException wrong) {
      throw new ConfigException("-p: " + wrong.getMessage());
    }
  }

  /** The card's address as bytes. */
  public byte[] macBytes() {
    byte[] bytes = new byte[6];
    for (int i = 0; i < 6; i++) {
      bytes[i] = (byte) (mac >>> 8 * (5 - i));
    }
    return bytes;
  }
}
