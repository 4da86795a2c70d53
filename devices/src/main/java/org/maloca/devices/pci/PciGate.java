package org.maloca.devices.pci;

/** What lets accesses through to the functions behind it, or not: a bridge. Any thread. */
interface PciGate {
  /** Whether accesses to a BAR at an address come through. */
  boolean passes(PciBar bar, long address);
}
