package org.maloca.cli.console;

import java.util.List;
import org.maloca.core.backend.CharBackend;

/** The guest's console, and what the command does with it. */
public interface HostConsole extends CharBackend {
  /** What the console tells the command; called on the console's threads, must not block. */
  interface Events {
    /** The user wants to leave. */
    void leave();

    /** The terminal is gone, and nobody can say any more what they want. */
    void hungUp();

    /** The user wants the guest to be reset. */
    void reset();

    /** The user wants the guest to shut down. */
    void pressPowerButton();

    /** The user wants to see what the CPU engine has done so far: answers lines of text. */
    List<String> statistics();

    /** Nobody takes the guest's output any more. */
    void outputLost();
  }

  /** Starts taking input; the machine exists by now. */
  void start(Events events);

  /** The guest starts anew. */
  void guestReset();

  /** Whether the guest has said since its start that it takes input, or need not say so. */
  boolean isGuestReady();

  /** Waits, not for ever, until the guest's output is out, and puts the terminal back. */
  @Override
  void close();
}
