package org.maloca.devices.apic;

import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * Which vectors a local APIC has accepted (IRR), which are in service (ISR), which of them are
 * level-triggered (TMR), and the priorities that follow (Intel SDM vol. 3, 12.8.3-12.8.5). The
 * owner's lock guards it.
 */
final class InterruptRequests {
  static final int NONE = -1;

  private static final int CLASS = 0xf0;

  private final VectorSet irr = new VectorSet();
  private final VectorSet isr = new VectorSet();
  private final VectorSet tmr = new VectorSet();

  void clear() {
    irr.clearAll();
    isr.clearAll();
    tmr.clearAll();
  }

  void request(int vector, boolean isLevel) {
    if (isLevel) {
      tmr.set(vector);
    } else {
      tmr.clear(vector);
    }
    irr.set(vector);
  }

  /** The processor priority (PPR) under a task priority. */
  int processorPriority(int tpr) {
    int serviced = Math.max(isr.highest(), 0) & CLASS;
    return (tpr & CLASS) >= serviced ? tpr : serviced;
  }

  /** The arbitration priority (APR) under a task priority; without the lock it may be stale. */
  int arbitrationPriority(int tpr) {
    int serviced = Math.max(isr.highest(), 0) & CLASS;
    int requested = Math.max(irr.highest(), 0) & CLASS;
    int task = tpr & CLASS;
    return task >= requested && task > serviced ? tpr : Math.max(serviced, requested);
  }

  /** The highest request when its class is above the processor priority's, or {@link #NONE}. */
  int deliverable(int tpr) {
    int requested = irr.highest();
    boolean isAbove = requested != NONE && (requested & CLASS) > (processorPriority(tpr) & CLASS);
    return isAbove ? requested : NONE;
  }

  /** Moves a request into service. */
  void acknowledge(int vector) {
    irr.clear(vector);
    isr.set(vector);
  }

  /** Ends the service of the highest vector and gives it, or {@link #NONE}. */
  int end() {
    int vector = isr.highest();
    if (vector != NONE) {
      isr.clear(vector);
    }
    return vector;
  }

  boolean isLevel(int vector) {
    return tmr.get(vector);
  }

  static boolean holds(int register) {
    return register >= ApicRegister.ISR && register < ApicRegister.ESR;
  }

  /** Reads one of the 24 registers that show the sets. */
  int read(int register) {
    VectorSet set = register < ApicRegister.TMR ? isr : register < ApicRegister.IRR ? tmr : irr;
    return set.register(register & 7);
  }

  void save(SnapshotWriter.Section section) {
    irr.save(section);
    isr.save(section);
    tmr.save(section);
  }

  void restore(SnapshotReader.Section section) {
    irr.restore(section);
    isr.restore(section);
    tmr.restore(section);
  }
}
