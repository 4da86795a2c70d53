package org.maloca.machine.board;

import org.maloca.core.irq.IrqLine;

/** One wire that leads to two inputs: an ISA interrupt, at the 8259 pair and at the I/O APIC. */
record IsaIrq(IrqLine pic, IrqLine ioApic) implements IrqLine {
  @Override
  public void set(boolean level) {
    pic.set(level);
    ioApic.set(level);
  }

  @Override
  public void restoreLevel(boolean level) {
    pic.restoreLevel(level);
    ioApic.restoreLevel(level);
  }
}
