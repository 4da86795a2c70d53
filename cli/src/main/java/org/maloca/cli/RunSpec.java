package org.maloca.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** The options of {@code maloca run}, and how they are read. */
final class RunSpec {
  private RunSpec() {}

  static CommandSpec spec() {
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage()
        .description(
            "Runs a virtual machine, with its serial console here.",
            "'linux' is a small Linux guest made from Debian's packages, 'debian' a whole Debian 12"
                + " with a network. A cloud image is given by its file, or by its name in 'maloca"
                + " image list'. Debian and cloud images keep their disk with --name only.")
        .footerHeading("%nExit status:%n")
        .footer(ExitCode.HELP);
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("GUEST")
            .arity("0..1")
            .type(String.class)
            .completionCandidates(List.of("linux", "debian"))
            .description(
                "linux (a kernel and BusyBox in memory), debian (Debian 12 on a disk), or a cloud"
                    + " image.")
            .build());
    flag(spec, "Show this text.", true, "-h", "--help");
    path(spec, "--kernel", "A bzImage, an ELF with a PVH note or a multiboot image.");
    files(spec, "Give the kernel an initrd; several follow each other.", "--initrd");
    text(
        spec,
        "--append",
        "TEXT",
        "",
        "Kernel command line; with a guest it is added to the usual one.");
    text(
        spec,
        "--memory",
        "SIZE",
        "",
        "RAM, as in 512M or 2G (default: 512M, 1G for cloud images).");
    text(spec, "--cpus", "N", "1", "Number of CPUs (default: 1).");
    text(
        spec,
        "--name",
        "NAME",
        "",
        "Name of the machine. One with a name keeps its disk from run to run (debian, images).");
    path(spec, "--user-data", "What cloud-init is to do (default: a user maloca, and the key).");
    path(spec, "--network-config", "The network for cloud-init (default: DHCP).");
    files(
        spec,
        "Let the owner of this ssh key in, public or with its .pub beside it (default: a key that"
            + " is made).",
        "--ssh-key");
    text(spec, "--hostname", "NAME", "", "The guest's name (default: that of the machine).");
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
            + " werror=/rerror=report|ignore|stop|enospc, bus=virtio|pcie|mmio. The first is"
            + " /dev/vda.",
        "--disk");
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
    list(
        spec,
        "MODE[,PROPERTY=VALUE,...]",
        "Network: nat, isolated, host-only or none; docs/network.md has all properties.",
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
    flag(spec, "Show what the CPU engine did, at the end.", false, "--stats");
    path(spec, "--stats-json", "Write the same figures to FILE as JSON.");
    flag(spec, "Show the kernel's log (linux, debian).", false, "--verbose");
    flag(spec, "Look for newer packages (linux, debian).", false, "--refresh");
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

  private static void files(CommandSpec spec, String description, String name) {
    spec.addOption(
        OptionSpec.builder(name)
            .paramLabel("FILE")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .completionCandidates(null)
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
  static RunOptions options(ParseResult run) throws CommandException {
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
          deviceOptions(run),
          seed);
    } catch (InvalidPathException odd) {
      throw notAPath(odd);
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

  private static DeviceOptions deviceOptions(ParseResult run) {
    String vsock = run.matchedOptionValue("--vsock", "");
    String balloon = run.matchedOptionValue("--balloon", "");
    return new DeviceOptions(
        run.matchedOptionValue("--disk", List.of()),
        run.hasMatchedOption("--ephemeral"),
        run.matchedOptionValue("--allow-path", List.of()),
        run.matchedOptionValue("--share", List.of()),
        vsock.isEmpty() ? null : vsock,
        balloon.isEmpty() ? null : balloon,
        run.matchedOptionValue("--net", List.of()),
        run.matchedOptionValue("-p", List.of()));
  }

  private static int cpus(String text) throws CommandException {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException notNumber) {
      throw CommandLineSpec.usage("--cpus: '%s' is not a number".formatted(text));
    }
  }
}
