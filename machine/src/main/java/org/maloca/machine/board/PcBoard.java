package org.maloca.machine.board;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.CharBackend;
import org.maloca.core.bus.PortBus;
import org.maloca.core.cpu.Accelerator;
import org.maloca.core.cpu.CpuState;
import org.maloca.core.cpu.EngineStatistics;
import org.maloca.core.cpu.Vcpu;
import org.maloca.core.device.Device;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.time.HostClock;
import org.maloca.devices.acpi.AcpiConfig;
import org.maloca.devices.acpi.AcpiTables;
import org.maloca.machine.boot.BootEnvironment;
import org.maloca.machine.boot.BootException;
import org.maloca.machine.boot.Initrds;
import org.maloca.machine.boot.KernelImage;
import org.maloca.machine.config.BootConfig;
import org.maloca.machine.config.DeviceConfig;
import org.maloca.machine.config.MachineConfig;

/**
 * A PC: memory, CPUs, devices and a kernel to start. Not thread-safe; used by the one thread that
 * changes the machine's state, while no vCPU runs.
 */
public final class PcBoard implements AutoCloseable {
  /**
   * Guests take a pause that is no longer for a stall of their hardware, which their clocks go
   * through. Kernels begin to complain after 20 seconds, and reckon wrongly after minutes.
   */
  private static final long STALL_NANOS = 15_000_000_000L;

  private final MachineConfig config;
  private final PcMemory memory;
  private final HostClock clock;
  private final Accelerator accelerator;
  private final PcChipset chipset;
  private final List<Vcpu> vcpus;
  private final AcpiTables acpiTables;
  private final KernelImage kernel;
  private final Initrds initrds;

  private PcBoard(
      MachineConfig config,
      KernelImage kernel,
      Initrds initrds,
      PcMemory memory,
      HostClock clock,
      AcceleratorFactory accelerators,
      BoardBackends backends,
      GuestRequests requests)
      throws IOException {
    this.config = config;
    this.kernel = kernel;
    this.initrds = initrds;
    this.memory = memory;
    this.clock = clock;
    int serialPorts = backends.auxiliary() == null ? 1 : 2;
    AcpiConfig acpi = PcAcpi.describe(config.cpus(), pciHole64(memory), serialPorts, List.of());
    chipset = new PcChipset(acpi, memory, new PortBus(), clock, requests);
    addSerialPorts(backends);
    addOptionalDevices(backends.debugConsole(), requests);
    for (DevicePlug plug : backends.plugs()) {
      plug.plugInto(chipset);
    }
    acpiTables =
        AcpiTables.build(
            PcAcpi.describe(config.cpus(), pciHole64(memory), serialPorts, chipset.virtioSlots()));
    accelerator = accelerators.create(config.cpus(), memory.pages(), clock);
    vcpus = chipset.createVcpus(accelerator);
  }

  /**
   * Builds a board, switched off: time stands still.
   *
   * @throws BootException when the kernel or an initrd cannot be used
   * @throws IOException when the host cannot give the memory
   */
  public static PcBoard create(
      MachineConfig config,
      AcceleratorFactory accelerators,
      BoardBackends backends,
      GuestRequests requests)
      throws BootException, IOException {
    BootConfig boot = config.boot();
    KernelImage kernel = KernelImage.detect(boot.kernel());
    Initrds initrds = Initrds.NONE;
    PcMemory memory = null;
    HostClock clock = null;
    try {
      initrds = Initrds.open(boot.initrds());
      long deviceBytes = 0;
      for (DevicePlug plug : backends.plugs()) {
        deviceBytes += PcMemory.roomFor(plug.memoryBytes());
      }
      memory = new PcMemory(config.memoryBytes(), deviceBytes);
      clock = new HostClock("maloca-" + config.name());
      clock.pause();
      return new PcBoard(config, kernel, initrds, memory, clock, accelerators, backends, requests);
    } catch (BootException | IOException | RuntimeException | Error failure) {
      kernel.close();
      initrds.close();
      close(clock, memory);
      throw failure;
    }
  }

  private static void close(@Nullable HostClock clock, @Nullable PcMemory memory) {
    if (clock != null) {
      clock.close();
    }
    if (memory != null) {
      memory.close();
    }
  }

  /** 64-bit BARs go above all RAM, at a place that any size of theirs is aligned to. */
  private static long pciHole64(PcMemory memory) {
    long alignment = 256L << 30;
    return memory.end() + alignment - 1 & -alignment;
  }

  private void addSerialPorts(BoardBackends backends) {
    chipset.addSerialPort(0, backends.console());
    CharBackend auxiliary = backends.auxiliary();
    if (auxiliary != null) {
      chipset.addSerialPort(1, auxiliary);
    }
  }

  private void addOptionalDevices(@Nullable CharBackend debugConsole, GuestRequests requests) {
    for (DeviceConfig device : config.devices()) {
      switch (device) {
        case DeviceConfig.DebugExit debugExit ->
            chipset.addDebugExit(debugExit.port(), requests::debugExit);
      }
    }
    if (debugConsole != null) {
      chipset.addDebugConsole(debugConsole);
    }
  }

  /** Boot CPU first. */
  public List<Vcpu> vcpus() {
    return List.copyOf(vcpus);
  }

  public GuestMemory memory() {
    return memory.memory();
  }

  /** What the kernel file is, for people. */
  public String kernelDescription() {
    return kernel.description();
  }

  /** Makes the calling thread that of a vCPU; before it runs. */
  public void enterVcpuThread(int index) {
    chipset.enterVcpuThread(index);
  }

  /** Loads the kernel and makes the boot CPU ready to enter it; while time stands still. */
  public void boot() throws BootException {
    memory.writeFirmware(acpiTables);
    chipset.setUpPci();
    BootEnvironment environment =
        new BootEnvironment(
            memory.memory(), memory.e820(), acpiTables.rsdpGpa(), config.boot().commandLine());
    CpuState state = kernel.load(environment, initrds);
    Vcpu bootCpu = vcpus.getFirst();
    // Its time stamp counter stays in step with those of the others.
    CpuState powerOn = new CpuState();
    bootCpu.save(powerOn);
    state.tsc = powerOn.tsc;
    MemoryTypes.set(state);
    bootCpu.restore(state);
    for (Vcpu vcpu : vcpus.subList(1, vcpus.size())) {
      vcpu.save(powerOn);
      MemoryTypes.set(powerOn);
      vcpu.restore(powerOn);
    }
  }

  /** The power button was pressed; answers whether the guest listens. Any thread, at any time. */
  public boolean pressPowerButton() {
    return chipset.pressPowerButton();
  }

  /** Puts everything but RAM into its power-on state. */
  public void reset() {
    chipset.devices().forEach(Device::reset);
    vcpus.forEach(Vcpu::reset);
  }

  /** Starts time. */
  public void start() {
    chipset.devices().forEach(Device::start);
    clock.resume();
  }

  /** What the CPU engine has done. */
  public EngineStatistics statistics() {
    return accelerator.statistics();
  }

  public void pause() {
    clock.pause();
    chipset.devices().forEach(Device::pause);
  }

  public void resume() {
    chipset.devices().forEach(Device::resume);
    clock.resume(STALL_NANOS);
  }

  /** Gives everything back; no vCPU thread may exist any more. */
  @Override
  public void close() {
    clock.close();
    vcpus.forEach(Vcpu::close);
    accelerator.close();
    chipset.devices().forEach(Device::close);
    kernel.close();
    initrds.close();
    memory.close();
  }
}
