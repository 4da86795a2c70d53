package org.maloca.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.maloca.cli.cloud.CloudConfigSyntax;
import org.maloca.cli.cloud.CloudSeed;
import org.maloca.cli.guest.GuestException;
import org.maloca.cli.guest.UserKey;

/** Makes cloud-init's seed from files of the user's, with a key made for who brings none. */
final class SeedMaker {
  private static final int MAX_FILE_BYTES = 4 << 20;

  private final SeedOptions options;
  private @Nullable Path privateKey;

  SeedMaker(SeedOptions options) {
    this.options = options;
  }

  /** Makes the seed of a machine. */
  CloudSeed make(String machineName) throws CommandException, GuestException {
    List<String> keys = new ArrayList<>();
    for (Path file : options.sshKeys()) {
      keys.addAll(keysIn(file));
    }
    if (options.sshKeys().isEmpty()) {
      UserKey own = UserKey.ofUser();
      privateKey = own.file();
      keys.add(own.publicLine());
    }
    String hostName = options.hostName();
    try {
      return new CloudSeed(
          hostName != null ? hostName : machineName.toLowerCase(Locale.ROOT),
          keys,
          checked("--user-data", options.userData(), CloudConfigSyntax::problemOfUserData),
          checked(
              "--network-config",
              options.networkConfig(),
              CloudConfigSyntax::problemOfNetworkConfig));
    } catch (IllegalArgumentException wrong) {
      throw CommandLineSpec.usage(String.valueOf(wrong.getMessage()));
    }
  }

  /** The private key that fits, once the seed was made; null where we do not know it. */
  @Nullable Path privateKey() {
    return privateKey;
  }

  /** Takes a public key's file, or the one beside a private key's. */
  private List<String> keysIn(Path file) throws CommandException {
    Path publicFile = file.resolveSibling(file.getFileName() + ".pub");
    String text = text("--ssh-key", file);
    boolean isPrivate = text.startsWith("-----BEGIN ");
    if (isPrivate) {
      text = text("--ssh-key", publicFile);
    }
    String name = file.getFileName().toString();
    Path fitting = isPrivate ? file : file.resolveSibling(name.replaceFirst("\\.pub$", ""));
    if (privateKey == null && (isPrivate || name.endsWith(".pub")) && Files.exists(fitting)) {
      privateKey = fitting.toAbsolutePath();
    }
    return text.lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
        .toList();
  }

  private static String text(String option, Path file) throws CommandException {
    byte[] content = content(option, file);
    return new String(content, java.nio.charset.StandardCharsets.UTF_8);
  }

  private static byte @Nullable [] checked(
      String option, @Nullable Path file, Function<byte[], Optional<String>> problem)
      throws CommandException {
    byte[] content = content(option, file);
    Optional<String> wrong = content == null ? Optional.empty() : problem.apply(content);
    if (wrong.isPresent()) {
      throw CommandLineSpec.usage("%s: %s: %s".formatted(option, file, wrong.get()));
    }
    return content;
  }

  private static byte @Nullable [] content(String option, @Nullable Path file)
      throws CommandException {
    if (file == null) {
      return null;
    }
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw CommandLineSpec.usage("%s: %s is larger than 4 MiB".formatted(option, file));
      }
      return Files.readAllBytes(file);
    } catch (IOException unreadable) {
      throw new CommandException(ExitCode.USAGE, "%s: cannot read %s".formatted(option, file));
    }
  }
}
