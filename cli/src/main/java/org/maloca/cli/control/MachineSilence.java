package org.maloca.cli.control;

/** A machine did not answer: its process was stopped, or its host has no time for it. */
public final class MachineSilence extends MachineRefusal {
  private static final long serialVersionUID = 1;

  MachineSilence(String name) {
    super("the machine '%s' does not answer: its process may be stopped".formatted(name));
  }
}
