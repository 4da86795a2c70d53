package org.maloca.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.maloca.block.limit.AccountedDisk;
import org.maloca.core.cpu.EngineStatistics;
import org.maloca.devices.virtio.rng.VirtioRng;
import org.maloca.machine.board.DevicePlug;
import org.maloca.machine.config.ConfigException;
import org.maloca.machine.config.DeviceProperties;
import org.maloca.machine.config.DiskConfig;
import org.maloca.machine.config.MemorySize;
import org.maloca.machine.config.NetConfig;
import org.maloca.machine.config.ShareConfig;
import org.maloca.machine.device.BalloonPlug;
import org.maloca.machine.device.DiskPlug;
import org.maloca.machine.device.Disks;
import org.maloca.machine.device.NetworkPlug;
import org.maloca.machine.device.RngPlug;
import org.maloca.machine.device.ScsiPlug;
import org.maloca.machine.device.SharePlug;
import org.maloca.machine.device.SharedNetworks;
import org.maloca.machine.device.VsockPlug;
import org.maloca.net.host.PortForward;

/**
 * The devices that {@code maloca run} was asked for, opened on the host. Who does not hand them to
 * a machine closes them.
 */
final class RunDevices implements AutoCloseable {
  private static final long FIRST_GUEST_CID = 3;
  private static final int SSH_PORT = 22;

  private final List<DevicePlug> plugs = new ArrayList<>();
  private final List<AccountedDisk> disks = new ArrayList<>();
  private final List<NetworkPlug> cards = new ArrayList<>();

  private final @Nullable SshLogin sshLogin;
  private @Nullable ScsiPlug scsi;

  private RunDevices(@Nullable SshLogin sshLogin) {
    this.sshLogin = sshLogin;
  }

  /**
   * How people get into a guest of ours.
   *
   * @param key the private key's file
   */
  record SshLogin(Path key, String user) {
    String options() {
      return "-i '%s' -o StrictHostKeyChecking=accept-new".formatted(key);
    }

    String at(String host) {
      return user + "@" + host;
    }
  }

  /**
   * Opens all.
   *
   * @param ownDisk the disk of a guest of ours, in front of the others, or null
   * @param sshLogin how to get into it, or null
   */
  static RunDevices open(
      DeviceOptions options,
      String machineName,
      @Nullable OwnDisk ownDisk,
      @Nullable SshLogin sshLogin)
      throws CommandException {
    RunDevices devices = new RunDevices(sshLogin);
    try {
      if (ownDisk != null) {
        devices.addDisk(
            options.isEphemeral() ? ownDisk.config.ephemeral() : ownDisk.config,
            List.of(ownDisk.allowed));
      }
      devices.openAll(options, machineName);
      return devices;
    } catch (ConfigException wrong) {
      devices.close();
      throw new CommandException(ExitCode.USAGE, message(wrong));
    } catch (IOException failure) {
      devices.close();
      throw new CommandException(ExitCode.BAD_IMAGE, message(failure));
    }
  }

  private void openAll(DeviceOptions options, String machineName) throws IOException {
    List<Path> allowed = options.allowedPaths().stream().map(Path::of).toList();
    for (String text : options.disks()) {
      DiskConfig config = DiskConfig.parse(text, disks.size());
      addDisk(options.isEphemeral() ? config.ephemeral() : config, allowed);
    }
    for (String text : options.cdroms()) {
      addDisk(DiskConfig.parseCdrom(text, disks.size()), allowed);
    }
    for (String text : options.shares()) {
      plugs.add(new SharePlug(ShareConfig.parse(text)));
    }
    addNetworks(options, machineName);
    if (options.vsock() != null) {
      plugs.add(vsock(options.vsock()));
    }
    if (options.balloon() != null) {
      plugs.add(new BalloonPlug(balloonBytes(options.balloon())));
    }
    // Cheap, and Linux wants it early; a machine with no such device at all stays as it was.
    Boolean hasEntropy = options.hasEntropy();
    if (hasEntropy != null ? hasEntropy : !plugs.isEmpty()) {
      plugs.add(new RngPlug(VirtioRng.UNLIMITED));
    }
  }

  /**
   * The disk of a guest of ours.
   *
   * @param allowed the folder that it may lead to
   */
  record OwnDisk(DiskConfig config, Path allowed) {}

  /** Opens a disk and puts it behind those that there are. */
  private void addDisk(DiskConfig config, List<Path> allowed) throws IOException {
    AccountedDisk disk = Disks.open(config, allowed, RunDevices::say);
    disks.add(disk);
    if (config.bus() == DiskConfig.Bus.SCSI) {
      scsiController().add(config, disk);
    } else {
      plugs.add(new DiskPlug(config, disk));
    }
  }

  /** The controller for all SCSI disks, which comes where the first of them does. */
  private ScsiPlug scsiController() {
    ScsiPlug controller = scsi;
    if (controller == null) {
      controller = new ScsiPlug();
      scsi = controller;
      plugs.add(controller);
    }
    return controller;
  }

  private void addNetworks(DeviceOptions options, String machineName) {
    List<String> networks = options.networks();
    if (networks.isEmpty() && !options.forwards().isEmpty()) {
      networks = List.of("nat");
    }
    SharedNetworks shared = new SharedNetworks();
    for (int i = 0; i < networks.size(); i++) {
      // Forwards lead to the first card.
      List<String> forwards = i == 0 ? options.forwards() : List.of();
      NetConfig config = NetConfig.parse(networks.get(i), i, forwards);
      NetworkPlug card = new NetworkPlug(config, machineName, shared, this::forwarded);
      plugs.add(card);
      cards.add(card);
    }
  }

  private void forwarded(PortForward forward, InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    if (sshLogin != null && forward.guestPort() == SSH_PORT && !forward.isUdp()) {
      String reached = address.getAddress().isAnyLocalAddress() ? "127.0.0.1" : host;
      say("ssh %s -p %d %s".formatted(sshLogin.options(), address.getPort(), sshLogin.at(reached)));
    } else {
      say(
          "%s:%d leads to the guest's port %d"
              .formatted(host, address.getPort(), forward.guestPort()));
    }
  }

  private static VsockPlug vsock(String text) {
    DeviceProperties properties = DeviceProperties.parse("--vsock", text);
    long cid = properties.number("cid", FIRST_GUEST_CID, FIRST_GUEST_CID, 0xffff_fffeL);
    properties.finish();
    return new VsockPlug(cid, Path.of(properties.main()));
  }

  private static long balloonBytes(String text) {
    return text.equals("0") ? 0 : MemorySize.parse(text);
  }

  private static void say(String note) {
    System.err.println("maloca: " + note);
  }

  /** In the order in which the guest finds them. */
  List<DevicePlug> plugs() {
    return plugs;
  }

  boolean isEmpty() {
    return plugs.isEmpty();
  }

  boolean hasDisks() {
    return !disks.isEmpty();
  }

  /** What the disks and the network cards did so far; for any thread. */
  List<EngineStatistics.Group> statistics() {
    List<EngineStatistics.Group> groups = new ArrayList<>();
    for (int i = 0; i < disks.size(); i++) {
      groups.addAll(DiskStatistics.of(i, disks.get(i)));
    }
    for (NetworkPlug card : cards) {
      card.adapter().ifPresent(adapter -> groups.addAll(adapter.statistics()));
    }
    return groups;
  }

  /** Gives everything back that no machine has taken. */
  @Override
  public void close() {
    for (AccountedDisk disk : disks) {
      try {
        disk.close();
      } catch (IOException failure) {
        System.err.println("maloca: closing a disk: " + message(failure));
      }
    }
  }

  private static String message(Exception problem) {
    return Objects.requireNonNullElse(problem.getMessage(), problem.getClass().getSimpleName());
  }
}
