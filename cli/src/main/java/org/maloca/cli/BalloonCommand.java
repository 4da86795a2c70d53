package org.maloca.cli;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.maloca.cli.control.ControlSocket;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code maloca balloon}: how much of its memory a machine that runs gives back. */
final class BalloonCommand {
  static final String NAME = "balloon";

  static final AskedMachine.Subject SUBJECT =
      new AskedMachine.Subject(RunningBalloon.WORD, RunningBalloon.PROBE, "a balloon");

  private static final String NO_WAIT = "--no-wait";
  private static final long POLL_MILLIS = 200;

  /** A guest that has come no further for so long will not soon. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private BalloonCommand() {}

  static CommandSpec spec() {
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage()
        .description(
            "Shows how much of its memory a machine that runs has given back to the host, or changes"
                + " that to SIZE; 0 returns all to the guest.",
            "The machine was started with --balloon. A guest that cannot spare so much gives what"
                + " it can. Without a name: the one machine that runs.");
    spec.addOption(CommandLineSpec.helpOption());
    spec.addOption(
        OptionSpec.builder(NO_WAIT)
            .type(boolean.class)
            .description("Do not wait until the guest has given or taken the memory.")
            .build());
    spec.addPositional(positional("0", "NAME", "The machine."));
    spec.addPositional(
        positional(
            "1", "SIZE", "The balloon's size, as 256M; as +64M or -64M: more or less than now."));
    // A size below zero is no option.
    spec.parser().unmatchedOptionsArePositionalParams(true);
    return spec;
  }

  private static PositionalParamSpec positional(String index, String label, String description) {
    return PositionalParamSpec.builder()
        .index(index)
        .paramLabel(label)
        .arity("0..1")
        .type(String.class)
        .description(description)
        .build();
  }

  static int run(ParseResult parsed) throws CommandException {
    List<String> given =
        parsed.matchedPositionals().stream().flatMap(each -> each.stringValues().stream()).toList();
    boolean isSizeAlone = given.size() == 1 && BalloonSize.isMeantBy(given.getFirst());
    String name = given.isEmpty() || isSizeAlone ? "" : given.getFirst();
    String size = isSizeAlone ? given.getFirst() : given.size() > 1 ? given.get(1) : "";
    if (!size.isEmpty()) {
      try {
        BalloonSize.parse(size);
      } catch (IllegalArgumentException wrong) {
        throw CommandLineSpec.usage(String.valueOf(wrong.getMessage()));
      }
    }
    AskedMachine machine = AskedMachine.find(ControlSocket.folder(), name, SUBJECT);
    String request = size.isEmpty() ? RunningBalloon.SHOW : RunningBalloon.SET + size;
    BalloonState state = BalloonState.parse(machine.ask(request));
    boolean waits = !size.isEmpty() && !parsed.matchedOptionValue(NO_WAIT, false);
    System.out.println((waits ? await(machine, state) : state).describe());
    return ExitCode.OK;
  }

  /** Waits as long as the guest comes nearer to what was asked for. */
  private static BalloonState await(AskedMachine machine, BalloonState first)
      throws CommandException {
    BalloonState state = first;
    long lastChangeNanos = System.nanoTime();
    while (!state.isDone()
        && state.isInUse()
        && System.nanoTime() - lastChangeNanos < PATIENCE.toNanos()) {
      try {
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      } catch (InterruptedException ending) {
        Thread.currentThread().interrupt();
        break;
      }
      BalloonState now = BalloonState.parse(machine.ask(RunningBalloon.SHOW));
      if (now.actual() != state.actual()) {
        lastChangeNanos = System.nanoTime();
      }
      state = now;
    }
    return state;
  }
}
