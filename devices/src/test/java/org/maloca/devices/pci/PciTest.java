package org.maloca.devices.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.maloca.core.bus.IoHandler;
import org.maloca.core.bus.PortBus;
import org.maloca.core.irq.IrqLine;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.MemoryMap;
import org.maloca.core.memory.MemoryRegion;
import org.maloca.core.snapshot.SectionBuffer;
import org.maloca.devices.HostileGuest;
import org.maloca.devices.RecordingLine;

/** A board of host bridge, ISA bridge and one device with all kinds of BARs at 00:03.0. */
class PciTest {
  private static final int DEVICE = 0x8000_1800;

  private static final IoHandler CONTENT =
      new IoHandler() {
        @Override
        public long read(int offset, int size) {
          return 0x1000 + offset;
        }

        @Override
        public void write(int offset, int size, long value) {}
      };

  private final PortBus ports = new PortBus();
  private final GuestMemory memory =
      new GuestMemory(
          MemoryMap.of(List.of(new MemoryRegion.Mmio(0xfec0_0000L, 0x1000, CONTENT))), 1);
  private final RecordingLine[] pic = lines(16);
  private final RecordingLine[] ioApic = lines(4);
  private final LpcBridge lpc = new LpcBridge(0x600, pic, ioApic);
  private final PciBus bus =
      new PciBus(new PciWindows(memory, ports), new PciInterruptRouter(lpc.pirqs()));
  private final PciConfigPorts configPorts = new PciConfigPorts(bus);
  private final PciEcam ecam = new PciEcam(bus);
  private final PciFunction device =
      new PciFunction("card", new PciFunction.Identity(0x1af4, 0x1042, 1, 0x018000, 0x1af4, 7));

  PciTest() {
    bus.plug(0, 0, new PciHostBridge(0xb000_0000L));
    bus.plug(31, 0, lpc);
    device.addBar(new PciBar(0, PciBar.Kind.PORTS, 0x40, CONTENT));
    device.addBar(new PciBar(1, PciBar.Kind.MEMORY_32, 0x1000, CONTENT));
    device.addBar(new PciBar(2, PciBar.Kind.MEMORY_64_PREFETCHABLE, 0x4000, CONTENT));
    device.addCapability(0x11, new byte[10], new byte[10]);
    device.addCapability(0x09, new byte[] {0x10, 1}, new byte[] {0, (byte) 0xff});
    device.setInterruptPin(1);
    bus.plug(3, 0, device);
    configPorts.register(ports);
  }

  private static RecordingLine[] lines(int count) {
    RecordingLine[] lines = new RecordingLine[count];
    Arrays.setAll(lines, i -> new RecordingLine());
    return lines;
  }

  private long read(int address, int register, int size) {
    ports.write(0xcf8, 4, address | register & 0xfc);
    return ports.read(0xcfc + (register & 3), size);
  }

  private void write(int register, int size, long value) {
    ports.write(0xcf8, 4, DEVICE | register & 0xfc);
    ports.write(0xcfc + (register & 3), size, value);
  }

  @Test
  void addressRegisterAnswersToDoublewordsOnly() {
    ports.write(0xcf8, 4, 0x8000_0000L);
    ports.write(0xcf8, 1, 0x12);
    ports.write(0xcfb, 1, 0x01);
    assertEquals(0x8000_0000L, ports.read(0xcf8, 4));
    assertEquals(0xff, ports.read(0xcf8, 1));
  }

  @Test
  void bridgesAreWhereGuestsLookForThem() {
    assertEquals(0x29c0_8086L, read(0x8000_0000, 0, 4));
    assertEquals(0x0600, read(0x8000_0000, 0x0a, 2));
    assertEquals(0x2918_8086L, read(0x8000_f800, 0, 4));
    assertEquals(0x0601, read(0x8000_f800, 0x0a, 2));
    assertEquals(0x601, read(0x8000_f800, 0x40, 4));
    assertEquals(0xb000_0001L, read(0x8000_0000, 0x60, 4));
  }

  @Test
  void absentFunctionsReadAllOnes() {
    assertEquals(0xffff_ffffL, read(0x8000_2000, 0, 4));
    assertEquals(0xffff_ffffL, read(0x8001_0000, 0, 4));
    assertEquals(0xffff, read(0x8000_1900, 0, 2));
    assertEquals(0xffff_ffffL, read(0x0000_0000, 0, 4));
  }

  @Test
  void everySubOffsetAndSizeReadsTheSameBytes() {
    assertEquals(0xf4, read(DEVICE, 0, 1));
    assertEquals(0x1a, read(DEVICE, 1, 1));
    assertEquals(0x421a, read(DEVICE, 1, 2));
    assertEquals(0x10, read(DEVICE, 3, 1));
    assertEquals(0xff10, read(DEVICE, 3, 2));
    assertEquals(0xff10_421aL, read(DEVICE, 1, 4));
  }

  @Test
  void ecamSeesTheSameRegisters() {
    assertEquals(0x1042_1af4L, ecam.read(0x1_8000, 4));
    assertEquals(0x1042, ecam.read(0x1_8002, 2));
    assertEquals(0x0010_0000_1042_1af4L, ecam.read(0x1_8000, 8));
    assertEquals(0, ecam.read(0x1_8100, 4));
    assertEquals(0xffff_ffffL, ecam.read(0x10_0000, 4));
    ecam.write(0x1_803c, 1, 0x0b);
    assertEquals(0x0b, read(DEVICE, 0x3c, 1));
  }

  @Test
  void barsTellTheirSizes() {
    for (int register = 0x10; register < 0x28; register += 4) {
      write(register, 4, 0xffff_ffffL);
    }
    assertEquals(0xffff_ffc1L, read(DEVICE, 0x10, 4));
    assertEquals(0xffff_f000L, read(DEVICE, 0x14, 4));
    assertEquals(0xffff_c00cL, read(DEVICE, 0x18, 4));
    assertEquals(0xffff_ffffL, read(DEVICE, 0x1c, 4));
    assertEquals(0, read(DEVICE, 0x20, 4));
  }

  @Test
  void windowsFollowAddressAndDecodeBits() {
    write(0x10, 4, 0xc000);
    write(0x14, 4, 0xd000_0000L);
    write(0x18, 4, 0x0000_4000);
    write(0x1c, 4, 0x0000_0010);
    assertNull(memory.map().find(0xd000_0000L));
    write(0x04, 2, 0x0003);
    assertEquals(0x1004, ports.read(0xc004, 4));
    assertNotNull(memory.map().find(0xd000_0fffL));
    assertNull(memory.map().find(0xd000_1000L));
    assertNotNull(memory.map().find(0x10_0000_4000L));
    write(0x14, 4, 0xd100_0000L);
    assertNull(memory.map().find(0xd000_0000L));
    assertNotNull(memory.map().find(0xd100_0000L));
    write(0x04, 2, 0);
    assertNull(memory.map().find(0xd100_0000L));
    assertEquals(0xffff, ports.read(0xc004, 2));
  }

  @Test
  void windowOverAnotherDeviceStaysHiddenUntilThePlaceIsFree() {
    write(0x14, 4, 0xfec0_0000L);
    write(0x18, 4, 0xfebf_c000L);
    write(0x10, 4, 0x0cc0);
    write(0x04, 2, 0x0003);
    assertEquals(2, memory.map().regions().size());
    write(0x14, 4, 0xfebf_f000L);
    assertEquals(2, memory.map().regions().size());
    write(0x18, 4, 0xe000_0000L);
    assertEquals(3, memory.map().regions().size());
    assertEquals(0xffff_ffffL, ports.read(0x0cc0, 4));
  }

  @Test
  void capabilitiesAreChained() {
    assertEquals(0x10, read(DEVICE, 0x06, 2) & 0x10);
    assertEquals(0x40, read(DEVICE, 0x34, 1));
    assertEquals(0x4c11, read(DEVICE, 0x40, 2));
    assertEquals(0x0009, read(DEVICE, 0x4c, 2));
    write(0x4e, 2, 0xffff);
    assertEquals(0xff10, read(DEVICE, 0x4e, 2));
  }

  @Test
  void interruptPinGoesToItsPirqOnBothControllers() {
    device.setIntx(true);
    assertEquals(true, ioApic[3].level);
    assertEquals(true, pic[11].level);
    assertEquals(0x08, read(DEVICE, 0x06, 1) & 0x08);
    write(0x04, 2, 0x0400);
    assertEquals(false, ioApic[3].level);
    assertEquals(false, pic[11].level);
  }

  @Test
  void rerouteMovesTheLevel() {
    device.setIntx(true);
    ports.write(0xcf8, 4, 0x8000_f860L);
    ports.write(0xcff, 1, 0x05);
    assertEquals(true, pic[5].level);
    assertEquals(false, pic[11].level);
    ports.write(0xcff, 1, 0x80);
    assertEquals(false, pic[5].level);
    assertEquals(true, ioApic[3].level);
  }

  @Test
  void sharedLineFallsWithItsLastUser() {
    IrqLine[] outputs = lines(4);
    PciInterruptRouter router = new PciInterruptRouter(outputs);
    IrqLine first = router.pin(1, 1);
    IrqLine second = router.pin(2, 4);
    first.raise();
    second.raise();
    first.lower();
    assertEquals(true, ((RecordingLine) outputs[1]).level);
    second.lower();
    assertEquals(false, ((RecordingLine) outputs[1]).level);
  }

  @Test
  void secondFunctionMarksTheSlot() {
    PciFunction second =
        new PciFunction("card2", new PciFunction.Identity(0x1af4, 0x1043, 0, 0xff0000, 0, 0));
    bus.plug(3, 1, second);
    assertEquals(0x80, read(DEVICE, 0x0e, 1));
    assertThrows(IllegalArgumentException.class, () -> bus.plug(3, 1, second));
    assertThrows(IllegalArgumentException.class, () -> bus.plug(4, 1, second));
  }

  @Test
  void snapshotBringsBackWindowsAndLevelWithoutAnEdge() {
    write(0x14, 4, 0xd000_0000L);
    write(0x04, 2, 0x0002);
    device.setIntx(true);
    SectionBuffer snapshot = new SectionBuffer();
    device.save(snapshot);
    device.reset();
    assertNull(memory.map().find(0xd000_0000L));
    assertEquals(false, ioApic[3].level);
    int edges = ioApic[3].edges;

    device.restore(snapshot.reader());

    assertNotNull(memory.map().find(0xd000_0000L));
    assertEquals(true, ioApic[3].level);
    assertEquals(edges, ioApic[3].edges);
  }

  @Test
  void surviveAHostileGuest() {
    IoHandler oneDevice =
        new IoHandler() {
          @Override
          public long read(int offset, int size) {
            return ecam.read(0x1_8000 + offset, size);
          }

          @Override
          public void write(int offset, int size, long value) {
            ecam.write(0x1_8000 + offset, size, value);
          }
        };
    HostileGuest.hammer(oneDevice, 0x40, 8, 6);
    HostileGuest.hammer(ecam, 0x20_0000, 8, 7);
    HostileGuest.hammer(configPorts.dataPorts(), 4, 4, 8);
    HostileGuest.hammer(configPorts.addressPort(), 1, 4, 9);
    HostileGuest.hammer(ecam, 0x10_0000, 8, 10);
    device.reset();
    assertEquals(1, memory.map().regions().size());
  }
}
