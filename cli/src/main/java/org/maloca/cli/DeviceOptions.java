package org.maloca.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Devices that were asked of {@code maloca run}, as they were written.
 *
 * @param disks by {@code --disk}
 * @param cdroms by {@code --cdrom}
 * @param isEphemeral whether no disk keeps what the guest writes
 * @param allowedPaths folders that images may lead to
 * @param shares by {@code --share}
 * @param pmems by {@code --pmem}
 * @param channels by {@code --channel}
 * @param vsock by {@code --vsock}, or null
 * @param balloon by {@code --balloon}, or null
 * @param hasEntropy by {@code --rng}: whether there is an entropy device; null where it was not
 *     given
 * @param networks by {@code --net}
 * @param forwards by {@code -p}
 */
record DeviceOptions(
    List<String> disks,
    List<String> cdroms,
    boolean isEphemeral,
    List<String> allowedPaths,
    List<String> shares,
    List<String> pmems,
    List<String> channels,
    @Nullable String vsock,
    @Nullable String balloon,
    @Nullable Boolean hasEntropy,
    List<String> networks,
    List<String> forwards) {}
