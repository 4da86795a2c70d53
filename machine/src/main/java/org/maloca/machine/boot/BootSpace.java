package org.maloca.machine.boot;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.maloca.core.memory.GuestMemory;

/**
 * Hands out guest RAM to the pieces of a boot (kernel, initrd, tables) so that none overlaps
 * another or leaves usable RAM. Not thread-safe.
 */
final class BootSpace {
  /** Structures go above the real-mode vectors and BIOS data, and below the EBDA. */
  private static final long STRUCTURES_START = 0x1000;

  private static final long STRUCTURES_END = 0xa0000;
  private static final byte[] ZEROS = new byte[1 << 16];

  private final GuestMemory memory;
  private final List<E820Entry> usable;
  private final List<E820Entry> taken = new ArrayList<>();

  BootSpace(BootEnvironment environment) {
    memory = environment.memory();
    usable =
        environment.memoryMap().stream().filter(entry -> entry.type() == E820Entry.RAM).toList();
  }

  /** Takes a range that the image asks for. */
  void reserve(ImageFile image, String what, long gpa, long size) throws BootException {
    if (size < 0 || gpa < 0 || gpa + size < gpa) {
      throw image.problem("%s at %#x+%#x is not an address range".formatted(what, gpa, size));
    }
    if (!isUsable(gpa, size)) {
      throw image.problem(
          "%s needs memory at %#x..%#x, which this machine has not"
              .formatted(what, gpa, gpa + size));
    }
    if (overlapsTaken(gpa, size)) {
      throw image.problem("%s at %#x+%#x overlaps another part".formatted(what, gpa, size));
    }
    take(gpa, size);
  }

  boolean isFree(long gpa, long size) {
    return isUsable(gpa, size) && !overlapsTaken(gpa, size);
  }

  /** Finds room for a small structure below 640 KiB, as low as it goes. */
  long placeStructure(String what, long size, long alignment) throws BootException {
    for (long gpa = STRUCTURES_START; gpa + size <= STRUCTURES_END; gpa += alignment) {
      if (isFree(gpa, size)) {
        take(gpa, size);
        return gpa;
      }
    }
    throw new BootException("no room below 640 KiB for the %s (%d bytes)".formatted(what, size));
  }

  /**
   * Finds page-aligned room as high as it goes below {@code limit}, and from 1 MiB on.
   *
   * @return the address, or -1 when there is none
   */
  long placeHigh(long size, long limit) {
    long best = -1;
    for (E820Entry entry : usable) {
      if (entry.gpa() < 0x100000) {
        continue;
      }
      long gpa = Math.min(entry.end(), limit) - size & ~0xfffL;
      while (gpa >= entry.gpa() && overlapsTaken(gpa, size)) {
        gpa = lowestOverlap(gpa, size) - size & ~0xfffL;
      }
      if (gpa >= entry.gpa() && gpa > best) {
        best = gpa;
      }
    }
    if (best >= 0) {
      take(best, size);
    }
    return best;
  }

  /** Places the command line, zero-terminated, and writes it. */
  long placeString(String what, String text) throws BootException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    long gpa = placeStructure(what, bytes.length + 1L, 16);
    memory.write(gpa, bytes, 0, bytes.length);
    memory.write(gpa + bytes.length, 1, 0);
    return gpa;
  }

  /** Writes zeros; a restarted machine's RAM still holds the last run. */
  void clear(long gpa, long size) {
    for (long done = 0; done < size; done += ZEROS.length) {
      memory.write(gpa + done, ZEROS, 0, (int) Math.min(ZEROS.length, size - done));
    }
  }

  /** The end of the RAM that starts at 1 MiB, 0 when there is none. */
  long lowRamEnd() {
    return usable.stream()
        .filter(entry -> entry.gpa() <= 0x100000 && entry.end() > 0x100000)
        .mapToLong(E820Entry::end)
        .findFirst()
        .orElse(0);
  }

  private void take(long gpa, long size) {
    if (size > 0) {
      taken.add(new E820Entry(gpa, size, E820Entry.RESERVED));
    }
  }

  private boolean isUsable(long gpa, long size) {
    return size == 0
        || usable.stream().anyMatch(entry -> entry.gpa() <= gpa && gpa + size <= entry.end());
  }

  private boolean overlapsTaken(long gpa, long size) {
    return taken.stream().anyMatch(part -> part.gpa() < gpa + size && gpa < part.end());
  }

  private long lowestOverlap(long gpa, long size) {
    return taken.stream()
        .filter(part -> part.gpa() < gpa + size && gpa < part.end())
        .mapToLong(E820Entry::gpa)
        .min()
        .orElse(gpa);
  }
}
