package org.maloca.devices;

import org.maloca.core.irq.IrqLine;

/** An interrupt wire that counts what happens on it. */
public final class RecordingLine implements IrqLine {
  public boolean level;
  public int edges;
  public int restored;

  @Override
  public void set(boolean now) {
    if (now && !level) {
      edges++;
    }
    level = now;
  }

  @Override
  public void restoreLevel(boolean now) {
    restored++;
    level = now;
  }
}
