package org.maloca.cli;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What cloud-init is to be told, as it was asked of {@code maloca run}.
 *
 * @param userData by {@code --user-data}, or null
 * @param networkConfig by {@code --network-config}, or null
 * @param sshKeys by {@code --ssh-key}
 * @param hostName by {@code --hostname}, or null
 */
record SeedOptions(
    @Nullable Path userData,
    @Nullable Path networkConfig,
    List<Path> sshKeys,
    @Nullable String hostName) {
  /** Whether anything was asked that only cloud-init can do. */
  boolean isAsked() {
    return userData != null || networkConfig != null || !sshKeys.isEmpty() || hostName != null;
  }
}
