package org.maloca.cli;

import java.util.stream.Collectors;
import org.maloca.cli.control.ControlSocket;
import org.maloca.machine.config.ConfigException;
import org.maloca.machine.config.DeviceProperties;
import org.maloca.machine.config.DiskConfig;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code maloca cdrom}: what is in the CD drives of a machine that runs. */
final class CdromCommand {
  static final String NAME = "cdrom";

  static final AskedMachine.Subject SUBJECT =
      new AskedMachine.Subject(RunningDrives.WORD, RunningDrives.LIST, "a CD drive");

  private static final String INSERT = "--insert";
  private static final String EJECT = "--eject";
  private static final String DRIVE = "--drive";
  private static final String FORCE = "--force";

  private CdromCommand() {}

  static CommandSpec spec() {
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage()
        .description(
            "Shows what is in the CD drives of a machine that runs, inserts and ejects discs.",
            "The machine was started with --cdrom, be it --cdrom none. A guest that has locked a"
                + " drive, as Linux does while a disc is mounted, is asked to let go. Without a"
                + " name: the one machine that runs.");
    spec.addOption(CommandLineSpec.helpOption());
    spec.addOption(
        text(INSERT, "FILE[,PROPERTY=VALUE...]")
            .description(
                "Put a CD or DVD image in, in place of the one that is there. Properties: format=,"
                    + " cache=, iops=, bps=.")
            .build());
    spec.addOption(
        OptionSpec.builder(EJECT)
            .type(boolean.class)
            .description("Take the disc out, and leave the tray open.")
            .build());
    spec.addOption(
        text(DRIVE, "DRIVE")
            .description(
                "Which drive, by the name that Linux gives it: sr0, sr1 (default: the"
                    + " only one).")
            .build());
    spec.addOption(
        OptionSpec.builder("-f", FORCE)
            .type(boolean.class)
            .description("Do it although the guest has locked the drive.")
            .build());
    spec.addPositional(AskedMachine.nameParameter());
    return spec;
  }

  private static OptionSpec.Builder text(String name, String label) {
    return OptionSpec.builder(name).paramLabel(label).type(String.class);
  }

  static int run(ParseResult parsed) throws CommandException {
    String drive = parsed.matchedOptionValue(DRIVE, "");
    if (!drive.isEmpty() && !drive.matches("(sr)?[0-9]{1,3}")) {
      throw CommandLineSpec.usage("--drive: '%s' is no drive, as sr0".formatted(drive));
    }
    String disc = parsed.matchedOptionValue(INSERT, "");
    boolean ejects = parsed.matchedOptionValue(EJECT, false);
    if (ejects && parsed.hasMatchedOption(INSERT)) {
      throw CommandLineSpec.usage("%s and %s exclude each other".formatted(INSERT, EJECT));
    }
    String which =
        "%s %s"
            .formatted(
                drive.isEmpty() ? RunningDrives.ONLY : drive.replace("sr", ""),
                parsed.matchedOptionValue(FORCE, false));
    String request =
        ejects
            ? "%s %s".formatted(RunningDrives.EJECT, which)
            : parsed.hasMatchedOption(INSERT)
                ? "%s %s %s".formatted(RunningDrives.INSERT, which, absolute(disc))
                : RunningDrives.LIST;
    AskedMachine machine =
        AskedMachine.find(ControlSocket.folder(), parsed.matchedPositionalValue(0, ""), SUBJECT);
    System.out.println(machine.ask(request));
    return ExitCode.OK;
  }

  /** A disc by its absolute path, since the machine may run in another folder. */
  private static String absolute(String disc) throws CommandException {
    try {
      DiskConfig config = DiskConfig.parseDisc(INSERT, disc);
      String file = DeviceProperties.quote(config.file().toAbsolutePath().toString());
      return DeviceProperties.split(disc).stream()
          .skip(1)
          .map(property -> "," + DeviceProperties.quote(property))
          .collect(Collectors.joining("", file, ""));
    } catch (ConfigException wrong) {
      throw CommandLineSpec.usage(String.valueOf(wrong.getMessage()));
    }
  }
}
