package org.maloca.net.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;

/** Where a call's error number is kept. For one thread at a time. */
final class CallState {
  final MemorySegment errno;

  CallState(Arena arena) {
    errno = arena.allocate(Linker.Option.captureStateLayout());
  }

  /** A call's result, or the error number, negated. */
  int answer(long result) {
    return result < 0 ? -LinuxCalls.errno(errno) : (int) result;
  }
}
