package org.maloca.cli.control;

import java.io.IOException;

/** A machine was asked, and says why not. */
public final class MachineRefusal extends IOException {
  private static final long serialVersionUID = 1;

  MachineRefusal(String message) {
    super(message);
  }
}
