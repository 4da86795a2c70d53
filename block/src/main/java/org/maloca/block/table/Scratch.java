package org.maloca.block.table;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.maloca.core.memory.IoVector;

/** A piece of host memory to move data through, for one thread at a time. */
public final class Scratch {
  private final MemorySegment memory;
  private final IoVector vector = new IoVector();

  public Scratch(int bytes) {
    memory = Arena.ofAuto().allocate(bytes, 4096);
  }

  public int bytes() {
    return (int) memory.byteSize();
  }

  public MemorySegment memory() {
    return memory;
  }

  public long address() {
    return memory.address();
  }

  /** A part of the memory as a vector, good until the next call. */
  public IoVector slice(long offset, long length) {
    vector.clear();
    vector.add(memory.address() + offset, length);
    return vector;
  }
}
