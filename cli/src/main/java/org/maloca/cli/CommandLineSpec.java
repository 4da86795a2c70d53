package org.maloca.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.cli.disk.DiskCommand;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/**
 * The options of the command. Built by calls rather than annotations, which take longer to read.
 */
final class CommandLineSpec {
  static final String RUN = "run";
  static final String DISK = "disk";
  static final String HELP = "help";
  static final String COMPLETION = "completion";

  private CommandLineSpec() {}

  static CommandLine create() {
    CommandSpec root = CommandSpec.create().name("maloca");
    root.usageMessage().description("Runs operating systems for x86-64 PCs in virtual machines.");
    root.addOption(
        OptionSpec.builder("-h", "--help").usageHelp(true).description("Show this text.").build());
    root.addOption(
        OptionSpec.builder("-V", "--version")
            .versionHelp(true)
            .description("Show the version.")
            .build());
    root.addSubcommand(RUN, run());
    root.addSubcommand(DISK, DiskCommand.spec());
    root.addSubcommand(ImageCommand.NAME, ImageCommand.spec());
    root.addSubcommand(COMPLETION, completion());
    root.addSubcommand(HELP, help());
    CommandLine commandLine = new CommandLine(root);
    commandLine.setExpandAtFiles(false);
    return commandLine;
  }

  private static CommandSpec help() {
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage().description("Show help, also that of a command.");
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("COMMAND")
            .arity("0..1")
            .type(String.class)
            .build());
    return spec;
  }

  private static CommandSpec completion() {
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage()
        .description("Print completion for bash and zsh: source <(maloca completion)");
    return spec;
  }

  private static CommandSpec run() {
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage()
        .description(
            "Runs a virtual machine, with its serial console here.",
            "'maloca run linux' makes a small Linux guest from Debian's packages first,"
                + " 'maloca run debian' a whole Debian. With --name it keeps its disk.")
        .footerHeading("%nExit status:%n")
        .footer(ExitCode.HELP);
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("GUEST")
            .arity("0..1")
            .type(String.class)
            .completionCandidates(List.of("linux", "debian"))
            .description(
                "A ready-made guest: linux (a kernel and BusyBox in memory) or debian (Debian 12 on a"
                    + " disk).")
            .build());
    flag(spec, "Show this text.", true, "-h", "--help");
    path(spec, "--kernel", "A bzImage, an ELF with a PVH note or a multiboot image.");
    spec.addOption(
        OptionSpec.builder("--initrd")
            .paramLabel("FILE")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .completionCandidates(null)
            .description("Give the kernel an initrd; several follow each other.")
            .build());
    text(spec, "--append", "TEXT", "", "Kernel command line.");
    text(spec, "--memory", "SIZE", "512M", "RAM, as in 512M or 2G (default: 512M).");
    text(spec, "--cpus", "N", "1", "Number of CPUs (default: 1).");
    text(spec, "--name", "NAME", "", "Name of the machine.");
    spec.addOption(
        OptionSpec.builder("--device")
            .paramLabel("DEVICE")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .description("Add a device: debug-exit[,port=0xf4] ends the machine when written to.")
            .build());
    list(
        spec,
        "FILE[,PROPERTY=VALUE,...]",
        "Add a disk, in any format: format=, readonly, ephemeral, cache=writeback|none|writethrough"
            + "|unsafe, serial=, iops=, bps= (also -rd, -wr, -max), queues=, packed,"
            + " werror=/rerror=report|ignore|stop|enospc, if=virtio|pcie|mmio|scsi. The first is"
            + " /dev/vda, with if=scsi /dev/sda.",
        "--disk");
    list(
        spec,
        "FILE[,PROPERTY=VALUE,...]",
        "Put a CD or DVD image into a drive of the SCSI controller: format=, serial=, iops=, bps=,"
            + " rerror=. The first is /dev/sr0.",
        "--cdrom");
    flag(spec, "Throw away at the end what the guest writes to its disks.", false, "--ephemeral");
    list(
        spec,
        "DIR",
        "Let images name files in DIR too, as backing files or parts.",
        "--allow-path");
    list(
        spec,
        "DIR[,tag=TAG,ro]",
        "Share a folder by 9P: mount -t 9p -o trans=virtio TAG /mnt (TAG is the folder's name).",
        "--share");
    text(
        spec,
        "--vsock",
        "PATH[,cid=N]",
        "",
        "Connect the guest's vsock to Unix sockets: PATH to reach the guest, PATH_PORT to be reached"
            + " by it.");
    text(
        spec,
        "--balloon",
        "SIZE",
        "",
        "Add a balloon that takes SIZE of the guest's memory back (0: only what it reports free).");
    text(
        spec,
        "--rng",
        "on|off",
        "",
        "Feed the guest's random numbers by a virtio entropy device (default: on beside any other"
            + " device of these).");
    list(
        spec,
        "MODE[,PROPERTY=VALUE,...]",
        "Network card on nat, isolated, host-only, none, stream, dgram or tap, as in nat,capture=FILE"
            + " or stream,connect=unix:PATH; docs/network.md has all properties.",
        "--net");
    list(
        spec,
        "[ADDR:]HOST:GUEST[/tcp|/udp]",
        "Forward a port of the host to the guest.",
        "-p",
        "--publish");
    spec.addOption(
        OptionSpec.builder("--engine")
            .paramLabel("NAME")
            .type(String.class)
            .completionCandidates(CpuEngine.names())
            .description(
                "CPU engine: translator, which compiles hot code to JVM bytecode (default),"
                    + " interpreter, or verify, where the interpreter checks what was compiled.")
            .build());
    text(
        spec,
        "--dump-regions",
        "DIR[,match=RIP]",
        "",
        "Write the guest code that is translated, and what comes of it, to folders in DIR; with"
            + " match only what has an instruction at that address.");
    flag(spec, "A reset by the guest ends the machine.", false, "--no-reboot");
    text(
        spec,
        "--debugcon",
        "FILE",
        "",
        "Write what the guest sends to port 0xe9 to FILE; - is stderr.");
    flag(
        spec,
        "Show what the CPU engine, the disks and the network cards did, at the end.",
        false,
        "--stats");
    path(spec, "--stats-json", "Write the same figures to FILE as JSON.");
    flag(spec, "Show the kernel's log (linux).", false, "--verbose");
    flag(spec, "Look for newer packages (linux).", false, "--refresh");
    return spec;
  }

  private static void flag(CommandSpec spec, String description, boolean help, String... names) {
    String first = names[0];
    String[] others = java.util.Arrays.copyOfRange(names, 1, names.length);
    spec.addOption(
        OptionSpec.builder(first, others)
            .type(boolean.class)
            .usageHelp(help)
            .description(description)
            .build());
  }

  private static void list(CommandSpec spec, String label, String description, String... names) {
    String first = names[0];
    String[] others = java.util.Arrays.copyOfRange(names, 1, names.length);
    spec.addOption(
        OptionSpec.builder(first, others)
            .paramLabel(label)
            .type(List.class)
            .auxiliaryTypes(String.class)
            .description(description)
            .build());
  }

  private static void text(
      CommandSpec spec, String name, String label, String initial, String description) {
    spec.addOption(
        OptionSpec.builder(name)
            .paramLabel(label)
            .type(String.class)
            .defaultValue(initial)
            .description(description)
            .build());
  }

  private static void path(CommandSpec spec, String name, String description) {
    text(spec, name, "FILE", "", description);
  }

  /** Reads what {@code maloca run} was given. */
  static RunOptions runOptions(ParseResult run) throws CommandException {
    String guest = run.matchedPositionalValue(0, "");
    String kernel = run.matchedOptionValue("--kernel", "");
    if (guest.isEmpty() == kernel.isEmpty()) {
      throw usage(
          guest.isEmpty()
              ? "run what? 'linux', 'debian', or a kernel by --kernel FILE"
              : "give either a guest or --kernel, not both");
    }
    if (!guest.isEmpty() && !guest.equals("linux") && !guest.equals("debian")) {
      throw usage("there is no guest '%s' (there are: linux, debian)".formatted(guest));
    }
    List<String> initrds = run.matchedOptionValue("--initrd", List.of());
    if (!guest.isEmpty() && !initrds.isEmpty()) {
      throw usage("--initrd goes with --kernel");
    }
    CpuEngine engine = CpuEngine.of(run.matchedOptionValue("--engine", CpuEngine.defaultName()));
    String dumpRegions = run.matchedOptionValue("--dump-regions", "");
    if (!dumpRegions.isEmpty() && engine == CpuEngine.INTERPRETER) {
      throw usage("--dump-regions: the interpreter translates nothing");
    }
    try {
      String debugConsole = run.matchedOptionValue("--debugcon", "");
      String statsJson = run.matchedOptionValue("--stats-json", "");
      return new RunOptions(
          guest.isEmpty() ? null : guest,
          kernel.isEmpty() ? null : Path.of(kernel),
          initrds.stream().map(Path::of).toList(),
          run.matchedOptionValue("--append", ""),
          run.matchedOptionValue("--memory", "512M"),
          cpus(run.matchedOptionValue("--cpus", "1")),
          run.matchedOptionValue("--name", guest.isEmpty() ? "vm" : guest),
          run.matchedOptionValue("--device", List.of()),
          engine,
          dumpRegions.isEmpty() ? null : dumpRegions,
          run.hasMatchedOption("--no-reboot"),
          debugConsole.isEmpty() ? null : debugConsole,
          run.hasMatchedOption("--stats"),
          statsJson.isEmpty() ? null : Path.of(statsJson),
          run.hasMatchedOption("--verbose"),
          run.hasMatchedOption("--refresh"),
          deviceOptions(run));
    } catch (InvalidPathException odd) {
      throw usage("'%s' cannot be a path".formatted(odd.getInput()));
    }
  }

  private static DeviceOptions deviceOptions(ParseResult run) throws CommandException {
    String vsock = run.matchedOptionValue("--vsock", "");
    String balloon = run.matchedOptionValue("--balloon", "");
    return new DeviceOptions(
        run.matchedOptionValue("--disk", List.of()),
        run.matchedOptionValue("--cdrom", List.of()),
        run.hasMatchedOption("--ephemeral"),
        run.matchedOptionValue("--allow-path", List.of()),
        run.matchedOptionValue("--share", List.of()),
        vsock.isEmpty() ? null : vsock,
        balloon.isEmpty() ? null : balloon,
        hasEntropy(run.matchedOptionValue("--rng", "")),
        run.matchedOptionValue("--net", List.of()),
        run.matchedOptionValue("-p", List.of()));
  }

  private static @Nullable Boolean hasEntropy(String text) throws CommandException {
    return switch (text) {
      case "" -> null;
      case "on" -> true;
      case "off" -> false;
      default -> throw usage("--rng: '%s' is neither on nor off".formatted(text));
    };
  }

  private static int cpus(String text) throws CommandException {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException notNumber) {
      throw usage("--cpus: '%s' is not a number".formatted(text));
    }
  }

  static CommandException usage(String message) {
    return new CommandException(ExitCode.USAGE, message);
  }
}
