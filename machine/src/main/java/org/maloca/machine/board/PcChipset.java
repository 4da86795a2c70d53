package org.maloca.machine.board;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import org.maloca.core.backend.CharBackend;
import org.maloca.core.bus.IoHandler;
import org.maloca.core.bus.PortBus;
import org.maloca.core.cpu.Accelerator;
import org.maloca.core.cpu.Vcpu;
import org.maloca.core.device.Device;
import org.maloca.core.irq.IrqLine;
import org.maloca.core.irq.MsiSink;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.MemoryRegion;
import org.maloca.core.memory.RamBlock;
import org.maloca.core.time.TscClock;
import org.maloca.core.time.VirtualClock;
import org.maloca.devices.acpi.AcpiConfig;
import org.maloca.devices.apic.ApicBus;
import org.maloca.devices.apic.IoApic;
import org.maloca.devices.apic.LocalApic;
import org.maloca.devices.apic.LocalApicPage;
import org.maloca.devices.debug.DebugConsole;
import org.maloca.devices.debug.DebugExit;
import org.maloca.devices.debug.PostCodePort;
import org.maloca.devices.hpet.Hpet;
import org.maloca.devices.kvm.KvmClock;
import org.maloca.devices.pci.LpcBridge;
import org.maloca.devices.pci.PciBus;
import org.maloca.devices.pci.PciConfigPorts;
import org.maloca.devices.pci.PciEcam;
import org.maloca.devices.pci.PciFirmware;
import org.maloca.devices.pci.PciFunction;
import org.maloca.devices.pci.PciHostBridge;
import org.maloca.devices.pci.PciInterruptRouter;
import org.maloca.devices.pci.PciRootPort;
import org.maloca.devices.pci.PciWindows;
import org.maloca.devices.pic.PicPair;
import org.maloca.devices.pit.IsaPit;
import org.maloca.devices.pm.AcpiPmBlock;
import org.maloca.devices.pm.ResetControl;
import org.maloca.devices.ps2.A20Gate;
import org.maloca.devices.ps2.I8042;
import org.maloca.devices.ps2.SystemControlPort;
import org.maloca.devices.rtc.Mc146818Rtc;
import org.maloca.devices.serial.IsaSerialPort;
import org.maloca.devices.virtio.VirtioDevice;
import org.maloca.devices.virtio.VirtioMmio;
import org.maloca.devices.virtio.VirtioPci;
import org.maloca.machine.config.ConfigException;

/** What every PC has besides memory and CPUs, wired as the ACPI tables tell. */
final class PcChipset implements DeviceSite {
  private static final int PIT_IRQ = 0;
  private static final int RTC_IRQ = 8;

  /**
   * The PIT is on I/O APIC input 2 (an interrupt source override in the MADT); ISA 2 is nowhere.
   */
  private static final int PIT_GSI = 2;

  private static final int FIRST_FREE_SLOT = 1;

  /** All chipset devices are below. */
  private static final int FIRST_PCI_PORT = 0x1000;

  /** Virtio devices outside PCI: from here on, in pages; interrupts that nothing else uses. */
  private static final long VIRTIO_MMIO_GPA = 0xfed8_0000L;

  private static final int[] VIRTIO_MMIO_GSIS = {20, 21, 22, 23, 5, 6, 7};

  private static final int[] COM_PORTS = {IsaSerialPort.COM1_PORT, IsaSerialPort.COM2_PORT};
  private static final int[] COM_IRQS = {IsaSerialPort.COM1_IRQ, IsaSerialPort.COM2_IRQ};

  private final AcpiConfig acpi;
  private final PcMemory pcMemory;
  private final GuestMemory memory;
  private final PortBus ports;
  private final VirtualClock clock;
  private final ApicBus apicBus = new ApicBus();
  private final PicPair pics;
  private final IoApic ioApic;
  private final AcpiPmBlock powerManagement;
  private final List<LocalApic> localApics = new ArrayList<>();
  private final List<KvmClock> kvmClocks = new ArrayList<>();
  private final List<Device> devices = new ArrayList<>();
  private final List<AcpiConfig.VirtioSlot> virtioSlots = new ArrayList<>();
  private final GuestRequests requests;
  private final PciBus pciBus;

  PcChipset(
      AcpiConfig acpi,
      PcMemory pcMemory,
      PortBus ports,
      VirtualClock clock,
      GuestRequests requests) {
    this.acpi = acpi;
    this.pcMemory = pcMemory;
    this.memory = pcMemory.memory();
    this.ports = ports;
    this.clock = clock;
    this.requests = requests;
    MachineRequests wires = new MachineRequests(requests, pcMemory);
    for (int i = 0; i < acpi.cpuCount(); i++) {
      TscClock tsc = new TscClock(clock, MachineTsc.FREQUENCY_HZ);
      localApics.add(add(new LocalApic(apicBus, i, i, clock, tsc)));
      kvmClocks.add(add(new KvmClock(i, memory, clock, MachineTsc.FREQUENCY_HZ)));
    }
    map(LocalApicPage.GPA, LocalApicPage.BYTES, new LocalApicPage(apicBus));
    pics = add(new PicPair(apicBus.lint0()));
    pics.register(ports);
    apicBus.connectPic(pics::acknowledge);
    ioApic = add(new IoApic(apicBus, acpi.ioApicId()));
    map(IoApic.GPA, IoApic.BYTES, ioApic);
    powerManagement = add(new AcpiPmBlock(clock, isaIrq(acpi.sciIrq()), wires));
    addTimers();
    addPowerManagement(acpi, wires);
    addKeyboardController(wires);
    pciBus = addPciBus(acpi);
    add(new PostCodePort()).register(ports, PostCodePort.DEFAULT_PORT);
  }

  private <D extends Device> D add(D device) {
    devices.add(device);
    return device;
  }

  private void map(long gpa, long size, IoHandler handler) {
    memory.update(map -> map.with(new MemoryRegion.Mmio(gpa, size, handler)));
  }

  private IrqLine isaIrq(int irq) {
    return new IsaIrq(pics.input(irq), ioApic.input(irq == PIT_IRQ ? PIT_GSI : irq));
  }

  private void addTimers() {
    Hpet hpet = new Hpet(clock, ioApic::input, isaIrq(PIT_IRQ), isaIrq(RTC_IRQ), apicBus);
    add(new IsaPit(clock, hpet.pitInput())).register(ports);
    add(new Mc146818Rtc(clock, hpet.rtcInput(), powerManagement::rtcAlarmed)).register(ports);
    add(hpet);
    map(Hpet.GPA, Hpet.BYTES, hpet);
  }

  private void addPowerManagement(AcpiConfig acpi, MachineRequests wires) {
    powerManagement.register(ports, acpi.pmBasePort());
    ports.register(ResetControl.PORT, 1, add(new ResetControl(wires)));
  }

  private void addKeyboardController(MachineRequests wires) {
    A20Gate a20 = add(new A20Gate(wires));
    add(new I8042(isaIrq(I8042.KEYBOARD_IRQ), isaIrq(I8042.MOUSE_IRQ), a20)).register(ports);
    new SystemControlPort(a20).register(ports);
  }

  private PciBus addPciBus(AcpiConfig acpi) {
    IrqLine[] picInputs = new IrqLine[PicPair.INPUTS];
    Arrays.setAll(picInputs, pics::input);
    IrqLine[] ioApicInputs = new IrqLine[PciInterruptRouter.LINES];
    Arrays.setAll(ioApicInputs, line -> ioApic.input(acpi.pciGsiBase() + line));
    LpcBridge lpc = add(new LpcBridge(acpi.pmBasePort(), picInputs, ioApicInputs));
    PciBus bus = new PciBus(new PciWindows(memory, ports), new PciInterruptRouter(lpc.pirqs()));
    bus.plug(PciHostBridge.SLOT, 0, add(new PciHostBridge(acpi.ecamGpa())));
    bus.plug(LpcBridge.SLOT, 0, lpc);
    add(new PciConfigPorts(bus)).register(ports);
    PciEcam ecam = new PciEcam(bus);
    memory.update(map -> map.with(ecam.region(acpi.ecamGpa())));
    return bus;
  }

  @Override
  public GuestMemory memory() {
    return memory;
  }

  @Override
  public long addMemory(RamBlock block) {
    return pcMemory.add(block);
  }

  @Override
  public VirtualClock clock() {
    return clock;
  }

  @Override
  public String newId(String prefix) {
    for (int number = 0; ; number++) {
      String id = prefix + number;
      if (devices.stream().noneMatch(device -> device.id().equals(id))) {
        return id;
      }
    }
  }

  @Override
  public void addVirtio(VirtioDevice device, VirtioPci.Identity identity) {
    addPci(new VirtioPci(device, identity, apicBus));
  }

  @Override
  public void addVirtioMmio(VirtioDevice device) {
    int index = virtioSlots.size();
    if (index == VIRTIO_MMIO_GSIS.length) {
      throw new ConfigException(
          "%s: no more than %d virtio devices outside PCI".formatted(device.id(), index));
    }
    int gsi = VIRTIO_MMIO_GSIS[index];
    long gpa = VIRTIO_MMIO_GPA + (long) index * VirtioMmio.BYTES;
    IrqLine irq = gsi < PicPair.INPUTS ? isaIrq(gsi) : ioApic.input(gsi);
    map(gpa, VirtioMmio.BYTES, add(new VirtioMmio(device, irq)));
    virtioSlots.add(new AcpiConfig.VirtioSlot(gpa, gsi));
  }

  List<AcpiConfig.VirtioSlot> virtioSlots() {
    return virtioSlots;
  }

  @Override
  public void addPci(PciFunction function) {
    pciBus.plug(freeSlot(function.id()), 0, add(function));
  }

  @Override
  public void addBehindRootPort(PciFunction function) {
    addRootPort().plugBehind(add(function));
  }

  @Override
  public PciRootPort addRootPort() {
    String id = newId("root-port");
    int slot = freeSlot(id);
    PciRootPort port = new PciRootPort(id, slot, pciBus, apicBus);
    pciBus.plug(slot, 0, add(port));
    return port;
  }

  /** Sets PCI up as firmware leaves it; while nothing runs. */
  void setUpPci() {
    PciFirmware.setUp(
        pciBus,
        FIRST_PCI_PORT,
        acpi.pciHoleStart(),
        acpi.pciHoleEnd(),
        acpi.pciHole64Start(),
        acpi.pciHole64End(),
        LpcBridge.PIRQ_A_AND_C_IRQ,
        LpcBridge.PIRQ_B_AND_D_IRQ,
        LpcBridge.PIRQ_A_AND_C_IRQ,
        LpcBridge.PIRQ_B_AND_D_IRQ);
  }

  @Override
  public MsiSink messages() {
    return apicBus;
  }

  private int freeSlot(String deviceId) {
    int slot = FIRST_FREE_SLOT;
    while (slot < PciBus.SLOTS && pciBus.function(slot, 0) != null) {
      slot++;
    }
    if (slot == PciBus.SLOTS) {
      throw new ConfigException(deviceId + ": all PCI slots are taken");
    }
    return slot;
  }

  @Override
  public void pauseForError(String deviceId, IOException cause) {
    requests.hostFailed(deviceId, cause);
  }

  /** Adds COM1 (0) or COM2 (1). */
  void addSerialPort(int index, CharBackend backend) {
    IrqLine irq = isaIrq(COM_IRQS[index]);
    add(new IsaSerialPort("com" + (index + 1), irq, backend)).register(ports, COM_PORTS[index]);
  }

  /** Adds the debug-exit device; a port that is taken is a {@link ConfigException}. */
  void addDebugExit(int port, IntConsumer exit) {
    try {
      new DebugExit(exit).register(ports, port);
    } catch (IllegalArgumentException taken) {
      throw new ConfigException("debug-exit: port %#x is taken".formatted(port));
    }
  }

  void addDebugConsole(CharBackend backend) {
    new DebugConsole(backend).register(ports, DebugConsole.DEFAULT_PORT);
  }

  /** Makes the vCPUs and connects them to their local APICs. */
  List<Vcpu> createVcpus(Accelerator accelerator) {
    List<Vcpu> vcpus = new ArrayList<>();
    for (LocalApic apic : localApics) {
      int index = vcpus.size();
      PcVcpuBus bus = new PcVcpuBus(ports, apic, kvmClocks.get(index));
      Vcpu vcpu = accelerator.createVcpu(index, memory, bus);
      apic.connect(vcpu.pins());
      vcpus.add(vcpu);
    }
    return vcpus;
  }

  boolean pressPowerButton() {
    return powerManagement.pressPowerButton();
  }

  /** Makes the calling thread that of a vCPU. */
  void enterVcpuThread(int index) {
    apicBus.enter(index);
  }

  /** All devices, in an order in which they can be reset and restored. */
  List<Device> devices() {
    return devices;
  }
}
