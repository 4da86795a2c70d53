package org.maloca.devices;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.maloca.core.bus.IoHandler;

/** Hammers a device with accesses of every size and offset, the same ones in every run. */
public final class HostileGuest {
  private static final int OPERATIONS = 200_000;

  private HostileGuest() {}

  /**
   * Makes 200,000 random reads and writes.
   *
   * @param range bytes in the handler's range
   * @param largest size of an access: 4 for ports, 8 for memory
   * @return a digest of all that was read, so that runs can be compared
   */
  public static long hammer(IoHandler device, int range, int largest, long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    int sizes = Integer.numberOfTrailingZeros(largest) + 1;
    long digest = 0;
    for (int i = 0; i < OPERATIONS; i++) {
      int offset = random.nextInt(range);
      int size = 1 << random.nextInt(sizes);
      if (random.nextBoolean()) {
        digest = digest * 31 + device.read(offset, size);
      } else {
        device.write(offset, size, random.nextLong());
      }
    }
    return digest;
  }
}
