package org.maloca.machine.boot;

/**
 * One range of the firmware memory map (ACPI 6.5, 15.1: INT 15H, E820H).
 *
 * @param gpa first guest-physical address
 * @param size in bytes
 * @param type one of the constants here
 */
public record E820Entry(long gpa, long size, int type) {
  public static final int RAM = 1;
  public static final int RESERVED = 2;
  public static final int ACPI = 3;
  public static final int NVS = 4;

  /** First address after the range. */
  public long end() {
    return gpa + size;
  }
}
