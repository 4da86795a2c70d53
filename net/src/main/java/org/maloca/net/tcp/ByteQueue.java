package org.maloca.net.tcp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * Bytes in blocks of the pool, addressed by their distance from the first one. Can be written
 * beyond its end, which leaves gaps to be filled later. Without bytes it holds no blocks.
 */
final class ByteQueue {
  static final int MAX_BLOCKS = 32;
  private static final int BLOCK = BlockPool.BLOCK_BYTES;

  private final BlockPool pool;
  private final @Nullable ByteBuffer[] blocks = new @Nullable ByteBuffer[MAX_BLOCKS];
  private int blockCount;
  private int firstByte;
  private int size;
  private boolean isStarved;

  ByteQueue(BlockPool pool) {
    this.pool = pool;
  }

  /** Bytes from the first to the end of what was appended; without what lies beyond gaps. */
  int size() {
    return size;
  }

  /** Whether the last bytes found no room in the pool, though the queue may hold more. */
  boolean isStarved() {
    return isStarved;
  }

  /** Reads from a channel to the end: at most {@code limit} bytes; -1 at the end of the stream. */
  int readFrom(ReadableByteChannel channel, int limit) throws IOException {
    int total = 0;
    while (total < limit) {
      int at = firstByte + size;
      if (!reserve(at + 1)) {
        break;
      }
      int offset = at % BLOCK;
      int wanted = Math.min(limit - total, BLOCK - offset);
      ByteBuffer block = block(at / BLOCK);
      block.limit(offset + wanted).position(offset);
      int count = channel.read(block);
      if (count < 0) {
        releaseIfEmpty();
        return total > 0 ? total : -1;
      }
      size += count;
      total += count;
      if (count < wanted) {
        break;
      }
    }
    releaseIfEmpty();
    return total;
  }

  /** Writes from the first byte on what the channel takes, and forgets it; returns how much. */
  int writeTo(WritableByteChannel channel) throws IOException {
    int total = 0;
    while (size > 0) {
      int wanted = Math.min(size, BLOCK - firstByte);
      ByteBuffer block = block(0);
      block.limit(firstByte + wanted).position(firstByte);
      int count = channel.write(block);
      consume(count);
      total += count;
      if (count < wanted) {
        break;
      }
    }
    return total;
  }

  /**
   * Puts bytes at a distance from the first one, at most up to the queue's capacity.
   *
   * @return how many there was room for
   */
  int put(int distance, ByteBuffer source, int from, int length) {
    int done = 0;
    while (done < length) {
      int at = firstByte + distance + done;
      if (!reserve(at + 1)) {
        break;
      }
      int offset = at % BLOCK;
      int count = Math.min(length - done, BLOCK - offset);
      block(at / BLOCK).clear().put(offset, source, from + done, count);
      done += count;
    }
    return done;
  }

  /** Says that so many bytes behind the end are there now. */
  void extend(int bytes) {
    size += bytes;
  }

  /** Copies bytes out. */
  void copy(int distance, ByteBuffer target, int to, int length) {
    int done = 0;
    while (done < length) {
      int at = firstByte + distance + done;
      int offset = at % BLOCK;
      int count = Math.min(length - done, BLOCK - offset);
      target.put(to + done, block(at / BLOCK).clear(), offset, count);
      done += count;
    }
  }

  /** Forgets bytes at the front. */
  void consume(int bytes) {
    size -= bytes;
    firstByte += bytes;
    while (firstByte >= BLOCK) {
      pool.give(block(0));
      blockCount--;
      System.arraycopy(blocks, 1, blocks, 0, blockCount);
      blocks[blockCount] = null;
      firstByte -= BLOCK;
    }
  }

  /** Gives the blocks back when nothing is in them, not even beyond a gap. */
  void releaseIfEmpty() {
    if (size == 0) {
      release();
    }
  }

  /** Forgets everything. */
  void release() {
    for (int i = 0; i < blockCount; i++) {
      pool.give(block(i));
      blocks[i] = null;
    }
    blockCount = 0;
    firstByte = 0;
    size = 0;
  }

  private boolean reserve(int bytes) {
    isStarved = false;
    while (blockCount * BLOCK < bytes) {
      ByteBuffer block = blockCount == MAX_BLOCKS ? null : pool.take(blockCount);
      if (block == null) {
        isStarved = blockCount < MAX_BLOCKS;
        return false;
      }
      blocks[blockCount++] = block;
    }
    return true;
  }

  private ByteBuffer block(int index) {
    ByteBuffer block = blocks[index];
    if (block == null) {
      throw new IndexOutOfBoundsException(index);
    }
    return block;
  }
}
