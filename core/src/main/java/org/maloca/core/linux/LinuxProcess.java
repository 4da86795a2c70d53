package org.maloca.core.linux;

import static org.maloca.core.linux.CLibrary.call;
import static org.maloca.core.linux.CLibrary.intFunction;

import org.maloca.core.linux.CLibrary.CFunction;

/** System calls on this process and its threads. Safe for any thread. */
public final class LinuxProcess {
  public static final int RLIMIT_NOFILE = 7;
  public static final int PRIO_PROCESS = 0;

  private static final CFunction GETEUID = intFunction("geteuid");
  private static final CFunction GETEGID = intFunction("getegid");
  private static final CFunction GETRLIMIT = intFunction("getrlimit");
  private static final CFunction SETPRIORITY = intFunction("setpriority");

  private LinuxProcess() {}

  public static int geteuid() {
    return (int) call(GETEUID);
  }

  public static int getegid() {
    return (int) call(GETEGID);
  }

  /** Fills a {@code struct rlimit}: the limit in force, and how far it may be raised. */
  public static int getrlimit(int resource, long target) {
    return (int) call(GETRLIMIT, resource, target);
  }

  public static int setpriority(int which, int who, int priority) {
    return (int) call(SETPRIORITY, which, who, priority);
  }
}
