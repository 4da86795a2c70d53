package org.maloca.net.nat;

import java.io.IOException;
import java.nio.channels.Pipe;
import org.jspecify.annotations.Nullable;

/**
 * Says once that the host gives no more sockets, for which new flows have to wait: what asks for
 * one is dropped, as by a router whose tables are full, and is sent again by who means it. Guarded
 * by the network's lock.
 */
public final class HostSockets {
  private static final System.Logger LOG = System.getLogger(HostSockets.class.getName());

  /** Two descriptors, for what the JVM reads from files before it can say something. */
  private @Nullable Pipe reserve;

  private boolean isTold;

  /** Sets something aside. */
  public HostSockets() {
    try {
      reserve = Pipe.open();
    } catch (IOException none) {
      reserve = null;
    }
  }

  /** There was none for a flow. */
  public void missing(IOException why) {
    if (isTold) {
      return;
    }
    close();
    try {
      LOG.log(
          System.Logger.Level.WARNING,
          "the host gives no more sockets for guests (%s): new connections have to wait. Allow more"
                  .formatted(why.getMessage())
              + " by 'ulimit -n', up to 'ulimit -Hn', before the start, or by LimitNOFILE= of a"
              + " unit");
      isTold = true;
    } catch (RuntimeException | Error untold) {
      // Others took what was set aside before the JVM had read what this line needs.
    }
  }

  /** Lets go of what was set aside. */
  public void close() {
    Pipe aside = reserve;
    reserve = null;
    if (aside != null) {
      try {
        aside.source().close();
        aside.sink().close();
      } catch (IOException gone) {
        // As they should be.
      }
    }
  }
}
