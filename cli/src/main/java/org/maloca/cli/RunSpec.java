package org.maloca.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** The options of {@code maloca run}, and how they are read. */
final class RunSpec {
  private static final String SHUTDOWN_TIMEOUT = "--shutdown-timeout";
  private static final String USUAL_SHUTDOWN_SECONDS = "60";
  private static final int MAX_SECONDS = 86400;

  private RunSpec() {}

  static CommandSpec spec() {
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage()
        .customSynopsis(
            "maloca run [OPTIONS] linux | debian | IMAGE",
            "       maloca run [OPTIONS] --kernel FILE")
        .sortOptions(false)
        .description(
            "Runs a virtual machine, with its serial console here. Ctrl-] then q leaves it.%n")
        .footerHeading("%nExit status:%n")
        .footer(ExitCode.HELP);
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("GUEST")
            .arity("0..1")
            .type(String.class)
            .completionCandidates(List.of("linux", "debian"))
            .description(
                "linux: a kernel and BusyBox in memory, made from Debian's packages.",
                "debian: Debian 12 on a disk, with a network, made from Debian's packages.",
                "IMAGE: a cloud image, by its file or its name in 'maloca image list'.",
                "Debian and cloud images keep what they write with --name only.")
            .build());
    spec.addArgGroup(group("%nWhat to boot:%n", boot()));
    spec.addArgGroup(group("%nThe machine:%n", machine()));
    spec.addArgGroup(group("%nDisks and folders:%n", disks()));
    spec.addArgGroup(group("%nThe network:%n", network()));
    spec.addArgGroup(group("%nThe engine, and looking into it:%n", engine()));
    return spec;
  }

  private static ArgGroupSpec group(String heading, List<OptionSpec> options) {
    ArgGroupSpec.Builder group = ArgGroupSpec.builder().heading(heading).validate(false);
    options.forEach(group::addArg);
    return group.build();
  }

  private static List<OptionSpec> boot() {
    return List.of(
        path(
            "--kernel",
            "A bzImage, an ELF with a PVH note or a multiboot image; with IMAGE in place of the"
                + " image's own kernel."),
        files("Give the kernel an initrd; several follow each other.", "--initrd"),
        text("--append", "TEXT", "Kernel command line; with a guest it is added to the usual one."),
        flag("Show the kernel's log (linux, debian).", "--verbose"),
        flag("Look for newer packages (linux, debian).", "--refresh"));
  }

  private static List<OptionSpec> machine() {
    return List.of(
        text(
            "--name",
            "NAME",
            "Name of the machine. One with a name keeps its disk (debian, images)."),
        text(
            "--memory",
            "SIZE",
            "RAM, as in 512M or 2G; a bare number is MiB (default: 512M, 1G for images; at least"
                + " 72M for linux, 96M with --share and for debian)."),
        text("--cpus", "N", "Number of CPUs (default: 1)."),
        text("--hostname", "NAME", "The guest's name (default: that of the machine)."),
        path("--user-data", "What cloud-init is to do (default: make a user maloca)."),
        path("--network-config", "The network for cloud-init (default: DHCP)."),
        files(
            "Let the owner of this ssh key in, public or with its .pub beside it (default: a key"
                + " that is made).",
            "--ssh-key"),
        list(
            "DEVICE",
            "Add a device: debug-exit[,port=0xf4] ends the machine when written to.",
            "--device"),
        text(
            "--balloon",
            "SIZE",
            "Take SIZE of the guest's memory back (0: only what it reports free); maloca balloon"
                + " changes it later."),
        text(
            "--rng",
            "on|off",
            "Feed the guest's random numbers by an entropy device (default: on beside any other"
                + " virtio device)."),
        text(
            SHUTDOWN_TIMEOUT,
            "SECONDS",
            "How long the guest may take to shut down at SIGTERM, Ctrl-C (where the console is no"
                + " terminal) or 'maloca stop', before the plug is pulled (default: "
                + USUAL_SHUTDOWN_SECONDS
                + "; 0: at once)."));
  }

  private static List<OptionSpec> disks() {
    return List.of(
        list(
            "FILE[,PROPERTY[=VALUE]...]",
            "Add a disk, in any format; the first is /dev/vda (with if=mmio before others), with"
                + " if=scsi /dev/sda. Properties:"
                + " format=, readonly,"
                + " ephemeral, cache=writeback|none|writethrough|unsafe, serial=, queues=, packed,"
                + " iops= and bps= (-rd and -wr: one way; -max: bursts),"
                + " discard=unmap|ignore, werror= and rerror=report|ignore|stop|enospc,"
                + " if=virtio|pcie|mmio|scsi.",
            "--disk"),
        list(
            "FILE[,PROPERTY=VALUE...]",
            "Put a CD or DVD image into a drive of the SCSI controller; the first is /dev/sr0, and"
                + " none is an empty one (maloca cdrom changes discs later). Properties: format=,"
                + " serial=, iops=, bps=, rerror=.",
            "--cdrom"),
        flag("Throw away at the end what the guest writes to its disks.", "--ephemeral"),
        list("DIR", "Let images name files in DIR too, as backing files or parts.", "--allow-path"),
        list(
            "DIR[,tag=TAG][,ro][,owner=UID]",
            "Share a folder, by default by its name as TAG: debian has it at /mnt/TAG, others run"
                + " mount -t 9p -o trans=virtio TAG /mnt. Your files there belong to the guest's"
                + " user UID (debian: 1000, the user maloca; others: of your own number).",
            "--share"),
        list(
            "FILE[,ephemeral]",
            "Add persistent memory that shows a plain file of some times 2 MiB; the first is"
                + " /dev/pmem0.",
            "--pmem"),
        list(
            "PATH[,name=NAME][,console]",
            "Add a port of a virtio console that is the Unix socket PATH on the host: a device of"
                + " /dev/vport* in the guest, or with console a terminal, /dev/hvc0.",
            "--channel"));
  }

  private static List<OptionSpec> network() {
    return List.of(
        list(
            "MODE[,PROPERTY[=VALUE]...]",
            "Add a network card: on nat, isolated, host-only, none, stream, dgram or tap, as in"
                + " nat,capture=FILE or stream,connect=unix:PATH. Properties: mac=, queues=,"
                + " packed, loopback, capture=FILE, egress=FILE, deny, bps-in=, bps-out=, pps-in=,"
                + " pps-out=, and those of the mode (docs/network.md).",
            "--net"),
        list(
            "[ADDR:]HOST:GUEST[/tcp|/udp]",
            "Forward a port of the host, or a range as in 8000-8009:80-89, to the guest; port 0 is any"
                + " free one.",
            "-p",
            "--publish"),
        text(
            "--vsock",
            "PATH[,cid=N]",
            "Connect the guest's vsock to Unix sockets: PATH to reach the guest, PATH_PORT to be"
                + " reached by it."));
  }

  private static List<OptionSpec> engine() {
    return List.of(
        OptionSpec.builder("--engine")
            .paramLabel("NAME")
            .type(String.class)
            .completionCandidates(CpuEngine.names())
            .description(
                "translator, which compiles hot code to JVM bytecode (default), interpreter, or"
                    + " verify, where the interpreter checks what was compiled.")
            .build(),
        flag("A reset by the guest ends the machine.", "--no-reboot"),
        path("--debugcon", "Write what the guest sends to port 0xe9 to FILE; - is stderr."),
        flag("Show what the engine, disks and network cards did, at the end.", "--stats"),
        path("--stats-json", "Write the same figures to FILE as JSON."),
        text(
            "--dump-regions",
            "DIR[,match=RIP]",
            "Write the guest code that is translated, and what comes of it, to folders in DIR; with"
                + " match only what has an instruction at that address."),
        CommandLineSpec.helpOption());
  }

  private static OptionSpec flag(String description, String name) {
    return OptionSpec.builder(name).type(boolean.class).description(description).build();
  }

  private static OptionSpec list(String label, String description, String... names) {
    return OptionSpec.builder(names[0], Arrays.copyOfRange(names, 1, names.length))
        .paramLabel(label)
        .type(List.class)
        .auxiliaryTypes(String.class)
        .description(description)
        .build();
  }

  private static OptionSpec files(String description, String name) {
    return list("FILE", description, name);
  }

  private static OptionSpec text(String name, String label, String description) {
    return OptionSpec.builder(name)
        .paramLabel(label)
        .type(String.class)
        .description(description)
        .build();
  }

  private static OptionSpec path(String name, String description) {
    return text(name, "FILE", description);
  }

  /** Reads what {@code maloca run} was given. */
  static RunOptions options(ParseResult run) throws CommandException {
    requireValues(run);
    String guest = run.matchedPositionalValue(0, "");
    String kernel = run.matchedOptionValue("--kernel", "");
    boolean isReadyMade = guest.equals("linux") || guest.equals("debian");
    if (guest.isEmpty() && kernel.isEmpty()) {
      throw CommandLineSpec.usage(
          "run what? 'linux', 'debian', a cloud image, or a kernel by --kernel FILE");
    }
    if (isReadyMade && !kernel.isEmpty()) {
      throw CommandLineSpec.usage("give either '%s' or --kernel, not both".formatted(guest));
    }
    List<String> initrds = run.matchedOptionValue("--initrd", List.of());
    if (kernel.isEmpty() && !initrds.isEmpty()) {
      throw CommandLineSpec.usage("--initrd goes with --kernel");
    }
    SeedOptions seed = seedOptions(run);
    if (guest.equals("linux") && seed.isAsked()) {
      throw CommandLineSpec.usage(
          "--user-data, --network-config, --ssh-key and --hostname are for guests with a disk");
    }
    String name = run.matchedOptionValue("--name", "");
    String usualMemory = guest.isEmpty() || isReadyMade ? "512M" : "1G";
    CpuEngine engine = CpuEngine.of(run.matchedOptionValue("--engine", CpuEngine.defaultName()));
    String dumpRegions = run.matchedOptionValue("--dump-regions", "");
    if (!dumpRegions.isEmpty() && engine == CpuEngine.INTERPRETER) {
      throw CommandLineSpec.usage("--dump-regions: the interpreter translates nothing");
    }
    String memory = run.matchedOptionValue("--memory", "");
    try {
      String debugConsole = run.matchedOptionValue("--debugcon", "");
      return new RunOptions(
          guest.isEmpty() ? null : guest,
          kernel.isEmpty() ? null : Path.of(kernel),
          initrds.stream().map(Path::of).toList(),
          run.matchedOptionValue("--append", ""),
          memory.isEmpty() ? usualMemory : memory,
          cpus(run.matchedOptionValue("--cpus", "1")),
          name.isEmpty() ? usualName(guest) : name,
          !name.isEmpty(),
          run.matchedOptionValue("--device", List.of()),
          engine,
          dumpRegions.isEmpty() ? null : dumpRegions,
          run.hasMatchedOption("--no-reboot"),
          debugConsole.isEmpty() ? null : debugConsole,
          run.hasMatchedOption("--stats"),
          optionalPath(run, "--stats-json"),
          run.hasMatchedOption("--verbose"),
          run.hasMatchedOption("--refresh"),
          Duration.ofSeconds(
              seconds(
                  SHUTDOWN_TIMEOUT,
                  run.matchedOptionValue(SHUTDOWN_TIMEOUT, USUAL_SHUTDOWN_SECONDS))),
          deviceOptions(run),
          seed);
    } catch (InvalidPathException odd) {
      throw notAPath(odd);
    }
  }

  /** Refuses an option whose value is empty, as that of an unset variable is: it says nothing. */
  private static void requireValues(ParseResult run) throws CommandException {
    for (OptionSpec option : run.matchedOptions()) {
      String name = option.longestName();
      if (!name.equals("--append") && option.originalStringValues().contains("")) {
        throw CommandLineSpec.usage("%s: its value is empty".formatted(name));
      }
    }
  }

  private static CommandException notAPath(InvalidPathException odd) {
    return CommandLineSpec.usage("'%s' cannot be a path".formatted(odd.getInput()));
  }

  /** A host name out of that of a guest or an image's file. */
  private static String usualName(String guest) {
    String last = guest.substring(guest.lastIndexOf('/') + 1);
    String label =
        last.toLowerCase(Locale.ROOT)
            .replaceFirst("\\.(img|qcow2|raw|vmdk|vdi|vhdx?)$", "")
            .replaceAll("[^a-z0-9]+", "-");
    String cut = label.substring(0, Math.min(63, label.length())).replaceAll("^-+|-+$", "");
    return cut.isEmpty() ? "vm" : cut;
  }

  private static SeedOptions seedOptions(ParseResult run) throws CommandException {
    List<String> keys = run.matchedOptionValue("--ssh-key", List.of());
    String hostName = run.matchedOptionValue("--hostname", "");
    try {
      return new SeedOptions(
          optionalPath(run, "--user-data"),
          optionalPath(run, "--network-config"),
          keys.stream().map(Path::of).toList(),
          hostName.isEmpty() ? null : hostName);
    } catch (InvalidPathException odd) {
      throw notAPath(odd);
    }
  }

  private static @Nullable Path optionalPath(ParseResult run, String option) {
    String text = run.matchedOptionValue(option, "");
    return text.isEmpty() ? null : Path.of(text);
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
        run.matchedOptionValue("--pmem", List.of()),
        run.matchedOptionValue("--channel", List.of()),
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
      default -> throw CommandLineSpec.usage("--rng: '%s' is neither on nor off".formatted(text));
    };
  }

  /** Reads the seconds that an option gives. */
  static int seconds(String option, String text) throws CommandException {
    if (!text.matches("[0-9]{1,6}") || Integer.parseInt(text) > MAX_SECONDS) {
      throw CommandLineSpec.usage(
          "%s: '%s' is no number of seconds up to %d".formatted(option, text, MAX_SECONDS));
    }
    return Integer.parseInt(text);
  }

  private static int cpus(String text) throws CommandException {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException notNumber) {
      throw CommandLineSpec.usage("--cpus: '%s' is not a number".formatted(text));
    }
  }
}
