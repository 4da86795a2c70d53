package org.maloca.cli.control;

import java.io.IOException;

/** A machine was asked, and says why not. */
public sealed class MachineRefusal extends IOException permits MachineSilence {
  private static final long serialVersionUID = 1;

  MachineRefusal(String message) {
    super(message);
  }
}
