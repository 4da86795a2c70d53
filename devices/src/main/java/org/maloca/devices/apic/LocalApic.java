package org.maloca.devices.apic;

import org.maloca.core.cpu.VcpuPins;
import org.maloca.core.device.Device;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;
import org.maloca.core.time.TscClock;
import org.maloca.core.time.VirtualClock;

/**
 * The local APIC of one vCPU, in xAPIC and x2APIC mode (Intel SDM vol. 3, chapter 12): six local
 * vectors, timer with TSC deadline, suppression of EOI broadcasts.
 *
 * <p>At power-on LINT0 of the boot CPU takes ExtINT, as PC firmware leaves it, so that the 8259
 * pair works without firmware. A relocation of the page by IA32_APIC_BASE is kept but not followed.
 *
 * <p>Messages, pins and the timer come from any thread; registers are accessed by the vCPU's own.
 * One lock guards the state; nothing but the timer's clock and the vCPU's pins, neither of which
 * calls back, is called under it. In particular no two local APICs' locks are ever held at once.
 */
public final class LocalApic implements Device {
  /** Ticks of the timer a second before it is divided. */
  public static final long BUS_CLOCK_HZ = 1_000_000_000;

  private static final int SECTION_VERSION = 1;

  private static final int VERSION = 1 << 24 | ApicRegister.LVT_ENTRIES - 1 << 16 | 0x15;
  private static final int SVR_ENABLED = 1 << 8;
  private static final int SVR_SUPPRESS_EOI_BROADCAST = 1 << 12;
  static final int SVR_WRITABLE = 0x11ff;
  private static final int SVR_RESET = 0xff;
  private static final int DFR_FLAT = 0xf;

  private static final int ESR_SEND_ILLEGAL_VECTOR = 1 << 5;
  private static final int ESR_RECEIVED_ILLEGAL_VECTOR = 1 << 6;
  private static final int ESR_ILLEGAL_REGISTER = 1 << 7;
  private static final int LOWEST_LEGAL_VECTOR = 16;

  private static final int ICR_LOGICAL = 1 << 11;
  private static final int ICR_ASSERT = 1 << 14;
  private static final int ICR_LEVEL = 1 << 15;
  static final int ICR_WRITABLE = 0x000c_cfff;
  private static final int SHORTHAND_NONE = 0;
  private static final int SHORTHAND_SELF = 1;
  private static final int SHORTHAND_ALL = 2;

  private final ApicBus bus;
  private final int index;
  private final int apicId;
  private final ApicMsrs msrs;
  private final Object lock = new Object();
  private final ApicTimer timer;
  private final LocalVectorTable lvt = new LocalVectorTable();
  private final InterruptRequests requests = new InterruptRequests();

  // Written under the lock; volatile for those who address or arbitrate without it.
  private volatile boolean isEnabled;
  private volatile boolean isX2;
  private volatile int svr;
  private volatile int ldr;
  private volatile int dfr;
  private volatile int tpr;

  private VcpuPins pins = UnconnectedPins.INSTANCE;
  private long base;
  private int icrLow;
  private int icrHigh;
  private int esr;
  private int esrAccumulated;
  private boolean lint0;
  private boolean lint1;
  private boolean isExtIntLatched;
  private boolean interruptLevel;

  /**
   * Makes the local APIC of the next vCPU and adds it to the bus.
   *
   * @param index of the vCPU; 0 is the boot CPU. APICs are made in this order
   * @param apicId initial APIC ID, below 255 for xAPIC mode to reach it
   * @param tsc this vCPU's time-stamp counter, offset included
   */
  public LocalApic(ApicBus bus, int index, int apicId, VirtualClock clock, TscClock tsc) {
    this.bus = bus;
    this.index = index;
    this.apicId = apicId;
    this.timer = new ApicTimer(clock, tsc, this::timerAlarmed);
    this.msrs = new ApicMsrs(this);
    clear(false);
    bus.add(this);
  }

  /** Connects the vCPU; once, before it runs. */
  public void connect(VcpuPins vcpuPins) {
    synchronized (lock) {
      pins = vcpuPins;
      pins.setInterrupt(interruptLevel);
    }
  }

  public int apicId() {
    return apicId;
  }

  /** Whether IA32_APIC_BASE enables the APIC, which is what CPUID.1:EDX.APIC shows. */
  public boolean isEnabled() {
    return isEnabled;
  }

  public boolean isX2Apic() {
    return isX2;
  }

  boolean isSoftwareEnabled() {
    return (svr & SVR_ENABLED) != 0;
  }

  /** State after power-on, or after INIT, which leaves IA32_APIC_BASE alone. */
  private void clear(boolean isInit) {
    if (!isInit) {
      writeBase(LocalApicPage.GPA | ApicMsrs.BASE_ENABLE | (index == 0 ? ApicMsrs.BASE_BSP : 0));
    }
    requests.clear();
    timer.reset();
    lvt.reset();
    if (index == 0) {
      lvt.write(ApicRegister.LVT_LINT0, DeliveryMode.EXT_INT << 8);
    }
    svr = SVR_RESET;
    tpr = 0;
    ldr = 0;
    dfr = -1;
    icrLow = 0;
    icrHigh = 0;
    esr = 0;
    esrAccumulated = 0;
    isExtIntLatched = false;
    refresh();
  }

  private void writeBase(long value) {
    base = value;
    isEnabled = (value & ApicMsrs.BASE_ENABLE) != 0;
    isX2 = (value & ApicMsrs.BASE_X2APIC) != 0;
  }

  /** IA32_APIC_BASE. */
  long base() {
    synchronized (lock) {
      return base;
    }
  }

  /** Takes a legal value of IA32_APIC_BASE; disabling resets the registers. */
  void setBase(long value) {
    synchronized (lock) {
      boolean wasEnabled = isEnabled;
      writeBase(value);
      if (wasEnabled && !isEnabled) {
        clear(true);
      }
      refresh();
    }
  }

  /** IA32_TSC_DEADLINE. */
  long tscDeadline() {
    synchronized (lock) {
      return timer.tscDeadline();
    }
  }

  void setTscDeadline(long value) {
    synchronized (lock) {
      timer.setTscDeadline(value);
    }
  }

  /** {@link org.maloca.core.cpu.VcpuBus#readMsr} for 0x1b, 0x6e0 and 0x800..0x8ff. */
  public boolean readMsr(int msr, long[] value) {
    return msrs.read(msr, value);
  }

  /** {@link org.maloca.core.cpu.VcpuBus#writeMsr} for the same. */
  public boolean writeMsr(int msr, long value) {
    return msrs.write(msr, value);
  }

  long readMemory(int offset, int size) {
    if (!isEnabled || isX2) {
      return -1;
    }
    int lane = offset & 0xf;
    if (lane > 3) {
      return 0;
    }
    // Only the first four bytes of each sixteen are a register.
    return Integer.toUnsignedLong(readRegister(offset >> 4 & 0xff)) >>> 8 * lane;
  }

  void writeMemory(int offset, int size, long value) {
    if (isEnabled && !isX2 && (offset & 0xf) == 0 && size >= 4) {
      writeRegister(offset >> 4 & 0xff, (int) value);
    }
  }

  /** Reads a register by its number; one that is not there reads 0. */
  int readRegister(int register) {
    synchronized (lock) {
      if (LocalVectorTable.holds(register)) {
        return lvt.get(register);
      }
      if (InterruptRequests.holds(register)) {
        return requests.read(register);
      }
      return switch (register) {
        case ApicRegister.ID -> isX2 ? apicId : apicId << 24;
        case ApicRegister.VERSION -> VERSION;
        case ApicRegister.TPR -> tpr;
        case ApicRegister.APR -> requests.arbitrationPriority(tpr);
        case ApicRegister.PPR -> requests.processorPriority(tpr);
        case ApicRegister.LDR -> isX2 ? x2LogicalId() : ldr;
        case ApicRegister.DFR -> dfr;
        case ApicRegister.SVR -> svr;
        case ApicRegister.ESR -> esr;
        case ApicRegister.ICR_LOW -> icrLow;
        case ApicRegister.ICR_HIGH -> icrHigh;
        case ApicRegister.INITIAL_COUNT -> timer.initialCount();
        case ApicRegister.CURRENT_COUNT -> timer.currentCount();
        case ApicRegister.DIVIDE_CONFIGURATION -> timer.divideConfiguration();
        default -> {
          reportError(ESR_ILLEGAL_REGISTER);
          yield 0;
        }
      };
    }
  }

  private int x2LogicalId() {
    return apicId >> 4 << 16 | 1 << (apicId & 0xf);
  }

  /** Writes a register by its number; read-only and absent ones swallow it. */
  void writeRegister(int register, int value) {
    switch (register) {
      case ApicRegister.EOI -> endOfInterrupt();
      case ApicRegister.ICR_LOW -> sendXApicIpi(value);
      case ApicRegister.TPR -> setTpr(value & 0xff);
      default -> {
        synchronized (lock) {
          writeLocked(register, value);
        }
      }
    }
  }

  private void writeLocked(int register, int value) {
    switch (register) {
      case ApicRegister.LDR -> ldr = value & 0xff00_0000;
      case ApicRegister.DFR -> dfr = value | 0x0fff_ffff;
      case ApicRegister.SVR -> setSvr(value & SVR_WRITABLE);
      case ApicRegister.ESR -> {
        esr = esrAccumulated;
        esrAccumulated = 0;
      }
      case ApicRegister.ICR_HIGH -> icrHigh = value & 0xff00_0000;
      case ApicRegister.INITIAL_COUNT -> timer.setInitialCount(value);
      case ApicRegister.DIVIDE_CONFIGURATION -> timer.setDivideConfiguration(value);
      default -> {
        if (LocalVectorTable.holds(register)) {
          setLvt(register, value);
        } else if (!isReadOnly(register)) {
          reportError(ESR_ILLEGAL_REGISTER);
        }
      }
    }
  }

  private static boolean isReadOnly(int register) {
    return switch (register) {
      case ApicRegister.ID,
          ApicRegister.VERSION,
          ApicRegister.APR,
          ApicRegister.PPR,
          ApicRegister.CURRENT_COUNT ->
          true;
      default -> InterruptRequests.holds(register);
    };
  }

  private void setSvr(int value) {
    svr = value;
    if ((value & SVR_ENABLED) == 0) {
      lvt.maskAll();
    }
    refresh();
  }

  private void setLvt(int register, int value) {
    lvt.write(register, isSoftwareEnabled() ? value : value | LocalVectorTable.MASKED);
    switch (register) {
      case ApicRegister.LVT_TIMER -> timer.setMode(value >> 17 & 3);
      case ApicRegister.LVT_LINT0 -> sampleLevel(register, lint0);
      case ApicRegister.LVT_LINT1 -> sampleLevel(register, lint1);
      default -> {}
    }
    refresh();
  }

  // ---- Priorities and acceptance

  /** The task priority class, 0..15: CR8. */
  public int taskPriority() {
    return tpr >> 4;
  }

  /** Writes CR8, 0..15. */
  public void setTaskPriority(int priorityClass) {
    setTpr((priorityClass & 0xf) << 4);
  }

  private void setTpr(int value) {
    if (value != tpr) {
      synchronized (lock) {
        tpr = value;
        refresh();
      }
    }
  }

  /** The APR; asked by the bus without the lock, where a stale answer is as good. */
  int arbitrationPriority() {
    return requests.arbitrationPriority(tpr);
  }

  private boolean hasFixed() {
    return isEnabled && requests.deliverable(tpr) != InterruptRequests.NONE;
  }

  private boolean hasExtInt() {
    if (!isEnabled) {
      return lint0;
    }
    boolean takesLint0 =
        !lvt.isMasked(ApicRegister.LVT_LINT0)
            && lvt.deliveryMode(ApicRegister.LVT_LINT0) == DeliveryMode.EXT_INT;
    return isExtIntLatched || lint0 && takesLint0;
  }

  /** Drives INTR. Under the lock, so that levels reach the vCPU in the order they came about. */
  private void refresh() {
    boolean level = hasExtInt() || hasFixed();
    if (level != interruptLevel) {
      interruptLevel = level;
      pins.setInterrupt(level);
    }
  }

  /**
   * An INTA cycle of the vCPU: the vector of the 8259 pair's request when one comes through, else
   * the highest vector above the processor priority, which is then in service.
   *
   * @return the vector, or -1 when the request has gone; no spurious vector is made of that
   */
  public int acknowledge() {
    synchronized (lock) {
      if (!hasExtInt()) {
        return isEnabled ? acknowledgeFixed() : -1;
      }
      isExtIntLatched = false;
    }
    int vector = bus.acknowledgePic();
    synchronized (lock) {
      refresh();
    }
    return vector;
  }

  private int acknowledgeFixed() {
    int vector = requests.deliverable(tpr);
    if (vector != InterruptRequests.NONE) {
      requests.acknowledge(vector);
    }
    refresh();
    return vector;
  }

  private void endOfInterrupt() {
    int vector;
    boolean broadcasts;
    synchronized (lock) {
      vector = requests.end();
      if (vector == InterruptRequests.NONE) {
        return;
      }
      broadcasts = requests.isLevel(vector);
      if (broadcasts) {
        endLevel(ApicRegister.LVT_LINT0, vector, lint0);
        endLevel(ApicRegister.LVT_LINT1, vector, lint1);
        broadcasts = (svr & SVR_SUPPRESS_EOI_BROADCAST) == 0;
      }
      refresh();
    }
    if (broadcasts) {
      bus.broadcastEoi(vector);
    }
  }

  // ---- Messages

  /** Whether a message is addressed to this APIC. Any thread, without the lock. */
  boolean matches(int destination, boolean isLogical) {
    if (!isEnabled) {
      return false;
    }
    if (destination == ApicBus.BROADCAST) {
      return true;
    }
    if (!isLogical) {
      return destination == apicId;
    }
    return isX2 ? matchesX2Logical(destination) : matchesLogical(destination);
  }

  private boolean matchesX2Logical(int destination) {
    int logicalId = x2LogicalId();
    return destination >>> 16 == logicalId >>> 16 && (destination & logicalId & 0xffff) != 0;
  }

  private boolean matchesLogical(int destination) {
    if ((destination & ~0xff) != 0) {
      return false;
    }
    int logicalId = ldr >>> 24;
    if (dfr >>> 28 == DFR_FLAT) {
      return (destination & logicalId) != 0;
    }
    int cluster = destination >> 4;
    return (cluster == 0xf || cluster == logicalId >> 4) && (destination & logicalId & 0xf) != 0;
  }

  /**
   * Takes a message. Any thread.
   *
   * @return false when the APIC is disabled so that it does not take it
   */
  boolean accept(int mode, int vector, boolean isLevel) {
    if (!isEnabled) {
      return false;
    }
    switch (mode) {
      case DeliveryMode.FIXED, DeliveryMode.LOWEST_PRIORITY -> {
        synchronized (lock) {
          return isSoftwareEnabled() && acceptFixed(vector, isLevel);
        }
      }
      case DeliveryMode.EXT_INT -> {
        synchronized (lock) {
          isExtIntLatched = true;
          refresh();
        }
      }
      case DeliveryMode.NMI -> pins.nmi();
      case DeliveryMode.INIT -> {
        synchronized (lock) {
          clear(true);
        }
        pins.init();
      }
      case DeliveryMode.START_UP -> pins.startup(vector);
      default -> {} // An SMI: there is no system management mode.
    }
    return true;
  }

  private boolean acceptFixed(int vector, boolean isLevel) {
    if (vector < LOWEST_LEGAL_VECTOR) {
      reportError(ESR_RECEIVED_ILLEGAL_VECTOR);
      return false;
    }
    requests.request(vector, isLevel);
    refresh();
    return true;
  }

  private void reportError(int bit) {
    if ((esrAccumulated & bit) == 0) {
      esrAccumulated |= bit;
      signalLocal(ApicRegister.LVT_ERROR);
    }
  }

  private void sendXApicIpi(int value) {
    int destination;
    synchronized (lock) {
      icrLow = value & ICR_WRITABLE;
      destination = ApicBus.widen(icrHigh >>> 24);
    }
    send(value, destination);
  }

  /** Writes the 64-bit ICR of x2APIC mode. */
  void sendX2Ipi(int low, int destination) {
    synchronized (lock) {
      icrLow = low & ICR_WRITABLE;
      icrHigh = destination;
    }
    send(low, destination);
  }

  /** The 64-bit ICR of x2APIC mode. */
  long icr() {
    synchronized (lock) {
      return (long) icrHigh << 32 | Integer.toUnsignedLong(icrLow);
    }
  }

  /** Writes SELF_IPI. */
  void sendSelf(int vector) {
    send(SHORTHAND_SELF << 18 | vector, 0);
  }

  private void send(int icr, int destination) {
    int mode = icr >> 8 & 7;
    int vector = icr & 0xff;
    boolean isDeassert =
        mode == DeliveryMode.INIT && (icr & ICR_LEVEL) != 0 && (icr & ICR_ASSERT) == 0;
    boolean isFixed = mode == DeliveryMode.FIXED || mode == DeliveryMode.LOWEST_PRIORITY;
    // INIT level de-assert only ever synchronized the arbitration IDs of the APIC bus. ExtINT
    // cannot be sent.
    if (isDeassert || mode == DeliveryMode.EXT_INT) {
      return;
    }
    if (isFixed && vector < LOWEST_LEGAL_VECTOR) {
      synchronized (lock) {
        reportError(ESR_SEND_ILLEGAL_VECTOR);
      }
      return;
    }
    int shorthand = icr >> 18 & 3;
    if (shorthand == SHORTHAND_NONE) {
      bus.deliver(destination, (icr & ICR_LOGICAL) != 0, mode, vector, false);
    } else if (shorthand == SHORTHAND_SELF) {
      if (isFixed) {
        accept(DeliveryMode.FIXED, vector, false);
      }
    } else {
      bus.deliverToAll(shorthand == SHORTHAND_ALL ? null : this, mode, vector);
    }
  }

  // ---- Local sources

  private void timerAlarmed() {
    synchronized (lock) {
      if (timer.expire()) {
        signalLocal(ApicRegister.LVT_TIMER);
      }
    }
  }

  void setLint0(boolean level) {
    synchronized (lock) {
      boolean isRising = level && !lint0;
      lint0 = level;
      if (isEnabled) {
        driveLint(ApicRegister.LVT_LINT0, level, isRising);
      }
      refresh();
    }
  }

  void setLint1(boolean level) {
    synchronized (lock) {
      boolean isRising = level && !lint1;
      lint1 = level;
      if (isEnabled) {
        driveLint(ApicRegister.LVT_LINT1, level, isRising);
      } else if (isRising) {
        pins.nmi();
      }
    }
  }

  private void driveLint(int register, boolean level, boolean isRising) {
    if (isLevel(register)) {
      sampleLevel(register, level);
    } else if (isRising) {
      signalLocal(register);
    }
  }

  /** Whether an entry is level-triggered, which only fixed delivery can be. */
  private boolean isLevel(int register) {
    return (lvt.get(register) & LocalVectorTable.LEVEL_TRIGGERED) != 0
        && lvt.deliveryMode(register) == DeliveryMode.FIXED;
  }

  private void sampleLevel(int register, boolean level) {
    boolean isWaiting = (lvt.get(register) & LocalVectorTable.REMOTE_IRR) != 0;
    if (level && isLevel(register) && !isWaiting && !lvt.isMasked(register)) {
      lvt.setRemoteIrr(register, acceptFixed(lvt.get(register) & 0xff, true));
    }
  }

  private void endLevel(int register, int vector, boolean level) {
    if ((lvt.get(register) & 0xff) == vector) {
      lvt.setRemoteIrr(register, false);
      sampleLevel(register, level);
    }
  }

  /** One interrupt by a local vector. */
  private void signalLocal(int register) {
    if (lvt.isMasked(register)) {
      return;
    }
    boolean hasMode = register != ApicRegister.LVT_TIMER && register != ApicRegister.LVT_ERROR;
    int mode = hasMode ? lvt.deliveryMode(register) : DeliveryMode.FIXED;
    switch (mode) {
      case DeliveryMode.FIXED -> acceptFixed(lvt.get(register) & 0xff, false);
      case DeliveryMode.NMI -> pins.nmi();
      case DeliveryMode.INIT -> {
        clear(true);
        pins.init();
      }
      default -> {} // ExtINT follows the level of LINT0; an SMI does nothing.
    }
  }

  // ---- Device

  @Override
  public String id() {
    return "apic" + index;
  }

  @Override
  public void reset() {
    synchronized (lock) {
      clear(false);
    }
  }

  @Override
  public void save(SnapshotWriter writer) {
    synchronized (lock) {
      SnapshotWriter.Section section = writer.section(id(), SECTION_VERSION);
      section.put(base).put(svr).put(ldr).put(dfr).put(tpr).put(icrLow).put(icrHigh);
      section.put(esr).put(esrAccumulated).put(lint0).put(lint1).put(isExtIntLatched);
      requests.save(section);
      lvt.save(section);
      timer.save(section);
    }
  }

  @Override
  public void restore(SnapshotReader reader) {
    synchronized (lock) {
      SnapshotReader.Section section = reader.section(id(), SECTION_VERSION);
      writeBase(section.getLong());
      svr = section.getInt() & SVR_WRITABLE;
      ldr = section.getInt();
      dfr = section.getInt();
      tpr = section.getInt() & 0xff;
      icrLow = section.getInt();
      icrHigh = section.getInt();
      esr = section.getInt();
      esrAccumulated = section.getInt();
      lint0 = section.getBoolean();
      lint1 = section.getBoolean();
      isExtIntLatched = section.getBoolean();
      requests.restore(section);
      lvt.restore(section);
      timer.restore(section);
      interruptLevel = hasExtInt() || hasFixed();
      pins.setInterrupt(interruptLevel);
    }
  }
}
