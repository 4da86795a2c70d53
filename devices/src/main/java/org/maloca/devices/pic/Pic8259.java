package org.maloca.devices.pic;

import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * One 8259A programmable interrupt controller as a register machine (Intel 8259A data sheet,
 * 231468-003): ICW/OCW, fixed and rotating priority, special mask, special fully nested, poll and
 * automatic EOI. Edge or level is chosen per input by the ELCR of the EISA chip sets or for all by
 * LTIM. Not thread-safe.
 *
 * <p>An edge stays latched until it is acknowledged even when the input falls, as in the chip sets
 * of today; the original chip answered such a request with the default vector 7.
 */
public final class Pic8259 {
  /** What {@link #acknowledge} answers when nothing is requested. */
  public static final int SPURIOUS = -1;

  /** Input that carries the other controller on a master. */
  public static final int CASCADE = 2;

  private static final int NONE = -1;

  private static final int ICW1 = 0x10;
  private static final int ICW1_IC4 = 0x01;
  private static final int ICW1_SNGL = 0x02;
  private static final int ICW1_LTIM = 0x08;
  private static final int ICW4_AEOI = 0x02;
  private static final int ICW4_SFNM = 0x10;

  private static final int OCW3 = 0x08;
  private static final int OCW3_RIS = 0x01;
  private static final int OCW3_RR = 0x02;
  private static final int OCW3_POLL = 0x04;
  private static final int OCW3_SMM = 0x20;
  private static final int OCW3_ESMM = 0x40;
  private static final int POLL_REQUEST = 0x80;

  private final boolean isMaster;
  private final int elcrMask;

  private int lines;
  private int irr;
  private int isr;
  private int imr;
  private int elcr;
  private int vectorBase;
  private int lowestPriority = 7;
  private int nextIcw;
  private boolean needsIcw4;
  private boolean isSingle;
  private boolean isLevelForAll;
  private boolean isAutoEoi;
  private boolean rotatesOnAutoEoi;
  private boolean isSpecialFullyNested;
  private boolean isSpecialMask;
  private boolean readsIsr;
  private boolean isPolling;

  /**
   * Makes a controller.
   *
   * @param elcrMask the inputs whose trigger mode the guest may choose
   */
  public Pic8259(boolean isMaster, int elcrMask) {
    this.isMaster = isMaster;
    this.elcrMask = elcrMask;
  }

  /** Power-on state; the levels of the inputs stay, being driven from outside. */
  public void reset() {
    elcr = 0;
    vectorBase = 0;
    nextIcw = 0;
    needsIcw4 = false;
    isSingle = false;
    isLevelForAll = false;
    initialize();
  }

  private void initialize() {
    irr = 0;
    isr = 0;
    imr = 0;
    lowestPriority = 7;
    isAutoEoi = false;
    rotatesOnAutoEoi = false;
    isSpecialFullyNested = false;
    isSpecialMask = false;
    readsIsr = false;
    isPolling = false;
    irr = lines & levelInputs();
  }

  private int levelInputs() {
    return isLevelForAll ? 0xff : elcr;
  }

  /** Drives an input. */
  public void setLine(int input, boolean level) {
    int bit = 1 << input;
    boolean was = (lines & bit) != 0;
    lines = level ? lines | bit : lines & ~bit;
    if ((levelInputs() & bit) != 0) {
      irr = level ? irr | bit : irr & ~bit;
    } else if (level && !was) {
      irr |= bit;
    }
  }

  /** Puts back the level of an input; no edge is seen. */
  void restoreLine(int input, boolean level) {
    int bit = 1 << input;
    lines = level ? lines | bit : lines & ~bit;
  }

  /** The INT output. */
  public boolean interrupt() {
    return highestRequest() != NONE;
  }

  /**
   * An INTA cycle.
   *
   * @return the input that is now in service, or {@link #SPURIOUS}
   */
  public int acknowledge() {
    int input = highestRequest();
    if (input == NONE) {
      return SPURIOUS;
    }
    int bit = 1 << input;
    if ((levelInputs() & bit) == 0) {
      irr &= ~bit;
    }
    if (!isAutoEoi) {
      isr |= bit;
    } else if (rotatesOnAutoEoi) {
      lowestPriority = input;
    }
    return input;
  }

  /** The vector of an input; the default input 7 for {@link #SPURIOUS}. */
  public int vector(int input) {
    return vectorBase | (input & 7);
  }

  private int highestRequest() {
    int requested = irr & ~imr;
    if (requested == 0) {
      return NONE;
    }
    int blocking = isSpecialMask ? isr & ~imr : isr;
    for (int rank = 1; rank <= 8; rank++) {
      int input = lowestPriority + rank & 7;
      int bit = 1 << input;
      boolean nests = isSpecialFullyNested && isMaster && input == CASCADE;
      if ((requested & bit) != 0 && (nests || (blocking & bit) == 0)) {
        return input;
      }
      if ((blocking & bit) != 0) {
        return NONE;
      }
    }
    return NONE;
  }

  /** Reads port 0 or 1. A poll acknowledges. */
  public int read(int port) {
    if (isPolling) {
      isPolling = false;
      int input = acknowledge();
      return input == SPURIOUS ? 0 : POLL_REQUEST | input;
    }
    if (port != 0) {
      return imr;
    }
    return readsIsr ? isr : irr;
  }

  /** Writes port 0 or 1. */
  public void write(int port, int value) {
    if (port != 0) {
      writeData(value);
    } else if ((value & ICW1) != 0) {
      isLevelForAll = (value & ICW1_LTIM) != 0;
      isSingle = (value & ICW1_SNGL) != 0;
      needsIcw4 = (value & ICW1_IC4) != 0;
      nextIcw = 2;
      initialize();
    } else if ((value & OCW3) != 0) {
      writeOcw3(value);
    } else {
      writeOcw2(value >> 5, value & 7);
    }
  }

  private void writeData(int value) {
    switch (nextIcw) {
      case 2 -> {
        vectorBase = value & 0xf8;
        nextIcw = isSingle ? afterIcw3() : 3;
      }
      case 3 -> nextIcw = afterIcw3();
      case 4 -> {
        isAutoEoi = (value & ICW4_AEOI) != 0;
        isSpecialFullyNested = (value & ICW4_SFNM) != 0;
        nextIcw = 0;
      }
      default -> imr = value;
    }
  }

  private int afterIcw3() {
    return needsIcw4 ? 4 : 0;
  }

  private void writeOcw3(int value) {
    if ((value & OCW3_POLL) != 0) {
      isPolling = true;
    }
    if ((value & OCW3_RR) != 0) {
      readsIsr = (value & OCW3_RIS) != 0;
    }
    if ((value & OCW3_ESMM) != 0) {
      isSpecialMask = (value & OCW3_SMM) != 0;
    }
  }

  private void writeOcw2(int command, int input) {
    switch (command) {
      case 0 -> rotatesOnAutoEoi = false;
      case 1 -> endHighest(false);
      case 3 -> isr &= ~(1 << input);
      case 4 -> rotatesOnAutoEoi = true;
      case 5 -> endHighest(true);
      case 6 -> lowestPriority = input;
      case 7 -> {
        isr &= ~(1 << input);
        lowestPriority = input;
      }
      default -> {} // 2 is no operation.
    }
  }

  private void endHighest(boolean rotates) {
    int candidates = isSpecialMask ? isr & ~imr : isr;
    for (int rank = 1; rank <= 8; rank++) {
      int input = lowestPriority + rank & 7;
      if ((candidates & 1 << input) != 0) {
        isr &= ~(1 << input);
        if (rotates) {
          lowestPriority = input;
        }
        return;
      }
    }
  }

  /** The edge/level control register: a one makes the input level-triggered. */
  public int elcr() {
    return elcr;
  }

  public void setElcr(int value) {
    elcr = value & elcrMask;
    irr = irr & ~elcr | lines & elcr;
  }

  void save(SnapshotWriter.Section section) {
    section.put(lines).put(irr).put(isr).put(imr).put(elcr).put(vectorBase).put(lowestPriority);
    section.put(nextIcw).put(needsIcw4).put(isSingle).put(isLevelForAll).put(isAutoEoi);
    section.put(rotatesOnAutoEoi).put(isSpecialFullyNested).put(isSpecialMask).put(readsIsr);
    section.put(isPolling);
  }

  void restore(SnapshotReader.Section section) {
    lines = section.getInt() & 0xff;
    irr = section.getInt() & 0xff;
    isr = section.getInt() & 0xff;
    imr = section.getInt() & 0xff;
    elcr = section.getInt() & elcrMask;
    vectorBase = section.getInt() & 0xf8;
    lowestPriority = section.getInt() & 7;
    nextIcw = section.getInt();
    needsIcw4 = section.getBoolean();
    isSingle = section.getBoolean();
    isLevelForAll = section.getBoolean();
    isAutoEoi = section.getBoolean();
    rotatesOnAutoEoi = section.getBoolean();
    isSpecialFullyNested = section.getBoolean();
    isSpecialMask = section.getBoolean();
    readsIsr = section.getBoolean();
    isPolling = section.getBoolean();
  }
}
