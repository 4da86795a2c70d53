package org.maloca.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.maloca.cli.cloud.CloudSeed;
import org.maloca.cli.console.FileOutput;
import org.maloca.cli.console.HostConsole;
import org.maloca.cli.console.StreamConsole;
import org.maloca.cli.console.TerminalConsole;
import org.maloca.cli.console.WindowSizeChannel;
import org.maloca.cli.guest.DebianLinuxGuest;
import org.maloca.cli.guest.GuestException;
import org.maloca.cli.guest.KernelOptions;
import org.maloca.cli.guest.LinuxGuest;
import org.maloca.cli.guest.MachineFolder;
import org.maloca.cli.guest.Progress;
import org.maloca.core.backend.CharBackend;
import org.maloca.machine.board.AcceleratorFactory;
import org.maloca.machine.board.BoardBackends;
import org.maloca.machine.boot.BootException;
import org.maloca.machine.boot.Initrds;
import org.maloca.machine.boot.KernelImage;
import org.maloca.machine.config.BootConfig;
import org.maloca.machine.config.ConfigException;
import org.maloca.machine.config.DeviceConfig;
import org.maloca.machine.config.HostResources;
import org.maloca.machine.config.MachineConfig;
import org.maloca.machine.config.MemorySize;
import org.maloca.machine.config.RegionDumpConfig;
import org.maloca.machine.config.TranslatorConfig;
import org.maloca.machine.lifecycle.Vm;
import org.maloca.machine.lifecycle.VmExit;

/** {@code maloca run}: one machine in the foreground, with its console here. */
final class RunCommand {
  private final RunOptions options;
  private final boolean isLinuxGuest;
  private @Nullable LinuxGuest linuxGuest;
  private @Nullable TerminalConsole terminal;
  private @Nullable FileOutput debugConsole;
  private @Nullable CloudInit cloudInit;

  private RunCommand(RunOptions options) {
    this.options = options;
    this.isLinuxGuest = "linux".equals(options.guest());
  }

  /** Runs a machine to its end and answers the exit code. */
  static int run(RunOptions options) throws CommandException {
    return new RunCommand(options).run();
  }

  private AcceleratorFactory engine() throws CommandException {
    try {
      String dumps = options.dumpRegions();
      RegionDumpConfig config = dumps == null ? null : RegionDumpConfig.parse(dumps);
      if (config != null) {
        OutputPlace.requireFolder("--dump-regions", config.folder());
      }
      return options.engine().accelerators(new TranslatorConfig(config));
    } catch (ConfigException impossible) {
      throw new CommandException(
          ExitCode.USAGE, "--dump-regions: %s".formatted(message(impossible)));
    }
  }

  private int run() throws CommandException {
    AcceleratorFactory engine = engine();
    checkConfig();
    Path kernels = null;
    try (EndBySignal signal = new EndBySignal(this::say)) {
      if (options.isCloudImage()) {
        kernels = TemporaryFolder.create();
      }
      return run(engine, kernels, signal);
    } finally {
      TemporaryFolder.delete(kernels);
    }
  }

  private int run(AcceleratorFactory engine, @Nullable Path kernels, EndBySignal signal)
      throws CommandException {
    ReadyGuest ready = readyGuest(kernels);
    BootConfig boot = ready != null ? ready.boot() : isLinuxGuest ? linuxBoot() : kernelBoot();
    checkFiles(boot);
    CloudSeed seed = ready != null ? ready.seed() : seedOfKernel();
    DeviceOptions plugs = ready != null ? ReadyGuest.withNetwork(options.plugs()) : options.plugs();
    cloudInit = seed == null ? null : new CloudInit(seed, this::say);
    RunDevices devices = RunDevices.open(plugs, config(boot), ready, cloudInit, this::say);
    boot = withDevices(boot, devices);
    HostConsole console = openConsole(devices);
    RunSession session;
    try {
      MachineConfig config = config(withEnvironment(boot));
      WindowSizeChannel windowSize = openWindowSize();
      BoardBackends backends =
          new BoardBackends(console, windowSize, openDebugConsole(), devices.plugs());
      try (Vm vm = create(config, engine, backends, devices)) {
        TemporaryFolder.delete(kernels);
        session = run(vm, console, devices, signal);
      }
    } catch (ConfigException wrong) {
      throw new CommandException(ExitCode.USAGE, message(wrong));
    } catch (BootException bad) {
      throw new CommandException(ExitCode.BAD_IMAGE, message(bad));
    } catch (IOException failure) {
      throw new CommandException(
          ExitCode.UNAVAILABLE, "the host cannot run the machine: " + message(failure));
    } finally {
      devices.withdraw();
      console.close();
      if (debugConsole != null) {
        debugConsole.close();
      }
    }
    if (cloudInit != null && !cloudInit.isOver()) {
      say("the machine has ended before cloud-init said that it has finished");
    }
    return report(session, signal);
  }

  private RunSession run(Vm vm, HostConsole console, RunDevices devices, EndBySignal signal) {
    RunPause pause = new RunPause(vm);
    try (OrderlyEnd end = new OrderlyEnd(vm, pause, options.shutdownTimeout())) {
      boolean mustComeUp = isLinuxGuest && terminal == null;
      RunSession session =
          new RunSession(vm, pause, end, console, devices::statistics, this::say, mustComeUp);
      if (terminal != null) {
        terminal.say("press Ctrl-] then q to leave, Ctrl-] for help");
      }
      devices.machineIsBuilt();
      signal.ends(end);
      session.run(() -> devices.serveLife(options.name(), pause, end));
      return session;
    }
  }

  /** Says something to the user, among the guest's output while the terminal is the guest's. */
  private void say(String words) {
    TerminalConsole shown = terminal;
    if (shown != null && shown.isOpen()) {
      shown.say(words);
    } else {
      System.err.println("maloca: " + words);
    }
  }

  private @Nullable ReadyGuest readyGuest(@Nullable Path kernels) throws CommandException {
    Progress progress = this::say;
    try {
      if (kernels != null) {
        return CloudBoot.provide(options, progress, kernels);
      }
      return "debian".equals(options.guest()) ? DebianBoot.provide(options, progress) : null;
    } catch (GuestException problem) {
      throw new CommandException(ExitCode.UNAVAILABLE, message(problem));
    }
  }

  /** For a disk of the user's that has cloud-init on it. */
  private @Nullable CloudSeed seedOfKernel() throws CommandException {
    if (options.guest() != null || !options.seed().isAsked()) {
      return null;
    }
    try {
      return new SeedMaker(options.seed()).make(options.name());
    } catch (GuestException problem) {
      throw new CommandException(ExitCode.UNAVAILABLE, message(problem));
    }
  }

  /** Makes the machine, which closes the devices from then on. */
  private static Vm create(
      MachineConfig config, AcceleratorFactory engine, BoardBackends backends, RunDevices devices)
      throws BootException, IOException {
    try {
      return Vm.create(config, engine, backends);
    } catch (BootException | IOException | RuntimeException | Error failure) {
      devices.close();
      throw failure;
    }
  }

  /** Gives the ready-made guest its drivers, and another one its usual root. */
  private BootConfig withDevices(BootConfig boot, RunDevices devices) {
    if (linuxGuest != null && !devices.isEmpty()) {
      List<Path> initrds = new ArrayList<>(boot.initrds());
      initrds.add(linuxGuest.modules());
      return new BootConfig(boot.kernel(), initrds, boot.commandLine());
    }
    boolean namesRoot = (" " + boot.commandLine()).contains(" root=");
    if (!isLinuxGuest && devices.hasDisks() && !namesRoot) {
      return new BootConfig(
          boot.kernel(), boot.initrds(), (boot.commandLine() + " root=/dev/vda").strip());
    }
    return boot;
  }

  /** Finds fault before anything slow is begun. */
  private void checkConfig() throws CommandException {
    Path statsJson = options.statsJson();
    if (statsJson != null) {
      OutputPlace.requireFile("--stats-json", statsJson);
    }
    MachineConfig config = config(new BootConfig(Path.of("kernel"), List.of(), options.append()));
    LeastMemory.require(options, config.memoryBytes());
    try {
      HostResources.requireMemory(config.memoryBytes());
    } catch (ConfigException tooMuch) {
      throw new CommandException(ExitCode.UNAVAILABLE, message(tooMuch));
    }
    if (options.guest() != null) {
      RunDevices.check(options.plugs(), config.memoryBytes());
      if (options.kernel() != null) {
        checkFiles(new BootConfig(options.kernel(), options.initrds(), ""));
      }
    }
  }

  /** Refuses bad files while the terminal is still as it was. */
  private static void checkFiles(BootConfig boot) throws CommandException {
    try {
      KernelImage.detect(boot.kernel()).close();
      Initrds.open(boot.initrds()).close();
    } catch (BootException bad) {
      throw new CommandException(ExitCode.BAD_IMAGE, message(bad));
    }
  }

  private MachineConfig config(BootConfig boot) throws CommandException {
    try {
      List<DeviceConfig> devices = new ArrayList<>();
      for (String device : options.devices()) {
        devices.add(DeviceConfig.parse(device));
      }
      return new MachineConfig(
          options.name(),
          MemorySize.parse(options.memory()),
          options.cpus(),
          boot,
          devices,
          !options.noReboot());
    } catch (ConfigException impossible) {
      throw new CommandException(ExitCode.USAGE, message(impossible));
    }
  }

  private BootConfig kernelBoot() {
    return new BootConfig(
        Objects.requireNonNull(options.kernel()), options.initrds(), options.append());
  }

  private BootConfig linuxBoot() throws CommandException {
    try {
      LinuxGuest guest =
          DebianLinuxGuest.ofUser(options.linuxKernel()).provide(options.refresh(), this::say);
      linuxGuest = guest;
      String commandLine =
          "console=ttyS0 panic=-1 "
              + KernelOptions.NO_TIMER_CHECK
              + (options.verbose() ? "" : " quiet");
      return new BootConfig(guest.quickestKernel(), List.of(guest.initrd()), commandLine);
    } catch (GuestException problem) {
      throw new CommandException(ExitCode.UNAVAILABLE, message(problem));
    }
  }

  /** Tells the Linux guest's scripts by their environment what its name and its console are. */
  private BootConfig withEnvironment(BootConfig boot) {
    if (!isLinuxGuest) {
      return boot;
    }
    StringBuilder commandLine = new StringBuilder(boot.commandLine());
    if (options.isNamed() && MachineFolder.isName(options.name())) {
      commandLine.append(" MALOCA_NAME=").append(options.name());
    }
    if (terminal == null) {
      commandLine.append(" MALOCA_CONSOLE=stream");
    } else {
      String type = System.getenv().getOrDefault("TERM", "");
      if (type.matches("[A-Za-z0-9._+-]{1,40}")) {
        commandLine.append(" TERM=").append(type);
      }
      if (terminal.rows() > 0 && terminal.columns() > 0) {
        commandLine.append(
            " MALOCA_ROWS=%d MALOCA_COLUMNS=%d".formatted(terminal.rows(), terminal.columns()));
      }
    }
    String all = (commandLine + " " + options.append()).strip();
    return new BootConfig(boot.kernel(), boot.initrds(), all);
  }

  private HostConsole openConsole(RunDevices devices) throws CommandException {
    try {
      HostConsole opened = openConsole();
      return cloudInit == null ? opened : cloudInit.watched(opened);
    } catch (CommandException unusable) {
      devices.close();
      throw unusable;
    }
  }

  private HostConsole openConsole() throws CommandException {
    boolean isTerminal = System.console() != null && System.console().isTerminal();
    if (!isTerminal) {
      return new StreamConsole(
          new FileInputStream(FileDescriptor.in),
          new FileOutputStream(FileDescriptor.out),
          isLinuxGuest);
    }
    try {
      TerminalConsole opened = new TerminalConsole(isLinuxGuest);
      terminal = opened;
      return opened;
    } catch (IOException | IllegalStateException failure) {
      throw new CommandException(
          ExitCode.UNAVAILABLE, "cannot use this terminal: " + message(failure));
    }
  }

  private @Nullable WindowSizeChannel openWindowSize() {
    TerminalConsole shown = terminal;
    boolean isAsked = isLinuxGuest || "debian".equals(options.guest());
    if (!isAsked || shown == null) {
      return null;
    }
    WindowSizeChannel channel = new WindowSizeChannel(shown.rows(), shown.columns());
    shown.onResize(channel::resized);
    return channel;
  }

  private @Nullable CharBackend openDebugConsole() throws CommandException {
    String target = options.debugConsole();
    if (target == null) {
      return null;
    }
    try {
      boolean isStderr = target.equals("-");
      FileOutput opened =
          isStderr
              ? new FileOutput(new FileOutputStream(FileDescriptor.err), false)
              : new FileOutput(Files.newOutputStream(Path.of(target)), true);
      debugConsole = opened;
      return opened;
    } catch (IOException | java.nio.file.InvalidPathException failure) {
      throw new CommandException(
          ExitCode.USAGE, "--debugcon: cannot write to %s".formatted(target));
    }
  }

  private int report(RunSession session, EndBySignal signal) throws CommandException {
    if (options.stats()) {
      session.printStats(System.err);
    }
    Path statsJson = options.statsJson();
    if (statsJson != null) {
      writeStatistics(statsJson, session);
    }
    VmExit exit = session.exit();
    return switch (exit.reason()) {
      case SHUTDOWN -> ExitCode.OK;
      case DEBUG_EXIT -> exit.code() & 0xff;
      case USER -> {
        if (session.isOutputLost()) {
          throw new CommandException(
              ExitCode.OUTPUT_LOST, "the guest's output could not be written");
        }
        if (session.failedToComeUp()) {
          throw new CommandException(
              ExitCode.GUEST_RESET, "the guest reset itself before its shell was up");
        }
        yield signal.exitCode() != 0 ? signal.exitCode() : ExitCode.LEFT;
      }
      case RESET -> throw new CommandException(ExitCode.GUEST_RESET, "the guest reset itself");
      case TRIPLE_FAULT ->
          throw new CommandException(ExitCode.TRIPLE_FAULT, "the guest triple-faulted");
      case CRASH ->
          throw new CommandException(ExitCode.CRASH, "the machine crashed: " + exit.detail());
    };
  }

  private static void writeStatistics(Path file, RunSession session) throws CommandException {
    try {
      Files.writeString(file, StatisticsJson.of(session.finalStatistics()));
    } catch (IOException failure) {
      throw new CommandException(
          ExitCode.OUTPUT_LOST,
          "--stats-json: cannot write to %s: %s".formatted(file, message(failure)));
    }
  }

  private static String message(Throwable problem) {
    String message = problem.getMessage();
    return message == null ? problem.getClass().getSimpleName() : message;
  }
}
