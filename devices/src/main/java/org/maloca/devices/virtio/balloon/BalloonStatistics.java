package org.maloca.devices.virtio.balloon;

import java.util.EnumMap;
import java.util.Map;
import org.maloca.core.memory.IoVector;

/**
 * What a guest tells of its memory (virtio 1.2, section 5.5.6.3).
 *
 * @param values as far as the guest knows them; those of memory in bytes
 */
public record BalloonStatistics(Map<Item, Long> values) {
  private static final int ENTRY_BYTES = 10;
  private static final int MAX_ENTRIES = 64;

  /** The values, in the order of their tags. */
  public enum Item {
    SWAP_IN,
    SWAP_OUT,
    MAJOR_FAULTS,
    MINOR_FAULTS,
    FREE_MEMORY,
    TOTAL_MEMORY,
    AVAILABLE_MEMORY,
    DISK_CACHES,
    HUGE_PAGE_ALLOCATIONS,
    HUGE_PAGE_FAILURES
  }

  private static final Item[] ITEMS = Item.values();

  public BalloonStatistics {
    values = Map.copyOf(values);
  }

  static BalloonStatistics read(IoVector request) {
    Map<Item, Long> values = new EnumMap<>(Item.class);
    long entries = Math.min(request.bytes() / ENTRY_BYTES, MAX_ENTRIES);
    byte[] entry = new byte[ENTRY_BYTES];
    for (long i = 0; i < entries; i++) {
      request.copyTo(i * ENTRY_BYTES, entry, 0, ENTRY_BYTES);
      int tag = entry[0] & 0xff | (entry[1] & 0xff) << 8;
      long value = 0;
      for (int k = 9; k >= 2; k--) {
        value = value << 8 | entry[k] & 0xff;
      }
      if (tag < ITEMS.length && value != -1) {
        values.put(ITEMS[tag], value);
      }
    }
    return new BalloonStatistics(values);
  }
}
