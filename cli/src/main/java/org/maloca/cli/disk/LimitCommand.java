package org.maloca.cli.disk;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.maloca.block.limit.DiskLimits;
import org.maloca.cli.control.ControlSocket;
import org.maloca.cli.control.MachineSilence;
import org.maloca.cli.control.RunningMachine;
import picocli.CommandLine.Model.CommandSpec;

/** {@code maloca disk limit}: what the disks of running machines are kept to. */
final class LimitCommand {
  private static final String MACHINE = "--machine";

  private LimitCommand() {}

  static CommandSpec spec() {
    return new DiskOptions(
            "Shows and changes the limits of disks of machines of yours that run.",
            "LIMITS are those of 'maloca run --disk', as in iops-rd=100,bps-wr=1M, in place of all"
                + " that the disk had; 'none' removes them. What waits for a limit is admitted anew"
                + " by the new ones. Without LIMITS: those that hold. Without FILE: all disks.")
        .text("NAME", "The machine, where several have the image.", MACHINE)
        .flag("Say nothing but errors.", "-q", "--quiet")
        .positional("FILE", "0..1", "The image.")
        .positional("LIMITS", "0..1", "LIMIT=NUMBER[,LIMIT=NUMBER...] or 'none'.")
        .spec();
  }

  static int run(DiskArguments arguments) throws IOException, DiskCommandException {
    return run(arguments, ControlSocket.folder(), System.out);
  }

  static int run(DiskArguments arguments, Path folder, PrintStream out)
      throws IOException, DiskCommandException {
    String name = arguments.text(MACHINE);
    if (arguments.positionals() == 0) {
      list(folder, name, out);
      return DiskExitCode.OK;
    }
    Path image = arguments.path(0, "an image");
    String shown;
    if (arguments.positionals() == 1) {
      shown = show(folder, name, image).limits;
    } else {
      DiskLimits limits = limits(arguments.positional(1, "limits, or 'none'"));
      shown = limit(folder, name, image, limits);
    }
    if (!arguments.has("-q")) {
      out.println("%s: %s".formatted(image, shown));
    }
    return DiskExitCode.OK;
  }

  private static DiskLimits limits(String text) throws DiskCommandException {
    try {
      return RunningLimits.parse(text);
    } catch (IllegalArgumentException wrong) {
      throw DiskArguments.usage(String.valueOf(wrong.getMessage()));
    }
  }

  /** A machine that has an image, and what holds for it. */
  private record Found(RunningMachine machine, String limits) {}

  private static String limit(Path folder, @Nullable String name, Path image, DiskLimits limits)
      throws IOException, DiskCommandException {
    String request =
        "%s %s %s".formatted(RunningLimits.SET, RunningLimits.text(limits), image.toRealPath());
    return show(folder, name, image)
        .machine
        .ask(RunningLimits.WORD, request)
        .orElseThrow(() -> new IOException(image + ": the machine is gone"));
  }

  private static Found show(Path folder, @Nullable String name, Path image)
      throws IOException, DiskCommandException {
    String request = "%s %s".formatted(RunningLimits.SHOW, image.toRealPath());
    List<Found> found = new ArrayList<>();
    String silence = "";
    for (RunningMachine machine : RunningMachine.all(folder)) {
      try {
        Optional<String> limits =
            isMeant(machine, name) ? machine.ask(RunningLimits.WORD, request) : Optional.empty();
        limits.ifPresent(text -> found.add(new Found(machine, text)));
      } catch (MachineSilence stopped) {
        silence = ", or it stands still: " + stopped.getMessage();
      }
    }
    if (found.isEmpty()) {
      throw new IOException("%s: no machine that runs has it%s".formatted(image, silence));
    }
    if (found.size() > 1) {
      Set<String> names = new LinkedHashSet<>();
      found.forEach(each -> names.add(each.machine.name()));
      throw DiskArguments.usage(
          "%s: several machines have it (%s): say which by %s"
              .formatted(image, String.join(", ", names), MACHINE));
    }
    return found.getFirst();
  }

  private static void list(Path folder, @Nullable String name, PrintStream out) throws IOException {
    for (RunningMachine machine : RunningMachine.all(folder)) {
      if (!isMeant(machine, name)) {
        continue;
      }
      try {
        machine
            .ask(RunningLimits.WORD, RunningLimits.LIST)
            .ifPresent(
                text -> text.lines().forEach(line -> out.println(machine.name() + ": " + line)));
      } catch (MachineSilence stopped) {
        out.println(String.valueOf(stopped.getMessage()));
      }
    }
  }

  private static boolean isMeant(RunningMachine machine, @Nullable String name) {
    return name == null || name.equals(machine.name());
  }
}
