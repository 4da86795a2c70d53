package org.maloca.devices.pic;

import org.maloca.core.bus.PortBus;
import org.maloca.core.device.Device;
import org.maloca.core.irq.IrqLine;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;
import org.maloca.devices.isa.ByteLanes;

/**
 * The two cascaded 8259A of a PC/AT with the edge/level control registers: ports 0x20-0x21,
 * 0xa0-0xa1 and 0x4d0-0x4d1, sixteen inputs (input 2 is the cascade) and one INTR output.
 *
 * <p>Safe for any thread. The output is driven under the lock; it may lead to local APICs.
 */
public final class PicPair implements Device {
  public static final int INPUTS = 16;
  public static final int MASTER_PORT = 0x20;
  public static final int SLAVE_PORT = 0xa0;
  public static final int ELCR_PORT = 0x4d0;

  private static final int SECTION_VERSION = 1;
  private static final int SPURIOUS_INPUT = 7;

  /** Inputs 0, 1, 2, 8 and 13 are edge-triggered for good. */
  private static final int MASTER_ELCR_MASK = 0xf8;

  private static final int SLAVE_ELCR_MASK = 0xde;

  private final IrqLine output;
  private final Object lock = new Object();
  private final Pic8259 master = new Pic8259(true, MASTER_ELCR_MASK);
  private final Pic8259 slave = new Pic8259(false, SLAVE_ELCR_MASK);
  private final IrqLine[] inputs = new IrqLine[INPUTS];
  private boolean outputLevel;

  /**
   * Makes the pair.
   *
   * @param intr the INTR output
   */
  public PicPair(IrqLine intr) {
    this.output = intr;
    for (int i = 0; i < INPUTS; i++) {
      inputs[i] = new Input(i);
    }
  }

  /** Registers the six ports. */
  public void register(PortBus ports) {
    ports.register(
        MASTER_PORT,
        2,
        new ByteLanes(2, port -> read(master, port), (p, v) -> write(master, p, v)));
    ports.register(
        SLAVE_PORT, 2, new ByteLanes(2, port -> read(slave, port), (p, v) -> write(slave, p, v)));
    ports.register(ELCR_PORT, 2, new ByteLanes(2, this::readElcr, this::writeElcr));
  }

  /** An input, 0..15; 2 leads nowhere. */
  public IrqLine input(int irq) {
    return irq == Pic8259.CASCADE ? IrqLine.NOT_CONNECTED : inputs[irq];
  }

  /**
   * An INTA cycle.
   *
   * @return the vector; that of input 7 of a controller that has no request (any more)
   */
  public int acknowledge() {
    synchronized (lock) {
      int input = master.acknowledge();
      int vector;
      if (input == Pic8259.SPURIOUS) {
        vector = master.vector(SPURIOUS_INPUT);
      } else if (input == Pic8259.CASCADE) {
        vector = acknowledgeSlave();
      } else {
        vector = master.vector(input);
      }
      settle();
      return vector;
    }
  }

  private int acknowledgeSlave() {
    int input = slave.acknowledge();
    // INT falls with every INTA, so that a request still waiting makes a new edge at the master.
    master.setLine(Pic8259.CASCADE, false);
    return slave.vector(input == Pic8259.SPURIOUS ? SPURIOUS_INPUT : input);
  }

  private void settle() {
    master.setLine(Pic8259.CASCADE, slave.interrupt());
    boolean level = master.interrupt();
    if (level != outputLevel) {
      outputLevel = level;
      output.set(level);
    }
  }

  private int read(Pic8259 pic, int port) {
    synchronized (lock) {
      int value = pic.read(port);
      settle();
      return value;
    }
  }

  private void write(Pic8259 pic, int port, int value) {
    synchronized (lock) {
      pic.write(port, value);
      settle();
    }
  }

  private int readElcr(int register) {
    synchronized (lock) {
      return register == 0 ? master.elcr() : slave.elcr();
    }
  }

  private void writeElcr(int register, int value) {
    synchronized (lock) {
      (register == 0 ? master : slave).setElcr(value);
      settle();
    }
  }

  @Override
  public String id() {
    return "pic";
  }

  @Override
  public void reset() {
    synchronized (lock) {
      master.reset();
      slave.reset();
      settle();
    }
  }

  @Override
  public void save(SnapshotWriter writer) {
    synchronized (lock) {
      SnapshotWriter.Section section = writer.section(id(), SECTION_VERSION);
      master.save(section);
      slave.save(section);
    }
  }

  @Override
  public void restore(SnapshotReader reader) {
    synchronized (lock) {
      SnapshotReader.Section section = reader.section(id(), SECTION_VERSION);
      master.restore(section);
      slave.restore(section);
      outputLevel = master.interrupt();
      output.restoreLevel(outputLevel);
    }
  }

  private final class Input implements IrqLine {
    private final int irq;

    Input(int irq) {
      this.irq = irq;
    }

    private Pic8259 pic() {
      return irq < 8 ? master : slave;
    }

    @Override
    public void set(boolean level) {
      synchronized (lock) {
        pic().setLine(irq & 7, level);
        settle();
      }
    }

    @Override
    public void restoreLevel(boolean level) {
      synchronized (lock) {
        pic().restoreLine(irq & 7, level);
      }
    }
  }
}
