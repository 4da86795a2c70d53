package org.maloca.machine.boot;

import java.util.List;
import org.maloca.core.memory.GuestMemory;

/**
 * What the board offers to a kernel loader.
 *
 * @param memory where to load to
 * @param memoryMap the firmware memory map, sorted by address
 * @param rsdpGpa where ACPI's root pointer lies
 * @param commandLine for the kernel; without a terminating zero
 */
public record BootEnvironment(
    GuestMemory memory, List<E820Entry> memoryMap, long rsdpGpa, String commandLine) {
  public BootEnvironment {
    memoryMap = List.copyOf(memoryMap);
  }
}
