package org.maloca.x86;

/** The source of the guest's time stamp counter before its own offset. Thread-safe. */
public interface TimeStampCounter {
  /** Ticks since the machine was started. */
  long ticks();

  /** Ticks a second; shown in CPUID. */
  long frequencyHz();
}
