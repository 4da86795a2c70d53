package org.maloca.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.maloca.cli.control.ControlSocket;
import org.maloca.net.host.PortForward;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code maloca port}: the port forwards of a machine that runs. */
final class PortCommand {
  static final String NAME = "port";

  static final AskedMachine.Subject SUBJECT =
      new AskedMachine.Subject(PortForwards.WORD, PortForwards.LIST, "a network");

  private static final String PUBLISH = "--publish";
  private static final String REMOVE = "--remove";

  private PortCommand() {}

  static CommandSpec spec() {
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage()
        .description(
            "Shows, adds and removes the port forwards of a machine that runs.",
            "Without a name: of the one machine that runs. Connections that are open stay.");
    spec.addOption(CommandLineSpec.helpOption());
    spec.addOption(
        OptionSpec.builder("-p", PUBLISH)
            .paramLabel("[ADDR:]HOST:GUEST[/tcp|/udp]")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .description(
                "Forward a port of the host, or a range of them, to the guest, as for 'maloca run'.")
            .build());
    spec.addOption(
        OptionSpec.builder(REMOVE)
            .paramLabel("[ADDR:]HOST[/tcp|/udp]")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .description(
                "Forward a port of the host, or a range of them, no longer; ADDR may be left out if no"
                    + " other has it.")
            .build());
    spec.addPositional(AskedMachine.nameParameter());
    return spec;
  }

  /** Before the machine does the first of them. */
  private static void check(String option, String text, Consumer<String> reading)
      throws CommandException {
    try {
      reading.accept(text);
    } catch (IllegalArgumentException wrong) {
      throw CommandLineSpec.usage(option + ": " + wrong.getMessage());
    }
  }

  static int run(ParseResult parsed) throws CommandException {
    List<String> requests = new ArrayList<>();
    List<String> removed = parsed.matchedOptionValue(REMOVE, List.of());
    for (String text : removed) {
      check(REMOVE, text, PortForwards::removed);
      requests.add(PortForwards.REMOVE + text);
    }
    List<String> added = parsed.matchedOptionValue(PUBLISH, List.of());
    for (String text : added) {
      check("-p", text, PortForward::parse);
      requests.add(PortForwards.ADD + text);
    }
    if (requests.isEmpty()) {
      requests.add(PortForwards.LIST);
    }
    AskedMachine machine =
        AskedMachine.find(ControlSocket.folder(), parsed.matchedPositionalValue(0, ""), SUBJECT);
    for (String request : requests) {
      String answer = machine.ask(request);
      if (!answer.isEmpty()) {
        System.out.println(answer);
      }
    }
    return ExitCode.OK;
  }
}
