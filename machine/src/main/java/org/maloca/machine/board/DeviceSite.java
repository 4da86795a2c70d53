package org.maloca.machine.board;

import java.io.IOException;
import org.maloca.core.irq.MsiSink;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.RamBlock;
import org.maloca.core.time.VirtualClock;
import org.maloca.devices.pci.PciFunction;
import org.maloca.devices.pci.PciRootPort;
import org.maloca.devices.virtio.VirtioDevice;
import org.maloca.devices.virtio.VirtioPci;

/**
 * Where a {@link DevicePlug} goes: a board that is being built. Used by the building thread only.
 */
public interface DeviceSite {
  GuestMemory memory();

  VirtualClock clock();

  /**
   * Puts memory of a device behind RAM, as much as {@link DevicePlug#memoryBytes} said or less. The
   * guest is not told of it as RAM.
   *
   * @param block given back with all of the machine's memory
   * @return its first guest-physical address
   */
  long addMemory(RamBlock block);

  /** A device id that is not taken: the prefix and a number from 0. */
  String newId(String prefix);

  /**
   * Adds a virtio device, on PCI.
   *
   * @param identity what it is called there
   */
  void addVirtio(VirtioDevice device, VirtioPci.Identity identity);

  /**
   * Adds a virtio device with memory-mapped registers, outside PCI.
   *
   * @throws org.maloca.machine.config.ConfigException when there is no place left
   */
  void addVirtioMmio(VirtioDevice device);

  /** Adds a PCI function in a slot of its own. */
  void addPci(PciFunction function);

  /** Adds a PCI function behind a root port of its own. */
  void addBehindRootPort(PciFunction function);

  /** Adds a root port with an empty slot, which functions can be plugged into at any time. */
  PciRootPort addRootPort();

  /** Takes interrupt messages of PCI functions. */
  MsiSink messages();

  /**
   * For devices, at any time and on any thread: the machine is to be paused because the host failed
   * at something that can be tried again.
   */
  void pauseForError(String deviceId, IOException cause);
}
