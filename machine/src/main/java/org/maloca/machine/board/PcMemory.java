package org.maloca.machine.board;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.HostMemory;
import org.maloca.core.memory.MemoryMap;
import org.maloca.core.memory.MemoryRegion;
import org.maloca.core.memory.RamBlock;
import org.maloca.devices.acpi.AcpiTables;
import org.maloca.machine.boot.E820Entry;

/**
 * Where a PC's RAM and ROM lie.
 *
 * <pre>
 *          0 ..    9ffff  RAM; from 9fc00 the extended BIOS data area
 *      a0000 ..    bffff  hole for VGA
 *      c0000 ..    fffff  ROM; at e0000 ACPI tables, whose first page is RAM (FACS)
 *     100000 .. afffffff  RAM
 *   b0000000 .. ffffffff  ECAM, PCI, APICs
 *  100000000 ..           the rest of RAM; memory of devices, each from a whole GiB on
 * </pre>
 *
 * <p>The RAM block also backs the ROM. RAM below 4 GiB lies in it at its guest-physical address,
 * the rest follows.
 */
final class PcMemory implements AutoCloseable {
  static final long LOW_RAM_LIMIT = 0xb000_0000L;
  static final long HIGH_RAM_GPA = 1L << 32;

  private static final long EBDA_GPA = 0x9fc00;
  private static final long VGA_GPA = 0xa0000;
  private static final long ROM_GPA = 0xc0000;
  private static final long BIOS_GPA = 0xe0000;
  private static final long MEBI = 1 << 20;
  private static final int PAGE = 4096;

  /** Linux takes memory of devices in sections of 128 MiB, which nothing else may share. */
  private static final long DEVICE_ALIGNMENT = 1 << 30;

  /** Where the BIOS keeps the EBDA's segment, for those who look for tables there. */
  private static final long BDA_EBDA_SEGMENT = 0x40e;

  private final RamBlock block;
  private final long lowSize;
  private final long highSize;
  private final GuestMemory memory;
  private final long deviceStart;
  private final long deviceEnd;
  private final List<RamBlock> deviceBlocks = new ArrayList<>();
  private long nextDeviceGpa;

  /**
   * Allocates.
   *
   * @param bytes of RAM, at least 2 MiB
   * @param deviceBytes addresses to keep for {@link #add}: the sum of what {@link #roomFor} says
   * @throws IOException when the host cannot give it
   */
  PcMemory(long bytes, long deviceBytes) throws IOException {
    block = RamBlock.allocate(bytes);
    lowSize = Math.min(bytes, LOW_RAM_LIMIT);
    highSize = bytes - lowSize;
    List<MemoryRegion> regions = new ArrayList<>();
    regions.add(ram(0, VGA_GPA, 0));
    regions.add(rom(ROM_GPA, BIOS_GPA));
    regions.add(ram(BIOS_GPA, PAGE, BIOS_GPA));
    regions.add(rom(BIOS_GPA + PAGE, MEBI));
    regions.add(ram(MEBI, lowSize - MEBI, MEBI));
    if (highSize > 0) {
      regions.add(ram(HIGH_RAM_GPA, highSize, lowSize));
    }
    memory = new GuestMemory(MemoryMap.of(regions), (int) ((bytes + deviceBytes) / PAGE));
    deviceStart = roomFor(HIGH_RAM_GPA + highSize);
    deviceEnd = deviceStart + deviceBytes;
    nextDeviceGpa = deviceStart;
  }

  /** Addresses that so much memory of a device takes. */
  static long roomFor(long bytes) {
    return bytes + DEVICE_ALIGNMENT - 1 & -DEVICE_ALIGNMENT;
  }

  /**
   * Puts memory of a device behind RAM.
   *
   * @param added closed with this
   * @return its first address
   */
  long add(RamBlock added) {
    long gpa = nextDeviceGpa;
    if (gpa + added.size() > deviceEnd) {
      throw new IllegalStateException("more memory of devices than was announced");
    }
    long offset = block.size() + (gpa - deviceStart);
    MemoryRegion region = new MemoryRegion.Ram(gpa, added.size(), added.hostAddress(), offset);
    deviceBlocks.add(added);
    nextDeviceGpa = gpa + roomFor(added.size());
    memory.update(map -> {
      List<MemoryRegion> regions = new ArrayList<>(map.regions());
      regions.add(region);
      return MemoryMap.of(regions);
    });
    return gpa;
  }

  private MemoryRegion ram(long gpa, long size, long offset) {
    return new MemoryRegion.Ram(gpa, size, block.hostAddress() + offset, offset);
  }

  private MemoryRegion rom(long gpa, long end) {
    return new MemoryRegion.Rom(gpa, end - gpa, block.hostAddress() + gpa, gpa);
  }

  GuestMemory memory() {
    return memory;
  }

  /** Pages of RAM and of what was kept for devices. */
  int pages() {
    return (int) ((block.size() + deviceEnd - deviceStart) / PAGE);
  }

  /** First address after all RAM and what was kept for devices, at least 4 GiB. */
  long end() {
    return deviceEnd > deviceStart ? deviceEnd : HIGH_RAM_GPA + highSize;
  }

  /**
   * Writes what firmware would leave behind; again at each restart, since a guest may change it.
   */
  void writeFirmware(AcpiTables tables) {
    memory.write(BDA_EBDA_SEGMENT, 2, EBDA_GPA >> 4);
    for (AcpiTables.Placed table : tables.placed()) {
      HostMemory.write(block.hostAddress() + table.gpa(), table.bytes(), 0, table.bytes().length);
    }
  }

  /** The firmware memory map. */
  List<E820Entry> e820() {
    List<E820Entry> map = new ArrayList<>();
    map.add(new E820Entry(0, EBDA_GPA, E820Entry.RAM));
    map.add(new E820Entry(EBDA_GPA, VGA_GPA - EBDA_GPA, E820Entry.RESERVED));
    map.add(new E820Entry(BIOS_GPA, MEBI - BIOS_GPA, E820Entry.RESERVED));
    map.add(new E820Entry(MEBI, lowSize - MEBI, E820Entry.RAM));
    // Linux uses ECAM only where the firmware has reserved it.
    map.add(new E820Entry(LOW_RAM_LIMIT, 256 * MEBI, E820Entry.RESERVED));
    if (highSize > 0) {
      map.add(new E820Entry(HIGH_RAM_GPA, highSize, E820Entry.RAM));
    }
    return map;
  }

  /**
   * Lets address line 20 through, or forces it to 0. Without it the second mebibyte shows the
   * first; the odd mebibytes above, which no guest uses that way, keep their own content.
   */
  void setA20(boolean isEnabled) {
    memory.update(map -> {
      List<MemoryRegion> regions = new ArrayList<>();
      for (MemoryRegion region : map.regions()) {
        if (region.gpa() >= 2 * MEBI || region.end() <= MEBI) {
          regions.add(region);
        } else if (region.end() > 2 * MEBI) {
          regions.add(ram(2 * MEBI, region.end() - 2 * MEBI, 2 * MEBI));
        }
      }
      if (isEnabled) {
        regions.add(ram(MEBI, MEBI, MEBI));
      } else {
        regions.add(ram(MEBI, VGA_GPA, 0));
      }
      return MemoryMap.of(regions);
    });
  }

  @Override
  public void close() {
    deviceBlocks.forEach(RamBlock::close);
    block.close();
  }
}
