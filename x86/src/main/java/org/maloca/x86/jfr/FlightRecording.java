package org.maloca.x86.jfr;

import jdk.jfr.FlightRecorder;

/**
 * Whether the Flight Recorder is in use. Event classes must be touched only when it is: to load the
 * first one takes a fifth of a second, and a JVM may lack the recorder altogether.
 */
public final class FlightRecording {
  private static final boolean PRESENT = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private FlightRecording() {}

  /** Whether this JVM has the recorder. */
  static boolean isPresent() {
    return PRESENT;
  }

  /** Whether a recording was ever started; from any thread, at the cost of reading a field. */
  public static boolean isOn() {
    return PRESENT && FlightRecorder.isInitialized();
  }
}
