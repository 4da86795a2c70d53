package org.maloca.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.cli.guest.GuestArchitecture;

/**
 * What was asked of {@code maloca run}, as it was written.
 *
 * @param plugs disks, networks and other devices with an end on the host
 * @param guest a ready-made guest, or the name or file of a cloud image; null when there is nothing
 *     but {@code kernel}
 * @param name of the machine
 * @param isNamed whether the user chose that name, so that the machine keeps its disk
 * @param shutdownTimeout how long the guest may take when it is asked to shut down
 * @param seed for cloud-init
 */
record RunOptions(
    @Nullable String guest,
    @Nullable Path kernel,
    List<Path> initrds,
    String append,
    String memory,
    int cpus,
    String name,
    boolean isNamed,
    List<String> devices,
    CpuEngine engine,
    @Nullable String dumpRegions,
    boolean noReboot,
    @Nullable String debugConsole,
    boolean stats,
    @Nullable Path statsJson,
    boolean verbose,
    boolean refresh,
    Duration shutdownTimeout,
    DeviceOptions plugs,
    SeedOptions seed) {
  /** Whether the guest is one that somebody else made. */
  boolean isCloudImage() {
    return guest != null && !guest.equals("linux") && !guest.equals("debian");
  }

  /** The kernel for the Linux guest: that for clouds has no shared folders. */
  GuestArchitecture linuxKernel() {
    return plugs.shares().isEmpty() ? GuestArchitecture.AMD64 : GuestArchitecture.AMD64_GENERIC;
  }
}
