package org.maloca.machine.device;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.NetBackend;
import org.maloca.devices.virtio.VirtioPci;
import org.maloca.devices.virtio.net.VirtioNet;
import org.maloca.machine.board.DevicePlug;
import org.maloca.machine.board.DeviceSite;
import org.maloca.machine.config.ConfigException;
import org.maloca.machine.config.NetCable;
import org.maloca.machine.config.NetConfig;
import org.maloca.net.NetworkMode;
import org.maloca.net.UserNetwork;
import org.maloca.net.capture.CaptureConfig;
import org.maloca.net.capture.CapturingBackend;
import org.maloca.net.capture.PacketCapture;
import org.maloca.net.egress.EgressPolicy;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.host.PortForward;
import org.maloca.net.impair.ImpairedBackend;
import org.maloca.net.limit.LimitedBackend;
import org.maloca.net.linux.TapBackend;
import org.maloca.net.linux.UnixDatagramBackend;
import org.maloca.net.stream.DatagramBackend;
import org.maloca.net.stream.StreamBackend;
import org.maloca.net.stream.StreamEndpoint;

/** A virtio network card with its cable, as it was configured. */
public final class NetworkPlug implements DevicePlug {
  private static final long CAPTURE_FILE_BYTES = 1L << 30;
  private static final int CAPTURE_FILES = 2;
  private static final int SPEED_MEGABITS = 10_000;
  private static final int USUAL_MTU = 1500;

  private final NetConfig config;
  private final String machineName;
  private final SharedNetworks networks;
  private final Consumer<UserNetwork.Forwarding> forwarded;
  private final @Nullable EgressPolicy policy;
  private final AtomicReference<NetworkAdapter> adapter = new AtomicReference<>();
  private final Map<String, Consumer<byte[]>> posts = new HashMap<>();

  /**
   * Will make a card.
   *
   * @param machineName the name that others on the network know the machine by
   * @param networks where networks are found by name
   * @param forwarded hears where forwards listen
   * @throws ConfigException if rules that the card is to go by cannot be read, or are none
   */
  public NetworkPlug(
      NetConfig config,
      String machineName,
      SharedNetworks networks,
      Consumer<UserNetwork.Forwarding> forwarded) {
    this.config = config;
    this.machineName = machineName;
    this.networks = networks;
    this.forwarded = forwarded;
    policy = config.cable() instanceof NetCable.UserMode userMode ? policy(userMode) : null;
  }

  /**
   * Has the gateway of a user-mode network take what is posted to a path of its name server's
   * address by HTTP, as long as the card is on it. To be called before it is plugged in.
   *
   * @param path with its first slash; whoever knows it is heard
   * @param receiver takes bodies of up to 16 KiB; called with the network's lock held
   */
  public void takePosts(String path, Consumer<byte[]> receiver) {
    posts.put(path, receiver);
  }

  /** The card, once it is plugged in: for its figures, and for forwards while it runs. */
  public Optional<NetworkAdapter> adapter() {
    return Optional.ofNullable(adapter.get());
  }

  @Override
  public void plugInto(DeviceSite site) throws IOException {
    String id = site.newId("net");
    if (config.cable() instanceof NetCable.UserMode userMode && policy != null) {
      plugIntoNetwork(site, id, userMode, policy);
    } else {
      plug(site, id, cable(config.cable(), id), null, null, policy -> {});
    }
  }

  private void plugIntoNetwork(
      DeviceSite site, String id, NetCable.UserMode userMode, EgressPolicy policy)
      throws IOException {
    MachineNetwork joined = networks.join(userMode, id, site.clock());
    SwitchPort port = joined.attach(machineName, config.mac(), policy);
    try {
      forward(joined.network(), port, userMode);
      listen(joined, userMode, id, policy);
      posts.forEach(joined.services()::takePosts);
      NetBackend end =
          new NetworkCable(
              port, () -> adapter().ifPresent(NetworkAdapter::keepFlows), () -> leave(joined));
      plug(site, id, end, joined.network(), port, changed -> joined.setPolicy(port, changed));
    } catch (IOException | RuntimeException failure) {
      port.close();
      leave(joined);
      throw failure;
    }
  }

  private void leave(MachineNetwork joined) {
    posts.keySet().forEach(joined.services()::forgetPosts);
    joined.detach();
  }

  private static void listen(
      MachineNetwork joined, NetCable.UserMode userMode, String id, EgressPolicy policy)
      throws IOException {
    if (userMode.listen() != null) {
      try {
        joined.listen(StreamEndpoint.listening(userMode.listen()), id, policy);
      } catch (IOException failure) {
        throw new IOException("--net: listen: " + failure.getMessage(), failure);
      }
    }
  }

  private void plug(
      DeviceSite site,
      String id,
      NetBackend end,
      @Nullable UserNetwork network,
      @Nullable SwitchPort port,
      Consumer<EgressPolicy> egress)
      throws IOException {
    VirtioNet.Options options =
        new VirtioNet.Options(
            config.macBytes(),
            config.queuePairs(),
            mtuBytes(end),
            SPEED_MEGABITS,
            config.isPacked());
    VirtioNet card = new VirtioNet(id, site.memory(), captured(limited(end, site), id), options);
    if (network != null && network.config().mode() == NetworkMode.NONE) {
      card.setLinkUp(false);
    }
    adapter.set(new NetworkAdapter(card, network, port, egress));
    site.addVirtio(card, VirtioPci.Identity.NET);
  }

  /** A TAP interface that takes less than others do is asked for how much. */
  private int mtuBytes(NetBackend end) {
    return config.mtuBytes() == 0 && end instanceof TapBackend tap && tap.mtuBytes() < USUAL_MTU
        ? tap.mtuBytes()
        : config.mtuBytes();
  }

  private static NetBackend cable(NetCable cable, String id) throws IOException {
    try {
      return switch (cable) {
        case NetCable.Stream stream ->
            new StreamBackend(
                stream.isListening()
                    ? StreamEndpoint.listening(stream.address())
                    : StreamEndpoint.connecting(stream.address()),
                id,
                stream.reconnectMillis());
        case NetCable.Datagram pair -> datagrams(pair.local(), pair.remote(), id);
        case NetCable.Tap tap -> TapBackend.open(tap.interfaceName());
        case NetCable.UserMode userMode -> throw new IllegalArgumentException(userMode.toString());
      };
    } catch (IOException failure) {
      throw new IOException("--net: " + failure.getMessage(), failure);
    }
  }

  private static NetBackend datagrams(SocketAddress local, SocketAddress remote, String id)
      throws IOException {
    return local instanceof UnixDomainSocketAddress here
            && remote instanceof UnixDomainSocketAddress there
        ? UnixDatagramBackend.open(here.getPath(), there.getPath(), id)
        : new DatagramBackend((InetSocketAddress) local, (InetSocketAddress) remote, id);
  }

  private static EgressPolicy policy(NetCable.UserMode userMode) {
    List<String> rules = userMode.egressRules() == null ? List.of() : lines(userMode.egressRules());
    try {
      return EgressPolicy.parse(rules, userMode.isAllowedByDefault());
    } catch (IllegalArgumentException wrong) {
      throw new ConfigException(
          "--net: %s: %s".formatted(userMode.egressRules(), wrong.getMessage()));
    }
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException | UncheckedIOException unreadable) {
      throw new ConfigException("--net: egress=%s cannot be read as text".formatted(file));
    }
  }

  private NetBackend captured(NetBackend end, String id) throws IOException {
    if (config.capture() == null) {
      return end;
    }
    CapturingBackend recorded = new CapturingBackend(end);
    try {
      recorded.captureTo(
          new PacketCapture(
              new CaptureConfig(config.capture(), 65536, CAPTURE_FILE_BYTES, CAPTURE_FILES), id));
    } catch (IOException unwritable) {
      throw new IOException("--net: capture: cannot write " + unwritable.getMessage(), unwritable);
    }
    return recorded;
  }

  private NetBackend limited(NetBackend end, DeviceSite site) {
    NetBackend line =
        config.impairment().isNone() ? end : new ImpairedBackend(end, config.impairment());
    return config.fromGuest().isNone() && config.toGuest().isNone()
        ? line
        : new LimitedBackend(line, config.fromGuest(), config.toGuest(), site.clock());
  }

  private void forward(UserNetwork network, SwitchPort port, NetCable.UserMode userMode)
      throws IOException {
    for (PortForward forward : userMode.forwards()) {
      InetSocketAddress from = new InetSocketAddress(forward.hostAddress(), forward.hostPort());
      try {
        UserNetwork.Forwarding made =
            network.addForward(port, from, forward.guestPort(), forward.isUdp());
        forwarded.accept(made);
      } catch (IOException failure) {
        throw new IOException("-p %s: %s".formatted(forward, failure.getMessage()), failure);
      }
    }
  }
}
