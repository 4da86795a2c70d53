package org.maloca.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.maloca.core.backend.BlockBackend;
import org.maloca.machine.board.DevicePlug;
import org.maloca.machine.config.ConfigException;
import org.maloca.machine.config.DiskConfig;
import org.maloca.machine.config.ShareConfig;
import org.maloca.machine.device.DiskPlug;
import org.maloca.machine.device.Disks;
import org.maloca.machine.device.SharePlug;

/**
 * The devices that {@code maloca run} was asked for, opened on the host. Who does not hand them to
 * a machine closes them.
 */
final class RunDevices implements AutoCloseable {
  private final List<DevicePlug> plugs = new ArrayList<>();
  private final List<BlockBackend> disks = new ArrayList<>();

  private RunDevices() {}

  /** Opens all. */
  static RunDevices open(DeviceOptions options) throws CommandException {
    RunDevices devices = new RunDevices();
    try {
      devices.openAll(options);
      return devices;
    } catch (ConfigException wrong) {
      devices.close();
      throw new CommandException(ExitCode.USAGE, message(wrong));
    } catch (IOException failure) {
      devices.close();
      throw new CommandException(ExitCode.BAD_IMAGE, message(failure));
    }
  }

  private void openAll(DeviceOptions options) throws IOException {
    List<Path> allowed = options.allowedPaths().stream().map(Path::of).toList();
    for (String text : options.disks()) {
      DiskConfig config = DiskConfig.parse(text, disks.size());
      if (options.isEphemeral()) {
        config = config.ephemeral();
      }
      BlockBackend disk =
          Disks.open(config, allowed, note -> System.err.println("maloca: " + note));
      disks.add(disk);
      plugs.add(new DiskPlug(config, disk));
    }
    for (String text : options.shares()) {
      plugs.add(new SharePlug(ShareConfig.parse(text)));
    }
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

  /** Gives everything back that no machine has taken. */
  @Override
  public void close() {
    for (BlockBackend disk : disks) {
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
