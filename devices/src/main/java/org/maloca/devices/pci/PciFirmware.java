package org.maloca.devices.pci;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a PC's firmware does with PCI before it starts a guest: numbers buses, gives BARs places,
 * opens the bridges' windows, tells which interrupts the pins lead to, and turns decoding on.
 * Guests may keep that or do it anew. 64-bit BARs are placed below 4 GiB as long as there is room,
 * so that 32-bit guests reach them.
 *
 * <p>Run while nobody else touches configuration space.
 */
public final class PciFirmware {
  private static final long PORT_WINDOW = 0x1000;
  private static final long MEMORY_WINDOW = 0x10_0000;
  private static final int CLOSED_IO = 0x00f0;
  private static final int CLOSED_MEMORY = 0x0000_fff0;

  private final Space ports;
  private final Space low;
  private final @Nullable Space high;
  private final int[] irqs;

  /** A range of addresses that is given away from its start. */
  private static final class Space {
    private final long end;
    private long next;

    Space(long start, long end) {
      next = start;
      this.end = end;
    }

    /** Answers an address, or 0 when there is no room. */
    long take(long size, long alignment) {
      long address = next + alignment - 1 & -alignment;
      if (address < next || address > end || size > end - address) {
        return 0;
      }
      next = address + size;
      return address;
    }
  }

  /** Something that needs a place: a BAR, or a window with the BARs behind it. */
  private interface Claim {
    long size();

    long alignment();

    /** Whether it has to be below 4 GiB. */
    boolean isLow();

    /** The address was found; 0 for none. */
    void place(long address);
  }

  private record BarClaim(PciFunction function, PciBar bar) implements Claim {
    @Override
    public long size() {
      return bar.size();
    }

    @Override
    public long alignment() {
      return bar.size();
    }

    @Override
    public boolean isLow() {
      return !bar.kind().isWide();
    }

    @Override
    public void place(long address) {
      function.writeConfig(bar.register(), 4, (int) address);
      if (bar.kind().isWide()) {
        function.writeConfig(bar.register() + 4, 4, (int) (address >>> 32));
      }
    }
  }

  /** A window of a bridge. */
  private record WindowClaim(
      PciRootPort port, int register, List<Claim> behind, long granularity, boolean isLow)
      implements Claim {
    @Override
    public long size() {
      long bytes = 0;
      for (Claim claim : behind) {
        bytes = (bytes + claim.alignment() - 1 & -claim.alignment()) + claim.size();
      }
      return bytes + granularity - 1 & -granularity;
    }

    @Override
    public long alignment() {
      return Math.max(granularity, behind.getFirst().alignment());
    }

    @Override
    public void place(long address) {
      if (address == 0) {
        return;
      }
      long last = address + size() - 1;
      if (register == PciRootPort.IO_BASE) {
        port.writeConfig(register, 2, (int) (address >> 8 & 0xf0 | last & 0xf000));
      } else {
        port.writeConfig(
            register, 4, (int) (address >>> 16 & 0xfff0 | (last >>> 16 & 0xfff0) << 16));
      }
      if (register == PciRootPort.PREFETCHABLE_BASE) {
        port.writeConfig(PciRootPort.PREFETCHABLE_BASE_UPPER, 4, (int) (address >>> 32));
        port.writeConfig(PciRootPort.PREFETCHABLE_LIMIT_UPPER, 4, (int) (last >>> 32));
      }
      Space inside = new Space(address, address + size());
      behind.forEach(claim -> claim.place(inside.take(claim.size(), claim.alignment())));
    }
  }

  private PciFirmware(Space ports, Space low, @Nullable Space high, int[] irqs) {
    this.ports = ports;
    this.low = low;
    this.high = high;
    this.irqs = irqs;
  }

  /**
   * Sets up a bus and those behind it.
   *
   * @param portStart first of the ports up to 0xffff that BARs may have, not 0
   * @param lowStart first address for BARs below 4 GiB, not 0
   * @param lowEnd address after the last
   * @param highStart first address above 4 GiB, 0 for none
   * @param highEnd address after the last
   * @param pirqs the interrupts at the PICs that PIRQA to PIRQD lead to
   */
  public static void setUp(
      PciBus bus,
      long portStart,
      long lowStart,
      long lowEnd,
      long highStart,
      long highEnd,
      int... pirqs) {
    new PciFirmware(
            new Space(portStart, 0x1_0000),
            new Space(lowStart, lowEnd),
            highStart == 0 ? null : new Space(highStart, highEnd),
            pirqs)
        .run(bus);
  }

  private void run(PciBus bus) {
    List<Claim> portClaims = new ArrayList<>();
    List<Claim> memoryClaims = new ArrayList<>();
    int lastBus = 0;
    for (int place = 0; place < PciBus.SLOTS * PciBus.FUNCTIONS; place++) {
      int slot = place / PciBus.FUNCTIONS;
      PciFunction function = bus.function(slot, place % PciBus.FUNCTIONS);
      if (function == null) {
        continue;
      }
      tellInterrupt(function, slot, function.interruptPin());
      addBars(function, portClaims, memoryClaims, memoryClaims);
      if (function instanceof PciRootPort port) {
        number(port, ++lastBus);
        addWindows(port, slot, portClaims, memoryClaims);
      }
    }
    placeAll(portClaims, ports, null);
    placeAll(memoryClaims, low, high);
    decodeAll(bus);
  }

  private void tellInterrupt(PciFunction function, int slot, int pin) {
    if (pin != 0) {
      int irq = irqs[PciInterruptRouter.line(slot, pin)];
      function.writeConfig(PciFunction.INTERRUPT_LINE, 1, irq);
    }
  }

  private static void number(PciRootPort port, int bus) {
    port.writeConfig(PciRootPort.PRIMARY_BUS, 1, 0);
    port.writeConfig(PciRootPort.SECONDARY_BUS, 1, bus);
    port.writeConfig(PciRootPort.SUBORDINATE_BUS, 1, bus);
  }

  private static void addBars(
      PciFunction function, List<Claim> portClaims, List<Claim> memory, List<Claim> prefetchable) {
    for (PciBar bar : function.bars()) {
      List<Claim> claims =
          switch (bar.kind()) {
            case PORTS -> portClaims;
            case MEMORY_64_PREFETCHABLE, MEMORY_32_PREFETCHABLE -> prefetchable;
            case MEMORY_32, MEMORY_64 -> memory;
          };
      claims.add(new BarClaim(function, bar));
    }
  }

  private void addWindows(
      PciRootPort port, int portSlot, List<Claim> portClaims, List<Claim> memoryClaims) {
    List<Claim> portsBehind = new ArrayList<>();
    List<Claim> memory = new ArrayList<>();
    List<Claim> prefetchable = new ArrayList<>();
    for (int place = 0; place < PciBus.SLOTS * PciBus.FUNCTIONS; place++) {
      int slot = place / PciBus.FUNCTIONS;
      PciFunction function = port.secondary().function(slot, place % PciBus.FUNCTIONS);
      if (function != null) {
        int pin = function.interruptPin();
        tellInterrupt(function, portSlot, pin == 0 ? 0 : PciRootPort.pinOfPort(slot, pin));
        addBars(function, portsBehind, memory, prefetchable);
      }
    }
    port.writeConfig(PciRootPort.IO_BASE, 2, CLOSED_IO);
    port.writeConfig(PciRootPort.MEMORY_BASE, 4, CLOSED_MEMORY);
    port.writeConfig(PciRootPort.PREFETCHABLE_BASE, 4, CLOSED_MEMORY);
    addWindow(port, PciRootPort.IO_BASE, portsBehind, PORT_WINDOW, true, portClaims);
    addWindow(port, PciRootPort.MEMORY_BASE, memory, MEMORY_WINDOW, true, memoryClaims);
    boolean isLow = prefetchable.stream().anyMatch(Claim::isLow);
    addWindow(
        port, PciRootPort.PREFETCHABLE_BASE, prefetchable, MEMORY_WINDOW, isLow, memoryClaims);
  }

  private static void addWindow(
      PciRootPort port,
      int register,
      List<Claim> behind,
      long granularity,
      boolean isLow,
      List<Claim> claims) {
    if (!behind.isEmpty()) {
      sort(behind);
      claims.add(new WindowClaim(port, register, behind, granularity, isLow));
    }
  }

  /** Those with the strictest alignment first, so that hardly anything lies idle between. */
  private static void sort(List<Claim> claims) {
    claims.sort(Comparator.comparingLong(Claim::alignment).reversed());
  }

  private static void placeAll(List<Claim> claims, Space space, @Nullable Space otherwise) {
    sort(claims);
    for (Claim claim : claims) {
      long address = space.take(claim.size(), claim.alignment());
      if (address == 0 && otherwise != null && !claim.isLow()) {
        address = otherwise.take(claim.size(), claim.alignment());
      }
      claim.place(address);
    }
  }

  private static void decodeAll(PciBus bus) {
    for (int place = 0; place < PciBus.SLOTS * PciBus.FUNCTIONS; place++) {
      PciFunction function = bus.function(place / PciBus.FUNCTIONS, place % PciBus.FUNCTIONS);
      if (function instanceof PciRootPort port) {
        enable(
            port,
            PciFunction.COMMAND_PORTS
                | PciFunction.COMMAND_MEMORY
                | PciFunction.COMMAND_BUS_MASTER);
        decodeAll(port.secondary());
      } else if (function != null) {
        for (PciBar bar : function.bars()) {
          enable(
              function,
              bar.kind().isPorts() ? PciFunction.COMMAND_PORTS : PciFunction.COMMAND_MEMORY);
        }
      }
    }
  }

  private static void enable(PciFunction function, int bits) {
    int command = function.readConfig(PciFunction.COMMAND, 2);
    function.writeConfig(PciFunction.COMMAND, 2, command | bits);
  }
}
