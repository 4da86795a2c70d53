package org.maloca.core.defect;

import java.util.HashSet;
import java.util.Set;

/**
 * Tells of exceptions that nobody expects, by threads that outlive them: each kind once, since a
 * guest that has found one can have it again a million times. Never throws, whatever the host
 * lacks: to log may itself be the first to load a class or a text, which takes a file descriptor;
 * what could not be told is told when it comes again. Thread-safe.
 */
public final class DefectLog {
  /** Kinds of which one is told. */
  static final int MAX_KINDS = 16;

  private final System.Logger log;
  private final Set<String> told = new HashSet<>();

  /** Makes one for a device, a network: whatever has threads and defects of its own. */
  public DefectLog(System.Logger log) {
    this.log = log;
  }

  /**
   * Tells of a defect, unless one of its kind was told before.
   *
   * @param what happened, for people
   */
  public synchronized void tell(String what, Throwable defect) {
    try {
      if (told.size() < MAX_KINDS && !told.contains(kind(defect))) {
        log.log(System.Logger.Level.ERROR, what, defect);
        told.add(kind(defect));
      }
    } catch (RuntimeException | Error untold) {
      // The thread has better to do than to end for want of a line.
    }
  }

  /** What was thrown, and where. */
  private static String kind(Throwable defect) {
    StackTraceElement[] trace = defect.getStackTrace();
    return defect.getClass().getName() + (trace.length == 0 ? "" : " " + trace[0]);
  }
}
