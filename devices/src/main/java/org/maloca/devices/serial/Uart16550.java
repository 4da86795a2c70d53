package org.maloca.devices.serial;

import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * The register machine of a 16550A UART (National Semiconductor PC16550D data sheet), without bus,
 * pins, or time: bytes leave at once, and a received byte counts as four character times old, so
 * that one below the trigger level is reported by the character timeout without delay.
 *
 * <p>Not thread-safe; the slot around it locks.
 */
public final class Uart16550 {
  /** Number of registers, and of ports. */
  public static final int REGISTERS = 8;

  static final int FIFO_SIZE = 16;

  private static final int RBR_THR = 0;
  private static final int IER = 1;
  private static final int IIR_FCR = 2;
  private static final int LCR = 3;
  private static final int MCR = 4;
  private static final int LSR = 5;
  private static final int MSR = 6;

  private static final int IER_ERBFI = 0x01;
  private static final int IER_ETBEI = 0x02;
  private static final int IER_ELSI = 0x04;
  private static final int IER_EDSSI = 0x08;

  private static final int IIR_NONE = 0x01;
  private static final int IIR_MODEM_STATUS = 0x00;
  private static final int IIR_THR_EMPTY = 0x02;
  private static final int IIR_RECEIVED = 0x04;
  private static final int IIR_LINE_STATUS = 0x06;
  private static final int IIR_TIMEOUT = 0x0c;
  private static final int IIR_FIFOS = 0xc0;

  private static final int FCR_ENABLE = 0x01;
  private static final int FCR_RESET_RECEIVER = 0x02;
  private static final int FCR_KEPT = 0xc9;

  private static final int LCR_DLAB = 0x80;

  private static final int MCR_DTR = 0x01;
  private static final int MCR_RTS = 0x02;
  private static final int MCR_OUT1 = 0x04;
  private static final int MCR_OUT2 = 0x08;
  private static final int MCR_LOOP = 0x10;

  private static final int LSR_DATA_READY = 0x01;
  private static final int LSR_OVERRUN = 0x02;
  private static final int LSR_ERRORS = 0x1e;
  private static final int LSR_THRE_TEMT = 0x60;

  private static final int MSR_TERI = 0x04;
  private static final int MSR_CTS = 0x10;
  private static final int MSR_DSR = 0x20;
  private static final int MSR_RI = 0x40;
  private static final int MSR_DCD = 0x80;
  private static final int MSR_LINES = 0xf0;

  /** What {@link #write} returns when no byte leaves. */
  public static final int NOTHING_SENT = -1;

  private final byte[] fifo = new byte[FIFO_SIZE];
  private int fifoHead;
  private int fifoCount;
  private int ier;
  private int fcr;
  private int lcr;
  private int mcr;
  private int lineErrors;
  private int msr;
  private int scratch;
  private int divisor;
  private boolean thrEmptyPending;

  public Uart16550() {
    reset();
  }

  /** Master reset: the scratch register and the divisor are undefined in the data sheet; ours 0. */
  public void reset() {
    fifoHead = 0;
    fifoCount = 0;
    ier = 0;
    fcr = 0;
    lcr = 0;
    mcr = 0;
    lineErrors = 0;
    msr = MSR_CTS | MSR_DSR | MSR_DCD;
    scratch = 0;
    divisor = 0;
    thrEmptyPending = false;
  }

  /** Reads a register 0..7; the result is a byte. */
  public int read(int register) {
    boolean dlab = (lcr & LCR_DLAB) != 0;
    return switch (register) {
      case RBR_THR -> dlab ? divisor & 0xff : takeReceived();
      case IER -> dlab ? divisor >> 8 : ier;
      case IIR_FCR -> readInterruptIdentification();
      case LCR -> lcr;
      case MCR -> mcr;
      case LSR -> readLineStatus();
      case MSR -> readModemStatus();
      default -> scratch;
    };
  }

  /**
   * Writes a byte to a register 0..7.
   *
   * @return the byte that leaves the transmitter, or {@link #NOTHING_SENT}
   */
  public int write(int register, int value) {
    boolean dlab = (lcr & LCR_DLAB) != 0;
    switch (register) {
      case RBR_THR -> {
        if (!dlab) {
          return send(value);
        }
        divisor = divisor & 0xff00 | value;
      }
      case IER -> {
        if (dlab) {
          divisor = divisor & 0xff | value << 8;
        } else {
          writeInterruptEnable(value);
        }
      }
      case IIR_FCR -> writeFifoControl(value);
      case LCR -> lcr = value;
      case MCR -> {
        mcr = value & 0x1f;
        updateModemLines();
      }
      case LSR, MSR -> {
        // Read-only; the data sheet keeps writes for factory tests.
      }
      default -> scratch = value;
    }
    return NOTHING_SENT;
  }

  /** The state of the interrupt pin as a PC wires it: through OUT2, which loopback turns off. */
  public boolean interrupt() {
    return (mcr & (MCR_OUT2 | MCR_LOOP)) == MCR_OUT2 && interruptCause() != IIR_NONE;
  }

  /** How many bytes can be received without overrun; none while the line is looped back. */
  public int room() {
    return (mcr & MCR_LOOP) != 0 ? 0 : Math.max(0, depth() - fifoCount);
  }

  /** Takes one byte from the line; with no room the line status reports an overrun. */
  public void receive(int value) {
    if (fifoCount < depth()) {
      fifo[(fifoHead + fifoCount++) % FIFO_SIZE] = (byte) value;
      return;
    }
    lineErrors |= LSR_OVERRUN;
    if (!fifosEnabled()) {
      // Without FIFOs the newcomer destroys the unread byte; with them it is itself lost.
      fifo[fifoHead] = (byte) value;
    }
  }

  private boolean fifosEnabled() {
    return (fcr & FCR_ENABLE) != 0;
  }

  private int depth() {
    return fifosEnabled() ? FIFO_SIZE : 1;
  }

  private int triggerLevel() {
    if (!fifosEnabled()) {
      return 1;
    }
    return switch (fcr >> 6) {
      case 0 -> 1;
      case 1 -> 4;
      case 2 -> 8;
      default -> 14;
    };
  }

  private int interruptCause() {
    if ((ier & IER_ELSI) != 0 && lineErrors != 0) {
      return IIR_LINE_STATUS;
    }
    if ((ier & IER_ERBFI) != 0 && fifoCount > 0) {
      return fifoCount >= triggerLevel() ? IIR_RECEIVED : IIR_TIMEOUT;
    }
    if ((ier & IER_ETBEI) != 0 && thrEmptyPending) {
      return IIR_THR_EMPTY;
    }
    if ((ier & IER_EDSSI) != 0 && (msr & ~MSR_LINES) != 0) {
      return IIR_MODEM_STATUS;
    }
    return IIR_NONE;
  }

  private int readInterruptIdentification() {
    int cause = interruptCause();
    if (cause == IIR_THR_EMPTY) {
      thrEmptyPending = false;
    }
    return cause | (fifosEnabled() ? IIR_FIFOS : 0);
  }

  private int readLineStatus() {
    int status = LSR_THRE_TEMT | lineErrors | (fifoCount > 0 ? LSR_DATA_READY : 0);
    lineErrors &= ~LSR_ERRORS;
    return status;
  }

  private int readModemStatus() {
    int status = msr;
    msr &= MSR_LINES;
    return status;
  }

  private int takeReceived() {
    if (fifoCount == 0) {
      return 0;
    }
    int value = fifo[fifoHead] & 0xff;
    fifoHead = (fifoHead + 1) % FIFO_SIZE;
    fifoCount--;
    return value;
  }

  private int send(int value) {
    // The byte is out before the CPU looks again, so the register is at once empty anew.
    thrEmptyPending = true;
    if ((mcr & MCR_LOOP) != 0) {
      receive(value);
      return NOTHING_SENT;
    }
    return value;
  }

  private void writeInterruptEnable(int value) {
    // Enabling the interrupt while the register is empty raises it: drivers start output so.
    if ((value & ~ier & IER_ETBEI) != 0) {
      thrEmptyPending = true;
    }
    ier = value & 0x0f;
  }

  private void writeFifoControl(int value) {
    boolean switched = ((value ^ fcr) & FCR_ENABLE) != 0;
    if (switched || (value & FCR_RESET_RECEIVER) != 0) {
      fifoHead = 0;
      fifoCount = 0;
    }
    // The other bits can be programmed only together with the enable bit.
    fcr = (value & FCR_ENABLE) != 0 ? value & FCR_KEPT : 0;
  }

  private void updateModemLines() {
    int lines = MSR_CTS | MSR_DSR | MSR_DCD;
    if ((mcr & MCR_LOOP) != 0) {
      lines =
          ((mcr & MCR_RTS) != 0 ? MSR_CTS : 0)
              | ((mcr & MCR_DTR) != 0 ? MSR_DSR : 0)
              | ((mcr & MCR_OUT1) != 0 ? MSR_RI : 0)
              | ((mcr & MCR_OUT2) != 0 ? MSR_DCD : 0);
    }
    int changed = (msr ^ lines) & MSR_LINES;
    // The ring indicator reports its trailing edge only.
    int deltas = (changed & ~MSR_RI) >> 4 | ((changed & msr & MSR_RI) != 0 ? MSR_TERI : 0);
    msr = lines | msr & ~MSR_LINES | deltas;
  }

  /** Writes the registers and the receiver's bytes. */
  public void save(SnapshotWriter.Section section) {
    byte[] received = new byte[fifoCount];
    for (int i = 0; i < fifoCount; i++) {
      received[i] = fifo[(fifoHead + i) % FIFO_SIZE];
    }
    section.put(ier).put(fcr).put(lcr).put(mcr).put(lineErrors).put(msr).put(scratch);
    section.put(divisor).put(thrEmptyPending).put(received);
  }

  /** Reads what {@link #save} wrote. */
  public void restore(SnapshotReader.Section section) {
    ier = section.getInt() & 0x0f;
    fcr = section.getInt() & FCR_KEPT;
    lcr = section.getInt() & 0xff;
    mcr = section.getInt() & 0x1f;
    lineErrors = section.getInt() & LSR_ERRORS;
    msr = section.getInt() & 0xff;
    scratch = section.getInt() & 0xff;
    divisor = section.getInt() & 0xffff;
    thrEmptyPending = section.getBoolean();
    byte[] received = section.getBytes(FIFO_SIZE);
    System.arraycopy(received, 0, fifo, 0, received.length);
    fifoHead = 0;
    fifoCount = received.length;
  }
}
