package org.maloca.devices.apic;

import org.maloca.core.bus.IoHandler;
import org.maloca.core.device.Device;
import org.maloca.core.irq.IrqLine;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * An I/O APIC with 24 inputs, version 0x20 (Intel 82093AA data sheet 290566; the EOI register as in
 * the ICH9 data sheet, 13.5).
 *
 * <p>Inputs carry assertion, not voltage: the polarity bit of a redirection entry is kept for the
 * guest to read and changes nothing. Safe for any thread; messages are sent under the lock, which
 * comes before the locks of local APICs.
 */
public final class IoApic implements Device, IoHandler {
  public static final long GPA = 0xfec0_0000L;
  public static final int BYTES = 0x1000;
  public static final int INPUTS = 24;

  private static final int SECTION_VERSION = 1;

  private static final int IOREGSEL = 0x00;
  private static final int IOWIN = 0x10;
  private static final int EOIR = 0x40;

  private static final int IOAPICID = 0x00;
  private static final int IOAPICVER = 0x01;
  private static final int IOAPICARB = 0x02;
  private static final int IOREDTBL = 0x10;
  private static final int VERSION = INPUTS - 1 << 16 | 0x20;
  private static final int ID_MASK = 0x0f00_0000;

  private static final long ENTRY_LOGICAL = 1 << 11;
  private static final long ENTRY_DELIVERY_STATUS = 1 << 12;
  private static final long ENTRY_REMOTE_IRR = 1 << 14;
  private static final long ENTRY_LEVEL = 1 << 15;
  private static final long ENTRY_MASKED = 1 << 16;
  private static final long ENTRY_READ_ONLY = ENTRY_DELIVERY_STATUS | ENTRY_REMOTE_IRR;
  private static final long ENTRY_WRITABLE = 0xff00_0000_0001_ffffL & ~ENTRY_READ_ONLY;

  private final int initialId;
  private final ApicBus bus;
  private final Object lock = new Object();
  private final IrqLine[] inputs = new IrqLine[INPUTS];
  private final long[] entries = new long[INPUTS];
  private int lines;
  private int select;
  private int apicId;

  /**
   * Makes an I/O APIC and adds it to the bus.
   *
   * @param apicId what the ID register says at power-on, 0..15
   */
  public IoApic(ApicBus bus, int apicId) {
    this.bus = bus;
    this.initialId = apicId;
    for (int i = 0; i < INPUTS; i++) {
      inputs[i] = new Input(i);
    }
    clear();
    bus.add(this);
  }

  /** An input, 0..23. */
  public IrqLine input(int pin) {
    return inputs[pin];
  }

  private void clear() {
    for (int i = 0; i < INPUTS; i++) {
      entries[i] = ENTRY_MASKED;
    }
    select = 0;
    apicId = initialId << 24 & ID_MASK;
  }

  private void setLine(int pin, boolean level) {
    int bit = 1 << pin;
    boolean was = (lines & bit) != 0;
    lines = level ? lines | bit : lines & ~bit;
    if (!level) {
      return;
    }
    if ((entries[pin] & ENTRY_LEVEL) != 0) {
      deliverLevel(pin);
    } else if (!was && (entries[pin] & ENTRY_MASKED) == 0) {
      // An edge at a masked input is lost (82093AA, 3.2.4).
      deliver(entries[pin]);
    }
  }

  private void deliverLevel(int pin) {
    long entry = entries[pin];
    boolean isBlocked = (entry & (ENTRY_MASKED | ENTRY_REMOTE_IRR)) != 0;
    if (isBlocked || (entry & ENTRY_LEVEL) == 0 || (lines >> pin & 1) == 0) {
      return;
    }
    int mode = (int) entry >> 8 & 7;
    boolean waitsForEoi = mode == DeliveryMode.FIXED || mode == DeliveryMode.LOWEST_PRIORITY;
    if (deliver(entry) && waitsForEoi) {
      entries[pin] |= ENTRY_REMOTE_IRR;
    }
  }

  private boolean deliver(long entry) {
    int destination = ApicBus.widen((int) (entry >>> 56));
    boolean isLogical = (entry & ENTRY_LOGICAL) != 0;
    boolean isLevel = (entry & ENTRY_LEVEL) != 0;
    return bus.deliver(destination, isLogical, (int) entry >> 8 & 7, (int) entry & 0xff, isLevel);
  }

  void endOfInterrupt(int vector) {
    synchronized (lock) {
      for (int pin = 0; pin < INPUTS; pin++) {
        long entry = entries[pin];
        if ((entry & 0xff) == vector && (entry & ENTRY_REMOTE_IRR) != 0) {
          entries[pin] = entry & ~ENTRY_REMOTE_IRR;
          deliverLevel(pin);
        }
      }
    }
  }

  @Override
  public long read(int offset, int size) {
    synchronized (lock) {
      return switch (offset) {
        case IOREGSEL -> select;
        case IOWIN -> Integer.toUnsignedLong(readRegister());
        default -> 0;
      };
    }
  }

  private int readRegister() {
    int entry = select - IOREDTBL >> 1;
    if (select >= IOREDTBL && entry < INPUTS) {
      return (int) (entries[entry] >>> 32 * (select & 1));
    }
    return switch (select) {
      case IOAPICID, IOAPICARB -> apicId;
      case IOAPICVER -> VERSION;
      default -> 0;
    };
  }

  @Override
  public void write(int offset, int size, long value) {
    switch (offset) {
      case IOREGSEL -> {
        synchronized (lock) {
          select = (int) value & 0xff;
        }
      }
      case IOWIN -> {
        synchronized (lock) {
          writeRegister((int) value);
        }
      }
      case EOIR -> endOfInterrupt((int) value & 0xff);
      default -> {}
    }
  }

  private void writeRegister(int value) {
    int entry = select - IOREDTBL >> 1;
    if (select >= IOREDTBL && entry < INPUTS) {
      writeEntry(entry, value);
    } else if (select == IOAPICID) {
      apicId = value & ID_MASK;
    }
  }

  private void writeEntry(int pin, int value) {
    int shift = 32 * (select & 1);
    long half = 0xffff_ffffL << shift;
    long written = (entries[pin] & ~half | (long) value << shift & half) & ENTRY_WRITABLE;
    long kept = entries[pin] & ENTRY_READ_ONLY;
    // Kernels switch to edge and back in order to clear a stuck remote IRR.
    entries[pin] = written | ((written & ENTRY_LEVEL) != 0 ? kept : 0);
    deliverLevel(pin);
  }

  @Override
  public String id() {
    return "ioapic";
  }

  @Override
  public void reset() {
    synchronized (lock) {
      clear();
    }
  }

  @Override
  public void save(SnapshotWriter writer) {
    synchronized (lock) {
      writer.section(id(), SECTION_VERSION).put(entries).put(lines).put(select).put(apicId);
    }
  }

  @Override
  public void restore(SnapshotReader reader) {
    synchronized (lock) {
      SnapshotReader.Section section = reader.section(id(), SECTION_VERSION);
      long[] saved = section.getLongs(INPUTS);
      System.arraycopy(saved, 0, entries, 0, saved.length);
      lines = section.getInt();
      select = section.getInt() & 0xff;
      apicId = section.getInt() & ID_MASK;
    }
  }

  private final class Input implements IrqLine {
    private final int pin;

    Input(int pin) {
      this.pin = pin;
    }

    @Override
    public void set(boolean level) {
      synchronized (lock) {
        setLine(pin, level);
      }
    }

    @Override
    public void restoreLevel(boolean level) {
      synchronized (lock) {
        lines = level ? lines | 1 << pin : lines & ~(1 << pin);
      }
    }
  }
}
