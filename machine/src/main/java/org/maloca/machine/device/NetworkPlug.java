package org.maloca.machine.device;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.NetBackend;
import org.maloca.devices.virtio.net.VirtioNet;
import org.maloca.machine.board.DevicePlug;
import org.maloca.machine.board.DeviceSite;
import org.maloca.machine.config.ConfigException;
import org.maloca.machine.config.NetConfig;
import org.maloca.net.NetworkConfig;
import org.maloca.net.UserNetwork;
import org.maloca.net.capture.CaptureConfig;
import org.maloca.net.capture.CapturingBackend;
import org.maloca.net.capture.PacketCapture;
import org.maloca.net.egress.EgressPolicy;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.host.PortForward;
import org.maloca.net.limit.LimitedBackend;
import org.maloca.net.limit.RateLimit;

/**
 * A virtio network card on a user-mode network of its own.
 *
 * @param machineName the name that others on the network know the machine by
 * @param forwarded hears where forwards listen
 */
public record NetworkPlug(
    NetConfig config, String machineName, BiConsumer<PortForward, InetSocketAddress> forwarded)
    implements DevicePlug {
  private static final long CAPTURE_FILE_BYTES = 1L << 30;
  private static final int CAPTURE_FILES = 2;

  @Override
  public void plugInto(DeviceSite site) throws IOException {
    NetworkConfig layout = NetworkConfig.defaults(config.mode());
    String id = site.newId("net");
    EgressPolicy policy = policy();
    UserNetwork network =
        new UserNetwork(id, config.isLoopbackOpen() ? layout.withLoopbackOpen() : layout);
    PacketCapture capture = null;
    try {
      capture = capture(id);
      SwitchPort port = network.addPort();
      forward(network, port);
      NetworkServices services =
          new NetworkServices(network, policy, machineName, config.mac(), site.clock());
      NetBackend end = limited(port, site);
      if (capture != null) {
        CapturingBackend recorded = new CapturingBackend(end);
        recorded.captureTo(capture);
        end = recorded;
      }
      VirtioNet.Options options =
          new VirtioNet.Options(
              config.macBytes(), config.queuePairs(), 0, 10_000, config.isPacked());
      new NetPlug(options, new NetworkCable(end, network, services, capture)).plugInto(site);
    } catch (IOException | RuntimeException failure) {
      network.close();
      if (capture != null) {
        capture.close();
      }
      throw failure;
    }
  }

  private EgressPolicy policy() throws IOException {
    List<String> rules =
        config.egressRules() == null ? List.of() : Files.readAllLines(config.egressRules());
    try {
      return EgressPolicy.parse(rules, config.isAllowedByDefault());
    } catch (IllegalArgumentException wrong) {
      throw new ConfigException(
          "--net: %s: %s".formatted(config.egressRules(), wrong.getMessage()));
    }
  }

  private @Nullable PacketCapture capture(String id) throws IOException {
    return config.capture() == null
        ? null
        : new PacketCapture(
            new CaptureConfig(config.capture(), 65536, CAPTURE_FILE_BYTES, CAPTURE_FILES), id);
  }

  private NetBackend limited(NetBackend port, DeviceSite site) {
    RateLimit out = RateLimit.of(config.outBytesPerSecond(), config.outPacketsPerSecond());
    RateLimit in = RateLimit.of(config.inBytesPerSecond(), config.inPacketsPerSecond());
    return out.isNone() && in.isNone() ? port : new LimitedBackend(port, out, in, site.clock());
  }

  private void forward(UserNetwork network, SwitchPort port) throws IOException {
    for (PortForward forward : config.forwards()) {
      InetSocketAddress from = new InetSocketAddress(forward.hostAddress(), forward.hostPort());
      try {
        UserNetwork.Forwarding made =
            network.addForward(port, from, forward.guestPort(), forward.isUdp());
        forwarded.accept(forward, made.address());
      } catch (IOException failure) {
        throw new IOException("-p %s: %s".formatted(forward, failure.getMessage()), failure);
      }
    }
  }
}
