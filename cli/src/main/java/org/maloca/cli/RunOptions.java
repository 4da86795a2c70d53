package org.maloca.cli;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was asked of {@code maloca run}, as it was written.
 *
 * @param plugs disks, networks and other devices with an end on the host
 * @param guest the name of a ready-made guest, or null when {@code kernel} is given
 */
record RunOptions(
    @Nullable String guest,
    @Nullable Path kernel,
    List<Path> initrds,
    String append,
    String memory,
    int cpus,
    String name,
    List<String> devices,
    CpuEngine engine,
    @Nullable String dumpRegions,
    boolean noReboot,
    @Nullable String debugConsole,
    boolean stats,
    @Nullable Path statsJson,
    boolean verbose,
    boolean refresh,
    DeviceOptions plugs) {}
