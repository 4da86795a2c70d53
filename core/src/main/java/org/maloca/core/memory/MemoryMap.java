package org.maloca.core.memory;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The guest-physical address space as an immutable, flat, sorted list of regions that do not
 * overlap. Addresses in no region read as all-ones and swallow writes.
 */
public final class MemoryMap {
  public static final MemoryMap EMPTY = new MemoryMap(List.of());

  private final MemoryRegion[] regions;

  private MemoryMap(List<MemoryRegion> sorted) {
    regions = sorted.toArray(MemoryRegion[]::new);
  }

  /**
   * Makes a map.
   *
   * @throws IllegalArgumentException when two regions overlap
   */
  public static MemoryMap of(List<MemoryRegion> regions) {
    List<MemoryRegion> sorted = new ArrayList<>(regions);
    sorted.sort(Comparator.comparingLong(MemoryRegion::gpa));
    for (int i = 1; i < sorted.size(); i++) {
      if (sorted.get(i).gpa() < sorted.get(i - 1).end()) {
        throw new IllegalArgumentException(
            "memory regions overlap: %s and %s".formatted(sorted.get(i - 1), sorted.get(i)));
      }
    }
    return new MemoryMap(sorted);
  }

  public List<MemoryRegion> regions() {
    return List.of(regions);
  }

  /** The region that holds {@code gpa}, or null. */
  public @Nullable MemoryRegion find(long gpa) {
    int low = 0;
    int high = regions.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      MemoryRegion region = regions[middle];
      if (Long.compareUnsigned(gpa, region.gpa()) < 0) {
        high = middle - 1;
      } else if (Long.compareUnsigned(gpa - region.gpa(), region.size()) >= 0) {
        low = middle + 1;
      } else {
        return region;
      }
    }
    return null;
  }

  /** This map with one more region; where it overlaps RAM or ROM the newcomer hides them. */
  public MemoryMap with(MemoryRegion.Mmio added) {
    List<MemoryRegion> result = new ArrayList<>();
    for (MemoryRegion region : regions) {
      if (region.end() <= added.gpa() || added.end() <= region.gpa()) {
        result.add(region);
        continue;
      }
      if (region instanceof MemoryRegion.Mmio) {
        throw new IllegalArgumentException("devices overlap: %s and %s".formatted(region, added));
      }
      if (region.gpa() < added.gpa()) {
        result.add(slice(region, region.gpa(), added.gpa() - region.gpa()));
      }
      if (added.end() < region.end()) {
        result.add(slice(region, added.end(), region.end() - added.end()));
      }
    }
    result.add(added);
    return of(result);
  }

  private static MemoryRegion slice(MemoryRegion region, long gpa, long size) {
    long shift = gpa - region.gpa();
    return switch (region) {
      case MemoryRegion.Ram ram ->
          new MemoryRegion.Ram(gpa, size, ram.hostAddress() + shift, ram.ramOffset() + shift);
      case MemoryRegion.Rom rom ->
          new MemoryRegion.Rom(gpa, size, rom.hostAddress() + shift, rom.ramOffset() + shift);
      case MemoryRegion.Mmio mmio -> throw new IllegalArgumentException("device split: " + mmio);
    };
  }
}
