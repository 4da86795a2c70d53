package org.maloca.devices.disk;

import java.util.Locale;

/** What to do when the host fails at a request: the policies that QEMU calls werror and rerror. */
public enum DiskErrorAction {
  /** The guest sees an I/O error. */
  REPORT,
  /** The guest is told that all is well. */
  IGNORE,
  /** The machine is paused; the request is tried again when it goes on. */
  STOP,
  /** Stop when the host has no room, report everything else. */
  ENOSPC;

  /** The name in options, as in {@code enospc}. */
  public String optionName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
