package org.maloca.devices.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.maloca.core.bus.IoHandler;
import org.maloca.core.bus.PortBus;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.MemoryMap;
import org.maloca.devices.RecordingLine;

/** Root ports, and what firmware makes of a bus with them. */
class PciRootPortTest {
  private static final IoHandler CONTENT =
      new IoHandler() {
        @Override
        public long read(int offset, int size) {
          return 7;
        }

        @Override
        public void write(int offset, int size, long value) {}
      };

  private static final int SLOT_CONTROL = 0x18;
  private static final int SLOT_STATUS = 0x1a;
  private static final int PRESENCE_CHANGED = 0x08;
  private static final int PRESENT = 0x40;
  private static final int INTERRUPT_ENABLE = 0x28;

  private final PortBus ports = new PortBus();
  private final GuestMemory memory = new GuestMemory(MemoryMap.of(List.of()), 1);
  private final RecordingLine[] lines = lines();
  private final PciBus bus =
      new PciBus(new PciWindows(memory, ports), new PciInterruptRouter(lines));
  private final List<Integer> messages = new ArrayList<>();
  private final PciRootPort port =
      new PciRootPort("port", 2, bus, (address, data) -> messages.add(data));
  private final PciFunction card = card("card");

  PciRootPortTest() {
    bus.plug(2, 0, port);
  }

  private static RecordingLine[] lines() {
    RecordingLine[] lines = new RecordingLine[4];
    Arrays.setAll(lines, i -> new RecordingLine());
    return lines;
  }

  private static PciFunction card(String id) {
    PciFunction card = new PciFunction(id, new PciFunction.Identity(1, 2, 0, 0xff0000, 0, 0));
    card.addBar(new PciBar(0, PciBar.Kind.PORTS, 0x20, CONTENT));
    card.addBar(new PciBar(1, PciBar.Kind.MEMORY_32, 0x1000, CONTENT));
    card.addBar(new PciBar(2, PciBar.Kind.MEMORY_64_PREFETCHABLE, 0x40_0000, CONTENT));
    card.setInterruptPin(1);
    return card;
  }

  private void setUp() {
    PciFirmware.setUp(bus, 0x1000, 0xc000_0000L, 0xc070_0000L, 1L << 40, 2L << 40, 10, 11, 5, 7);
  }

  private static int capability(PciFunction function, int id) {
    int at = function.readConfig(0x34, 1);
    while (function.readConfig(at, 1) != id) {
      at = function.readConfig(at + 1, 1);
    }
    return at;
  }

  private static long bar(PciFunction function, int index) {
    return function.readConfig(0x10 + 4 * index, 4) & 0xffff_fff0L;
  }

  @Test
  void firmwareGivesEverythingAPlace() {
    port.plugBehind(card);
    PciFunction other = card("other");
    bus.plug(1, 0, other);
    setUp();
    for (PciFunction function : List.of(card, other)) {
      assertEquals(7, ports.read((int) bar(function, 0), 4));
      assertNotNull(memory.map().find(bar(function, 1)));
    }
    assertNotNull(memory.map().find(bar(other, 2)));
    assertEquals(1, port.readConfig(0x19, 1), "secondary bus");
    assertSame(port.secondary(), port.route(1));
    // The first in line has the rest of the low room; no other large BAR fits.
    assertEquals(0, bar(other, 3));
    assertEquals(0x100, card.readConfig(0x1c, 4), "the other is above 4 GiB, window and all");
    assertNotNull(memory.map().find(1L << 40));
    assertEquals(11, other.readConfig(0x3c, 1));
    assertEquals(5, card.readConfig(0x3c, 1));
  }

  @Test
  void functionAnswersWhereItsWindowsAre() {
    port.plugBehind(card);
    setUp();
    long place = bar(card, 1);
    int io = (int) bar(card, 0);
    assertNotNull(memory.map().find(place));
    card.writeConfig(0x14, 4, 0xc070_0000);
    assertNull(memory.map().find(0xc070_0000L), "outside of the window");
    card.writeConfig(0x14, 4, (int) place);
    assertNotNull(memory.map().find(place));
    port.writeConfig(0x04, 2, 0);
    assertNull(memory.map().find(place));
    assertEquals(0xffff_ffffL, ports.read(io, 4));
    port.writeConfig(0x04, 2, 3);
    assertNotNull(memory.map().find(place));
    assertEquals(7, ports.read(io, 4));
    port.writeConfig(0x20, 4, 0xfff0);
    assertNull(memory.map().find(place));
  }

  @Test
  void plugsWithoutFirmwareAreClosed() {
    port.plugBehind(card);
    card.writeConfig(0x14, 4, 0xc000_0000);
    card.writeConfig(0x04, 2, 2);
    assertNull(memory.map().find(0xc000_0000L));
    assertNull(port.route(1));
  }

  @Test
  void guestHearsOfWhatIsPluggedByMessage() {
    setUp();
    int slot = capability(port, 0x10);
    int msi = capability(port, 0x05);
    assertEquals(0, port.readConfig(slot + SLOT_STATUS, 2));
    port.writeConfig(msi + 12, 2, 0x41);
    port.writeConfig(msi + 2, 2, 1);
    port.writeConfig(slot + SLOT_CONTROL, 2, INTERRUPT_ENABLE);
    port.plugBehind(card);
    assertEquals(List.of(0x41), messages);
    assertEquals(PRESENT, port.readConfig(slot + SLOT_STATUS, 2) & PRESENT);
    assertEquals(0x2000, port.readConfig(slot + 0x12, 2) & 0x2000, "the link is up");
    assertFalse(lines[2].level);
    port.writeConfig(slot + SLOT_STATUS, 2, 0xffff);
    assertEquals(PRESENT, port.readConfig(slot + SLOT_STATUS, 2));
    assertSame(card, port.unplugBehind());
    assertEquals(List.of(0x41, 0x41), messages);
    assertEquals(0, port.readConfig(slot + SLOT_STATUS, 2) & PRESENT);
    assertNull(port.unplugBehind());
  }

  @Test
  void guestHearsOfWhatIsPluggedByThePin() {
    int slot = capability(port, 0x10);
    port.writeConfig(slot + SLOT_CONTROL, 2, INTERRUPT_ENABLE);
    port.plugBehind(card);
    assertTrue(lines[2].level);
    port.writeConfig(slot + SLOT_STATUS, 2, PRESENCE_CHANGED);
    assertFalse(lines[2].level);
    port.reset();
    assertEquals(PRESENT, port.readConfig(slot + SLOT_STATUS, 2), "it is still in there");
  }

  @Test
  void whatIsTakenOutAnswersNoMore() {
    port.plugBehind(card);
    setUp();
    long place = bar(card, 1);
    card.setIntx(true);
    assertTrue(lines[2].level);
    port.unplugBehind();
    assertNull(memory.map().find(place));
    assertFalse(lines[2].level);
    card.writeConfig(0x14, 4, 0xc000_0000);
    card.setIntx(false);
    card.setIntx(true);
    assertFalse(lines[2].level);
    assertNull(memory.map().find(0xc000_0000L));
  }
}
