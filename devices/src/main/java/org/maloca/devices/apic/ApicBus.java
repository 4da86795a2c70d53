package org.maloca.devices.apic;

import java.util.Arrays;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.maloca.core.irq.IrqLine;
import org.maloca.core.irq.MsiSink;

/**
 * Carries interrupt messages between local APICs, I/O APICs and devices that signal by message
 * (Intel SDM vol. 3, 12.6.2, 12.11), and knows whose thread is running.
 *
 * <p>Safe for any thread and without a lock of its own: it only calls inwards to local APICs, one
 * after the other. Local and I/O APICs add themselves when made, before the machine starts.
 */
public final class ApicBus implements MsiSink {
  /** Addresses everybody, in either destination mode. */
  static final int BROADCAST = -1;

  private static final int BROADCAST_8_BIT = 0xff;
  private static final int NO_VECTOR = -1;

  private static final long MSI_ADDRESS = 0xfee;
  private static final int MSI_REDIRECTION_HINT = 1 << 3;
  private static final int MSI_LOGICAL = 1 << 2;
  private static final int MSI_LEVEL_TRIGGERED = 1 << 15;

  private final ThreadLocal<LocalApic> ofThread = new ThreadLocal<>();
  private final IrqLine lint0 = this::driveLint0;
  private final IrqLine lint1 = this::driveLint1;
  private volatile LocalApic[] localApics = {};
  private volatile IoApic[] ioApics = {};
  private volatile IntSupplier pic = () -> NO_VECTOR;

  synchronized void add(LocalApic apic) {
    LocalApic[] old = localApics;
    LocalApic[] grown = Arrays.copyOf(old, old.length + 1);
    grown[old.length] = apic;
    localApics = grown;
  }

  synchronized void add(IoApic apic) {
    IoApic[] old = ioApics;
    IoApic[] grown = Arrays.copyOf(old, old.length + 1);
    grown[old.length] = apic;
    ioApics = grown;
  }

  /**
   * Says who answers the INTA cycle for an ExtINT.
   *
   * @param acknowledge gives the vector, or -1; called on vCPU threads without locks
   */
  public void connectPic(IntSupplier acknowledge) {
    pic = acknowledge;
  }

  /** Input LINT0 of all local APICs, where the 8259 pair's INTR leads. */
  public IrqLine lint0() {
    return lint0;
  }

  /** Input LINT1 of all local APICs, where the chip set's NMI leads. */
  public IrqLine lint1() {
    return lint1;
  }

  private void driveLint0(boolean level) {
    for (LocalApic apic : localApics) {
      apic.setLint0(level);
    }
  }

  private void driveLint1(boolean level) {
    for (LocalApic apic : localApics) {
      apic.setLint1(level);
    }
  }

  /** Makes the calling thread that of a vCPU: its accesses to the APIC page meet this APIC. */
  public void enter(int index) {
    ofThread.set(localApics[index]);
  }

  /** The local APIC of the calling thread, or null when it is no vCPU's. */
  @Nullable LocalApic current() {
    return ofThread.get();
  }

  int acknowledgePic() {
    return pic.getAsInt();
  }

  @Override
  public void send(long address, int data) {
    if (address >>> 20 != MSI_ADDRESS) {
      return;
    }
    int low = (int) address;
    boolean isLogical = (low & MSI_LOGICAL) != 0;
    int mode = data >> 8 & 7;
    if (mode == DeliveryMode.FIXED && isLogical && (low & MSI_REDIRECTION_HINT) != 0) {
      mode = DeliveryMode.LOWEST_PRIORITY;
    }
    boolean isLevel = (data & MSI_LEVEL_TRIGGERED) != 0;
    // A message that nobody takes is lost, as on the real bus.
    deliver(widen(low >> 12 & 0xff), isLogical, mode, data & 0xff, isLevel);
  }

  /** Widens an 8-bit destination. */
  static int widen(int destination) {
    return destination == BROADCAST_8_BIT ? BROADCAST : destination;
  }

  /**
   * Delivers a message.
   *
   * @return whether a local APIC took it
   */
  boolean deliver(int destination, boolean isLogical, int mode, int vector, boolean isLevel) {
    if (mode == DeliveryMode.LOWEST_PRIORITY) {
      return deliverLowest(destination, isLogical, vector, isLevel);
    }
    boolean isAccepted = false;
    for (LocalApic apic : localApics) {
      if (apic.matches(destination, isLogical)) {
        isAccepted |= apic.accept(mode, vector, isLevel);
      }
    }
    return isAccepted;
  }

  /**
   * Arbitrates by processor priority; a tie goes round by vector, so that a source stays where it
   * is while sources spread.
   */
  private boolean deliverLowest(int destination, boolean isLogical, int vector, boolean isLevel) {
    LocalApic[] all = localApics;
    LocalApic best = null;
    int bestPriority = Integer.MAX_VALUE;
    for (int i = 0; i < all.length; i++) {
      LocalApic apic = all[(i + vector) % all.length];
      if (apic.isSoftwareEnabled() && apic.matches(destination, isLogical)) {
        int priority = apic.arbitrationPriority();
        if (priority < bestPriority) {
          bestPriority = priority;
          best = apic;
        }
      }
    }
    return best != null && best.accept(DeliveryMode.FIXED, vector, isLevel);
  }

  /** Delivers to all, or to all but the sender. */
  void deliverToAll(@Nullable LocalApic except, int mode, int vector) {
    if (mode == DeliveryMode.LOWEST_PRIORITY) {
      mode = DeliveryMode.FIXED;
    }
    for (LocalApic apic : localApics) {
      if (apic != except) {
        apic.accept(mode, vector, false);
      }
    }
  }

  /** Tells the I/O APICs that a level-triggered interrupt was dealt with. */
  void broadcastEoi(int vector) {
    for (IoApic apic : ioApics) {
      apic.endOfInterrupt(vector);
    }
  }
}
