package org.maloca.devices.pci;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.core.bus.PortBus;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.MemoryMap;
import org.maloca.core.memory.MemoryRegion;

/**
 * Where BARs appear: puts their windows into guest memory and the port space, and takes them out.
 *
 * <p>Guests place BARs as they like, and pass through nonsense while sizing them. A window that
 * would cover RAM, ROM, another device or an earlier window stays hidden until its place is free;
 * on hardware both would answer. Safe for any thread.
 */
public final class PciWindows {
  private static final long PORT_SPACE = PortBus.PORTS;

  private final GuestMemory memory;
  private final PortBus ports;
  private final List<Window> wanted = new ArrayList<>();

  /** One BAR that is being decoded. */
  private static final class Window {
    final PciBar bar;
    final long address;
    final @Nullable PciGate gate;
    final MemoryRegion.Mmio region;
    boolean isShown;

    Window(PciBar bar, long address, @Nullable PciGate gate) {
      this.bar = bar;
      this.address = address;
      this.gate = gate;
      this.region = new MemoryRegion.Mmio(address, bar.size(), bar.handler());
    }

    boolean isPassed() {
      return gate == null || gate.passes(bar, address);
    }
  }

  public PciWindows(GuestMemory memory, PortBus ports) {
    this.memory = memory;
    this.ports = ports;
  }

  /**
   * Starts to decode a BAR at an address, as far as a gate lets it; the BAR must not be decoded
   * already.
   */
  synchronized void show(PciBar bar, long address, @Nullable PciGate gate) {
    wanted.add(new Window(bar, address, gate));
    settle(bar.kind().isPorts());
  }

  /** Stops to decode a BAR; one that is not decoded is left as it is. */
  synchronized void hide(PciBar bar) {
    for (Window window : wanted) {
      if (window.bar == bar) {
        wanted.remove(window);
        withdraw(window);
        settle(bar.kind().isPorts());
        return;
      }
    }
  }

  /** Looks anew at what gates let through. */
  synchronized void settle() {
    for (Window window : wanted) {
      if (!window.isPassed()) {
        withdraw(window);
      }
    }
    settle(true);
    settle(false);
  }

  private void withdraw(Window window) {
    if (window.isShown) {
      window.isShown = false;
      if (window.bar.kind().isPorts()) {
        ports.unregister((int) window.address, (int) window.bar.size());
      } else {
        memory.update(map -> without(map, window.region));
      }
    }
  }

  /** Shows what is wanted and fits. */
  private void settle(boolean isPorts) {
    for (Window window : wanted) {
      if (!window.isShown && window.bar.kind().isPorts() == isPorts && window.isPassed()) {
        window.isShown = isPorts ? showPorts(window) : showMemory(window);
      }
    }
  }

  private boolean showPorts(Window window) {
    if (window.address + window.bar.size() > PORT_SPACE) {
      return false;
    }
    try {
      ports.register((int) window.address, (int) window.bar.size(), window.bar.handler());
      return true;
    } catch (IllegalArgumentException taken) {
      return false;
    }
  }

  private boolean showMemory(Window window) {
    MemoryRegion.Mmio added = window.region;
    if (added.gpa() < 0 || added.end() < 0 || !fits(memory.map(), added)) {
      return false;
    }
    boolean[] isAdded = new boolean[1];
    memory.update(map -> {
      isAdded[0] = fits(map, added);
      return isAdded[0] ? map.with(added) : map;
    });
    return isAdded[0];
  }

  private static boolean fits(MemoryMap map, MemoryRegion.Mmio added) {
    for (MemoryRegion region : map.regions()) {
      if (region.gpa() < added.end() && added.gpa() < region.end()) {
        return false;
      }
    }
    return true;
  }

  private static MemoryMap without(MemoryMap map, MemoryRegion removed) {
    List<MemoryRegion> rest = new ArrayList<>(map.regions());
    rest.removeIf(region -> region == removed);
    return MemoryMap.of(rest);
  }
}
