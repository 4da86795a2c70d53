package org.maloca.cli;

import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.maloca.cli.control.ControlSocket;
import org.maloca.cli.control.RunningMachine;
import org.maloca.cli.guest.OldGuest;
import org.maloca.cli.guest.OldGuests;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code maloca image prune}: shows the ready-made guests that newer ones have replaced, and
 * deletes them when told to. It is never done by itself, since images of the user's own may be over
 * them, wherever those are, and another version of Maloca may be about to start from them.
 */
final class PruneCommand {
  static final String NAME = "prune";

  private static final String YES = "--yes";

  private PruneCommand() {}

  static CommandSpec spec() {
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage()
        .description(
            "Show the guests of 'linux' and 'debian' that newer ones have replaced, and what other"
                + " versions of Maloca made for the newest, with the room that they take; with "
                + YES
                + " delete them. Those that running machines use,"
                + " or the disks of named ones are over, are kept.");
    spec.addOption(CommandLineSpec.helpOption());
    spec.addOption(
        OptionSpec.builder("-y", YES).description("Delete what is shown otherwise.").build());
    return spec;
  }

  static int run(ParseResult parsed) throws IOException {
    boolean isAnyRunning = !RunningMachine.all(ControlSocket.folder()).isEmpty();
    OldGuests guests = OldGuests.ofUser(isAnyRunning);
    boolean isToDelete = parsed.hasMatchedOption(YES);
    long bytes = 0;
    boolean isAny = false;
    for (OldGuest old : guests.list(PruneCommand::say)) {
      String keptFor = old.keptFor();
      if (keptFor == null && isToDelete && !guests.delete(old, PruneCommand::say)) {
        keptFor = "a machine that was just started";
      }
      show(old, keptFor);
      if (keptFor == null) {
        isAny = true;
        bytes += old.sizeBytes();
      }
    }
    if (!isAny) {
      System.out.println("there is nothing to be deleted");
    } else if (isToDelete) {
      System.out.println(size(bytes) + " are free now");
    } else {
      System.out.printf(
          "%s would be free: 'maloca image prune %s' deletes this%n", size(bytes), YES);
    }
    return ExitCode.OK;
  }

  private static void show(OldGuest old, @Nullable String keptFor) {
    System.out.printf("%11s  %s%n", size(old.sizeBytes()), old.path());
    System.out.printf(
        "%11s  %s%s%n", "", old.why(), keptFor == null ? "" : "; kept for " + keptFor);
  }

  private static void say(String words) {
    System.err.println("maloca: " + words);
  }

  private static String size(long bytes) {
    return String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
  }
}
