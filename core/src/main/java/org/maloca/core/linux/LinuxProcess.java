package org.maloca.core.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.maloca.core.linux.CLibrary.call;
import static org.maloca.core.linux.CLibrary.function;

import java.lang.invoke.MethodHandle;

/** System calls on this process and its threads. Safe for any thread. */
public final class LinuxProcess {
  public static final int RLIMIT_NOFILE = 7;
  public static final int PRIO_PROCESS = 0;

  private static final MethodHandle GETEUID = function("geteuid", JAVA_INT);
  private static final MethodHandle GETRLIMIT =
      function("getrlimit", JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle SETPRIORITY =
      function("setpriority", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);

  private LinuxProcess() {}

  public static int geteuid() {
    return (int) call(GETEUID);
  }

  /** Fills a {@code struct rlimit}: the limit in force, and how far it may be raised. */
  public static int getrlimit(int resource, long target) {
    return (int) call(GETRLIMIT, resource, target);
  }

  public static int setpriority(int which, int who, int priority) {
    return (int) call(SETPRIORITY, which, who, priority);
  }
}
