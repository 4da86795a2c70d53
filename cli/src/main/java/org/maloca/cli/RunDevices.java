package org.maloca.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.maloca.block.disk.AllowedPaths;
import org.maloca.block.disk.OpenOptions;
import org.maloca.block.limit.AccountedDisk;
import org.maloca.block.limit.DiskFigures;
import org.maloca.cli.cloud.SeedDisk;
import org.maloca.cli.console.ChannelSocket;
import org.maloca.cli.disk.RunningDisks;
import org.maloca.cli.disk.RunningLimits;
import org.maloca.core.cpu.EngineStatistics;
import org.maloca.devices.virtio.console.VirtioConsole;
import org.maloca.devices.virtio.ninep.NinepConfig;
import org.maloca.devices.virtio.rng.VirtioRng;
import org.maloca.machine.board.DevicePlug;
import org.maloca.machine.config.ChannelConfig;
import org.maloca.machine.config.ConfigException;
import org.maloca.machine.config.DeviceProperties;
import org.maloca.machine.config.DiskConfig;
import org.maloca.machine.config.MachineConfig;
import org.maloca.machine.config.MemorySize;
import org.maloca.machine.config.NetConfig;
import org.maloca.machine.config.PmemConfig;
import org.maloca.machine.config.ShareConfig;
import org.maloca.machine.device.BalloonPlug;
import org.maloca.machine.device.ConsolePlug;
import org.maloca.machine.device.DiskPlug;
import org.maloca.machine.device.Disks;
import org.maloca.machine.device.NetworkPlug;
import org.maloca.machine.device.PmemPlug;
import org.maloca.machine.device.RngPlug;
import org.maloca.machine.device.ScsiPlug;
import org.maloca.machine.device.SharePlug;
import org.maloca.machine.device.SharedNetworks;
import org.maloca.machine.device.VsockPlug;
import org.maloca.net.UserNetwork;

/**
 * The devices that {@code maloca run} was asked for, opened on the host. Who does not hand them to
 * a machine closes them.
 */
final class RunDevices implements AutoCloseable {
  private static final long FIRST_GUEST_CID = 3;
  private static final int SSH_PORT = 22;

  private final List<DevicePlug> plugs = new ArrayList<>();
  private final List<AccountedDisk> disks = new ArrayList<>();
  private final List<DiskFigures> figures = new ArrayList<>();
  private final List<RunningDrives.Slot> drives = new ArrayList<>();
  private final List<RunningDisks.Disk> growing = new ArrayList<>();
  private final List<RunningLimits.Disk> limited = new ArrayList<>();
  private final List<NetworkPlug> cards = new ArrayList<>();
  private final List<ChannelSocket> channels = new ArrayList<>();

  private final @Nullable SshLogin sshLogin;
  private @Nullable ScsiPlug scsi;
  private @Nullable InetSocketAddress sshAddress;
  private volatile boolean isBuilt;
  private final RunControls controls = new RunControls();

  private final Consumer<String> notes;

  private RunDevices(@Nullable SshLogin sshLogin, Consumer<String> notes) {
    this.sshLogin = sshLogin;
    this.notes = notes;
  }

  /**
   * Opens all.
   *
   * @param machine that they are for
   * @param guest whose disk comes in front of the others, or null
   * @param cloudInit whose seed comes behind the other disks, or null
   * @param notes hears what people should know, also while the machine runs
   */
  static RunDevices open(
      DeviceOptions options,
      MachineConfig machine,
      @Nullable ReadyGuest guest,
      @Nullable CloudInit cloudInit,
      Consumer<String> notes)
      throws CommandException {
    RunDevices devices = new RunDevices(guest == null ? null : guest.login(), notes);
    try {
      if (guest != null) {
        DiskConfig disk = guest.disk().config();
        devices.addDisk(options.isEphemeral() ? disk.ephemeral() : disk, guest.disk().allowed());
      }
      List<ShareConfig> shares =
          guest == null ? shares(options, NinepConfig.AS_ON_HOST) : guest.shares();
      devices.openAll(options, machine, shares, cloudInit);
      devices.controls.listen(machine.name(), notes);
      return devices;
    } catch (ConfigException wrong) {
      devices.close();
      throw new CommandException(ExitCode.USAGE, message(wrong));
    } catch (IOException failure) {
      devices.close();
      throw new CommandException(ExitCode.BAD_IMAGE, message(failure));
    }
  }

  /**
   * Finds fault with the files that the options name, and with what else can be told at once, while
   * nothing slow has been begun. Leaves nothing open.
   *
   * @param memoryBytes of the machine
   */
  static void check(DeviceOptions options, long memoryBytes) throws CommandException {
    try {
      List<Path> allowed = options.allowedPaths().stream().map(Path::of).toList();
      int index = 0;
      for (String text : options.disks()) {
        DiskConfig config = DiskConfig.parse(text, index++);
        checkDisk(options.isEphemeral() ? config.ephemeral() : config, allowed);
      }
      for (String text : options.cdroms()) {
        checkDisk(DiskConfig.parseCdrom(text, index++), allowed);
      }
      for (String text : options.pmems()) {
        new PmemPlug(PmemConfig.parse(text)).memoryBytes();
      }
      shares(options, NinepConfig.AS_ON_HOST);
      options.channels().forEach(ChannelConfig::parse);
      List<String> networks = networks(options);
      for (int i = 0; i < networks.size(); i++) {
        NetConfig config =
            NetConfig.parse(networks.get(i), i, i == 0 ? options.forwards() : List.of());
        // Reads the rules.
        new NetworkPlug(config, "", new SharedNetworks(), made -> {});
        if (config.capture() != null) {
          OutputPlace.requireFile("--net: capture", config.capture());
        }
      }
      if (options.vsock() != null) {
        vsock(options.vsock());
      }
      if (options.balloon() != null) {
        balloonBytes(options.balloon(), memoryBytes);
      }
    } catch (ConfigException wrong) {
      throw new CommandException(ExitCode.USAGE, message(wrong));
    } catch (IOException failure) {
      throw new CommandException(ExitCode.BAD_IMAGE, message(failure));
    }
  }

  private static void checkDisk(DiskConfig config, List<Path> allowed) throws IOException {
    if (!config.isEmptyDrive()) {
      // What it has to say is said when it is opened for the machine.
      Disks.open(config, allowed, note -> {}).close();
    }
  }

  private void openAll(
      DeviceOptions options,
      MachineConfig machine,
      List<ShareConfig> shares,
      @Nullable CloudInit cloudInit)
      throws IOException {
    List<Path> allowed = options.allowedPaths().stream().map(Path::of).toList();
    for (String text : options.disks()) {
      DiskConfig config = DiskConfig.parse(text, figures.size());
      addDisk(options.isEphemeral() ? config.ephemeral() : config, allowed);
    }
    for (String text : options.cdroms()) {
      addDisk(DiskConfig.parseCdrom(text, figures.size()), allowed);
    }
    serveDisks(allowed);
    List<NetworkPlug> networks = networks(options, machine.name(), cloudInit);
    if (cloudInit != null) {
      plugs.add(new DiskPlug(GuestDisk.seed(), new SeedDisk(cloudInit.seedImage())));
    }
    shares.forEach(share -> plugs.add(new SharePlug(share)));
    for (String text : options.pmems()) {
      PmemConfig config = PmemConfig.parse(text);
      PmemPlug pmem = new PmemPlug(options.isEphemeral() ? config.ephemeral() : config);
      // Asked here, too, for a message before anything else happens.
      pmem.memoryBytes();
      plugs.add(pmem);
    }
    addChannels(options);
    addNetworks(networks);
    if (options.vsock() != null) {
      plugs.add(vsock(options.vsock()));
    }
    if (options.balloon() != null) {
      addBalloon(options.balloon(), machine.memoryBytes());
    }
    // Cheap, and Linux wants it early; a machine with no such device at all stays as it was.
    Boolean hasEntropy = options.hasEntropy();
    if (hasEntropy != null ? hasEntropy : !plugs.isEmpty()) {
      plugs.add(new RngPlug(VirtioRng.UNLIMITED));
    }
  }

  /**
   * The folders that are to be shared.
   *
   * @param owner of files of the user who runs Maloca, where the options do not say
   * @throws ConfigException when one is missing, or two have the same tag
   */
  static List<ShareConfig> shares(DeviceOptions options, int owner) {
    List<ShareConfig> shares = new ArrayList<>();
    for (String text : options.shares()) {
      ShareConfig share = ShareConfig.parse(text, owner);
      requireFolder("--share", share.folder());
      if (shares.stream().anyMatch(other -> other.tag().equals(share.tag()))) {
        throw new ConfigException(
            "--share: two folders have the tag '%s'; give one another, as in --share %s,tag=other"
                .formatted(share.tag(), share.folder()));
      }
      shares.add(share);
    }
    return shares;
  }

  /**
   * The disk of a guest of ours.
   *
   * @param allowed folders that it may lead to
   */
  record OwnDisk(DiskConfig config, List<Path> allowed) {
    /** How to look into it, as it is now. */
    OpenOptions toRead() {
      return OpenOptions.readOnly()
          .withFormat(Disks.format(config.format()))
          .withAllowed(new AllowedPaths(List.of(), allowed));
    }
  }

  /** Opens a disk and puts it behind those that there are. */
  private void addDisk(DiskConfig config, List<Path> allowed) throws IOException {
    DiskFigures counted = new DiskFigures();
    figures.add(counted);
    if (config.isCdrom()) {
      drives.add(new RunningDrives.Slot(counted, config.isEmptyDrive() ? null : config.file()));
    }
    if (config.isEmptyDrive()) {
      scsiController().add(config, null);
      return;
    }
    AccountedDisk disk = Disks.open(config, allowed, counted, notes);
    disks.add(disk);
    Path file = config.file().toAbsolutePath();
    if (!config.isReadOnly() && !config.isEphemeral()) {
      growing.add(new RunningDisks.Disk(file, disk));
    }
    if (!config.isCdrom()) {
      limited.add(new RunningLimits.Disk(file, disk));
    }
    if (config.bus() == DiskConfig.Bus.SCSI) {
      scsiController().add(config, disk);
    } else {
      plugs.add(new DiskPlug(config, disk));
    }
  }

  /** The controller for all SCSI disks, which comes where the first of them does. */
  private ScsiPlug scsiController() {
    ScsiPlug controller = scsi;
    if (controller == null) {
      controller = new ScsiPlug();
      scsi = controller;
      plugs.add(controller);
    }
    return controller;
  }

  private void serveDisks(List<Path> allowed) {
    if (!growing.isEmpty()) {
      RunningDisks disks = new RunningDisks(growing);
      controls.add(
          RunningDisks.WORD,
          "maloca disk resize",
          request -> isBuilt ? disks.answer(request) : Optional.empty());
    }
    if (!limited.isEmpty()) {
      controls.add(RunningLimits.WORD, "maloca disk limit", new RunningLimits(limited));
    }
    if (!drives.isEmpty()) {
      ScsiPlug controller = scsiController();
      controls.add(
          RunningDrives.WORD,
          "maloca cdrom",
          new RunningDrives(drives, controller::drives, allowed, RunningDrives.PATIENCE, notes));
    }
  }

  private void addBalloon(String size, long memoryBytes) {
    BalloonPlug balloon = new BalloonPlug(balloonBytes(size, memoryBytes));
    plugs.add(balloon);
    controls.add(
        RunningBalloon.WORD, "maloca balloon", new RunningBalloon(balloon::balloon, memoryBytes));
  }

  private void addChannels(DeviceOptions options) throws IOException {
    List<VirtioConsole.PortOptions> ports = new ArrayList<>();
    for (String text : options.channels()) {
      ChannelConfig config = ChannelConfig.parse(text);
      ChannelSocket socket = ChannelSocket.open(config.socket());
      channels.add(socket);
      ports.add(new VirtioConsole.PortOptions(config.name(), config.isConsole(), socket));
    }
    if (!ports.isEmpty()) {
      plugs.add(new ConsolePlug(ports));
    }
  }

  /** The networks of the cards; forwards need one. */
  private static List<String> networks(DeviceOptions options) {
    return options.networks().isEmpty() && !options.forwards().isEmpty()
        ? List.of("nat")
        : options.networks();
  }

  private List<NetworkPlug> networks(
      DeviceOptions options, String machineName, @Nullable CloudInit cloudInit) {
    List<String> networks = networks(options);
    SharedNetworks shared = new SharedNetworks();
    List<NetworkPlug> made = new ArrayList<>();
    for (int i = 0; i < networks.size(); i++) {
      // Forwards lead to the first card, which is also the one that cloud-init sets up by itself.
      List<String> forwards = i == 0 ? options.forwards() : List.of();
      NetConfig config = NetConfig.parse(networks.get(i), i, forwards);
      NetworkPlug card = new NetworkPlug(config, machineName, shared, this::forwarded);
      if (i == 0 && cloudInit != null) {
        cloudInit.callHomeBy(config, card);
      }
      made.add(card);
    }
    return made;
  }

  private void addNetworks(List<NetworkPlug> networks) {
    plugs.addAll(networks);
    cards.addAll(networks);
    if (!cards.isEmpty()) {
      controls.add(PortForwards.WORD, "maloca port", new PortForwards(cards.getFirst()::adapter));
    }
  }

  private void forwarded(UserNetwork.Forwarding made) {
    if (sshLogin != null && made.guestPort() == SSH_PORT && !made.isUdp()) {
      announce(sshLogin, made.address());
    } else {
      notes.accept(made.toString());
    }
  }

  private void announce(SshLogin login, InetSocketAddress address) {
    notes.accept(login.command(address));
    if (sshAddress != null) {
      return;
    }
    try {
      login.announce(address);
      sshAddress = address;
      notes.accept("or: maloca ssh " + login.machine());
    } catch (IOException unwritable) {
      notes.accept("'maloca ssh' will not find the machine: " + message(unwritable));
    }
  }

  /** The disks may be made larger from now on: there is a machine to tell. */
  void machineIsBuilt() {
    isBuilt = true;
  }

  /** Lets others pause and end the machine, which runs now. */
  void serveLife(String machineName, RunPause pause, OrderlyEnd end) {
    controls.addLate(
        machineName, PauseService.WORD, "maloca pause", new PauseService(pause, notes), notes);
    controls.addLate(machineName, StopService.WORD, "maloca stop", new StopService(end), notes);
  }

  /** Says that nobody can log in or ask for anything any more. */
  void withdraw() {
    controls.close();
    if (sshLogin != null && sshAddress != null) {
      try {
        sshLogin.withdraw(sshAddress);
      } catch (IOException failure) {
        notes.accept(message(failure));
      }
    }
  }

  private static VsockPlug vsock(String text) {
    DeviceProperties properties = DeviceProperties.parse("--vsock", text);
    long cid = properties.number("cid", FIRST_GUEST_CID, FIRST_GUEST_CID, 0xffff_fffeL);
    properties.finish();
    Path path = Path.of(properties.main());
    requireFolder("--vsock", Objects.requireNonNullElse(path.toAbsolutePath().getParent(), path));
    return new VsockPlug(cid, path);
  }

  private static void requireFolder(String option, Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new ConfigException("%s: %s is not a folder".formatted(option, folder));
    }
  }

  private static long balloonBytes(String text, long memoryBytes) {
    try {
      return new BalloonSize(0, MemorySize.parse(text)).after(0, memoryBytes);
    } catch (ConfigException | IOException wrong) {
      throw new ConfigException("--balloon: " + wrong.getMessage());
    }
  }

  /** In the order in which the guest finds them. */
  List<DevicePlug> plugs() {
    return plugs;
  }

  boolean isEmpty() {
    return plugs.isEmpty();
  }

  boolean hasDisks() {
    return !disks.isEmpty();
  }

  /** What the disks and the network cards did so far; for any thread. */
  List<EngineStatistics.Group> statistics() {
    List<EngineStatistics.Group> groups = new ArrayList<>();
    for (int i = 0; i < figures.size(); i++) {
      groups.addAll(DiskStatistics.of(i, figures.get(i)));
    }
    for (NetworkPlug card : cards) {
      card.adapter().ifPresent(adapter -> groups.addAll(adapter.statistics()));
    }
    return groups;
  }

  /** Gives everything back that no machine has taken. */
  @Override
  public void close() {
    controls.close();
    channels.forEach(ChannelSocket::close);
    for (AccountedDisk disk : disks) {
      try {
        disk.close();
      } catch (IOException failure) {
        System.err.println("maloca: closing a disk: " + message(failure));
      }
    }
  }

  private static String message(Exception problem) {
    return Objects.requireNonNullElse(problem.getMessage(), problem.getClass().getSimpleName());
  }
}
