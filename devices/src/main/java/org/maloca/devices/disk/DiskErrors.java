package org.maloca.devices.disk;

import java.io.IOException;
import java.util.function.BiConsumer;
import org.maloca.core.backend.DiskFullException;

/**
 * What becomes of requests at which the host fails. Any thread.
 *
 * @param writes at which what writes fails, flushes too
 * @param reads at which reading fails
 * @param stop asked, on the thread of the request, to pause the machine because of an error; given
 *     the disk's id. Must not wait for the pause
 */
public record DiskErrors(
    DiskErrorAction writes, DiskErrorAction reads, BiConsumer<String, IOException> stop) {
  /** What to do with a request. */
  public enum Verdict {
    /** Keep it: the machine is about to be paused, and the request is tried again afterwards. */
    RETRY,
    /** Tell the guest that all is well. */
    IGNORE,
    /** Tell the guest of an error. */
    REPORT
  }

  /** Judges a request that failed, and asks for the pause if there is to be one. */
  public Verdict judge(String diskId, IOException failure, boolean isRead) {
    DiskErrorAction action = isRead ? reads : writes;
    boolean stops =
        action == DiskErrorAction.STOP
            || action == DiskErrorAction.ENOSPC && failure instanceof DiskFullException;
    if (stops) {
      stop.accept(diskId, failure);
      return Verdict.RETRY;
    }
    return action == DiskErrorAction.IGNORE ? Verdict.IGNORE : Verdict.REPORT;
  }
}
