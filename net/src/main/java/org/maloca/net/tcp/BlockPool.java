package org.maloca.net.tcp;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The memory that all connections of a network buffer data in: blocks, made when first needed and
 * kept. Who has more than a share of what is free gets no more, so that connections whose peers do
 * not read leave room for the others. Guarded by the network's lock.
 */
final class BlockPool {
  static final int BLOCK_BYTES = 32 * 1024;

  private final ByteBuffer[] free;
  private final int capacity;
  private int freeCount;
  private int made;

  BlockPool(int capacityBlocks) {
    capacity = capacityBlocks;
    free = new ByteBuffer[capacityBlocks];
  }

  /** A block; null if there is none for who has that many. */
  @Nullable ByteBuffer take(int alreadyOwned) {
    int available = capacity - made + freeCount;
    if (available == 0 || alreadyOwned > available) {
      return null;
    }
    if (freeCount > 0) {
      return free[--freeCount];
    }
    made++;
    return ByteBuffer.allocateDirect(BLOCK_BYTES);
  }

  void give(ByteBuffer block) {
    free[freeCount++] = block;
  }

  /** Blocks in use. */
  int used() {
    return made - freeCount;
  }
}
