package org.maloca.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.cli.cloud.CloudSeed;
import org.maloca.machine.config.BootConfig;
import org.maloca.machine.config.ConfigException;
import org.maloca.machine.config.ShareConfig;

/**
 * A guest that brings its own disk, ready to run.
 *
 * @param boot kernel and initrds
 * @param disk the first one, and where it may lead to
 * @param seed what cloud-init is told, or null for a guest without it
 * @param login how to get in by ssh
 * @param shares folders of the user's, and those that it needs itself
 */
record ReadyGuest(
    BootConfig boot,
    RunDevices.OwnDisk disk,
    @Nullable CloudSeed seed,
    SshLogin login,
    List<ShareConfig> shares) {
  private static final String SSH_FORWARD = "0:22";

  /**
   * The folders that the user shares with it.
   *
   * @param owner whom in the guest the user is
   */
  static List<ShareConfig> shares(RunOptions options, int owner) throws CommandException {
    try {
      return RunDevices.shares(options.plugs(), owner);
    } catch (ConfigException wrong) {
      throw CommandLineSpec.usage(String.valueOf(wrong.getMessage()));
    }
  }

  /** The devices asked for, with a network that lets one in unless another was asked for. */
  static DeviceOptions withNetwork(DeviceOptions asked) {
    List<String> networks = asked.networks().isEmpty() ? List.of("nat") : asked.networks();
    List<String> forwards = new ArrayList<>(asked.forwards());
    boolean letsIn = networks.getFirst().matches("(nat|host-only)(,.*)?");
    if (letsIn && forwards.stream().noneMatch(forward -> forward.matches(".*:22(/tcp)?"))) {
      forwards.add(SSH_FORWARD);
    }
    return new DeviceOptions(
        asked.disks(),
        asked.cdroms(),
        asked.isEphemeral(),
        asked.allowedPaths(),
        asked.shares(),
        asked.pmems(),
        asked.channels(),
        asked.vsock(),
        asked.balloon(),
        asked.hasEntropy(),
        networks,
        forwards);
  }
}
