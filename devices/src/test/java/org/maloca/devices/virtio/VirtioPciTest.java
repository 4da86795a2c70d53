package org.maloca.devices.virtio;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.maloca.core.bus.PortBus;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.MemoryMap;
import org.maloca.core.snapshot.SectionBuffer;
import org.maloca.core.time.ManualClock;
import org.maloca.devices.RecordingLine;
import org.maloca.devices.pci.LpcBridge;
import org.maloca.devices.pci.PciBus;
import org.maloca.devices.pci.PciInterruptRouter;
import org.maloca.devices.pci.PciWindows;
import org.maloca.devices.virtio.rng.VirtioRng;

/** Ways to the registers of a virtio function other than its memory BAR. */
class VirtioPciTest {
  private static final int PORT_BASE = 0xc000;
  private static final int LEGACY_FEATURES = 0;
  private static final int LEGACY_QUEUE_SIZE = 0x0c;
  private static final int LEGACY_STATUS = 0x12;
  private static final int COMMON_STATUS = 0x14;

  private final PortBus ports = new PortBus();
  private final GuestMemory memory = new GuestMemory(MemoryMap.of(List.of()), 1);
  private final VirtioPci function =
      new VirtioPci(
          new VirtioRng("rng0", memory, new ManualClock(), new Random(1), 1000, false),
          VirtioPci.Identity.ENTROPY,
          (address, data) -> {});
  private final int window;

  VirtioPciTest() {
    RecordingLine[] lines = new RecordingLine[16];
    java.util.Arrays.setAll(lines, i -> new RecordingLine());
    RecordingLine[] more = {lines[0], lines[1], lines[2], lines[3]};
    LpcBridge lpc = new LpcBridge(0x600, lines, more);
    PciBus bus = new PciBus(new PciWindows(memory, ports), new PciInterruptRouter(lpc.pirqs()));
    bus.plug(3, 0, function);
    window = findWindow();
  }

  /** The capability of type 5 that the specification describes. */
  private int findWindow() {
    int at = function.readConfig(0x34, 1);
    while (at != 0) {
      if (function.readConfig(at, 1) == 9 && function.readConfig(at + 3, 1) == 5) {
        return at;
      }
      at = function.readConfig(at + 1, 1);
    }
    throw new AssertionError("no window");
  }

  private void aim(int bar, int offset, int length) {
    function.writeConfig(window + 4, 1, bar);
    function.writeConfig(window + 8, 4, offset);
    function.writeConfig(window + 12, 4, length);
  }

  private int status() {
    aim(4, COMMON_STATUS, 1);
    return function.readConfig(window + 16, 1);
  }

  @Test
  void configurationWindowReadsAndWritesRegisters() {
    aim(4, COMMON_STATUS, 1);
    function.writeConfig(window + 16, 1, 1);
    assertEquals(1, status());
    function.writeConfig(window + 16, 4, 3);
    assertEquals(3, status());
  }

  @Test
  void windowThatIsAimedBadlyDoesNothing() {
    aim(4, COMMON_STATUS, 1);
    function.writeConfig(window + 16, 1, 1);
    int[][] bad = {
      {3, COMMON_STATUS, 1}, {4, COMMON_STATUS, 3}, {4, -4, 4}, {4, 0x4000, 1}, {4, 2, 4}
    };
    for (int[] aim : bad) {
      aim(aim[0], aim[1], aim[2]);
      function.writeConfig(window + 16, 4, 0);
    }
    assertEquals(1, status());
  }

  @Test
  void snapshotThatComesBackWritesNothingThroughTheWindow() {
    function.writeConfig(0x10, 4, PORT_BASE);
    function.writeConfig(0x04, 2, 1);
    aim(4, COMMON_STATUS, 1);
    // The window's data register says 0, and the status is 1 by another way.
    function.writeConfig(window + 16, 1, 0);
    ports.write(PORT_BASE + LEGACY_STATUS, 1, 1);
    SectionBuffer snapshot = new SectionBuffer();
    function.save(snapshot);
    function.reset();
    function.restore(snapshot.reader());
    assertEquals(1, ports.read(PORT_BASE + LEGACY_STATUS, 1));
  }

  @Test
  void functionLevelResetResetsTheDeviceToo() {
    aim(4, COMMON_STATUS, 1);
    function.writeConfig(window + 16, 1, 1);
    int express = function.readConfig(0x34, 1);
    while (function.readConfig(express, 1) != 0x10) {
      express = function.readConfig(express + 1, 1);
    }
    assertEquals(1, function.readConfig(express + 4, 4) >>> 28 & 1, "says that it can");
    function.writeConfig(express + 8, 2, 0x8000);
    assertEquals(0, function.readConfig(express + 8, 2) & 0x8000);
    assertEquals(0, status());
  }

  @Test
  void legacyRegistersServeOldDrivers() {
    function.writeConfig(0x10, 4, PORT_BASE);
    function.writeConfig(0x04, 2, 1);
    assertEquals(0x1005, function.readConfig(2, 2));
    assertEquals(1L << 27, ports.read(PORT_BASE + LEGACY_FEATURES, 4) & 1L << 27, "any layout");
    assertEquals(64, ports.read(PORT_BASE + LEGACY_QUEUE_SIZE, 2));
    ports.write(PORT_BASE + LEGACY_STATUS, 1, 3);
    assertEquals(3, ports.read(PORT_BASE + LEGACY_STATUS, 1));
    ports.write(PORT_BASE + LEGACY_STATUS, 1, 0);
    assertEquals(0, ports.read(PORT_BASE + LEGACY_STATUS, 1));
  }
}
