package org.maloca.x86.integer;

import org.maloca.x86.Cpu;
import org.maloca.x86.CpuEvents;
import org.maloca.x86.Flags;

/** When a repeated string instruction lets others go first. */
final class RepeatEvents {
  private RepeatEvents() {}

  /** Whether an event waits that can be served between two steps of an instruction. */
  static boolean waiting(Cpu cpu) {
    int events = cpu.events.poll();
    // A masked interrupt stays posted; stopping for it would only cost time.
    return events != 0
        && ((cpu.systemFlags & Flags.IF) != 0 || (events & ~CpuEvents.INTERRUPT) != 0);
  }
}
