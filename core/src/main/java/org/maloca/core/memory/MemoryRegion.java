package org.maloca.core.memory;

import org.maloca.core.bus.IoHandler;

/**
 * One contiguous piece of the guest-physical address space.
 *
 * @see MemoryMap
 */
public sealed interface MemoryRegion {
  /** First guest-physical address. */
  long gpa();

  /** Length in bytes. */
  long size();

  /** First address after the region. */
  default long end() {
    return gpa() + size();
  }

  /**
   * RAM: readable, writable, executable.
   *
   * @param hostAddress where {@code gpa} lies in host memory
   * @param ramOffset offset of {@code gpa} in the machine's RAM, for page bookkeeping
   */
  record Ram(long gpa, long size, long hostAddress, long ramOffset) implements MemoryRegion {}

  /** ROM: readable and executable; writes are dropped. */
  record Rom(long gpa, long size, long hostAddress, long ramOffset) implements MemoryRegion {}

  /** A device: every access goes to the handler with the offset from {@code gpa}. */
  record Mmio(long gpa, long size, IoHandler handler) implements MemoryRegion {}
}
