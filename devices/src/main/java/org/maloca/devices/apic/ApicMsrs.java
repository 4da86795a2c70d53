package org.maloca.devices.apic;

/**
 * A local APIC's face as MSRs: IA32_APIC_BASE, IA32_TSC_DEADLINE and the x2APIC registers, with
 * their faults (Intel SDM vol. 3, 12.4.4, 12.5.4.1, 12.12). On the vCPU's own thread.
 */
final class ApicMsrs {
  static final long BASE_BSP = 1 << 8;
  static final long BASE_X2APIC = 1 << 10;
  static final long BASE_ENABLE = 1 << 11;

  private static final int IA32_APIC_BASE = 0x1b;
  private static final int IA32_TSC_DEADLINE = 0x6e0;
  private static final int X2APIC_FIRST = 0x800;
  private static final int X2APIC_LAST = 0x8ff;

  /** Bits 11, 10 and 8 and the address; 52 bits of physical address are architectural. */
  private static final long BASE_WRITABLE = 0x000f_ffff_ffff_fd00L;

  private static final int DELIVERY_STATUS = 1 << 12;

  /** Of older processors; kernels still set it. */
  private static final int FOCUS_CHECKING_DISABLED = 1 << 9;

  private static final long UPPER_HALF = 0xffff_ffff_0000_0000L;

  private final LocalApic apic;

  ApicMsrs(LocalApic apic) {
    this.apic = apic;
  }

  boolean read(int msr, long[] value) {
    if (msr >= X2APIC_FIRST && msr <= X2APIC_LAST) {
      return apic.isX2Apic() && readX2(msr - X2APIC_FIRST, value);
    }
    switch (msr) {
      case IA32_APIC_BASE -> value[0] = apic.base();
      case IA32_TSC_DEADLINE -> value[0] = apic.tscDeadline();
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean readX2(int register, long[] value) {
    if (register == ApicRegister.ICR_LOW) {
      value[0] = apic.icr();
      return true;
    }
    if (!isReadable(register)) {
      return false;
    }
    value[0] = Integer.toUnsignedLong(apic.readRegister(register));
    return true;
  }

  private static boolean isReadable(int register) {
    return switch (register) {
      case ApicRegister.ID,
          ApicRegister.VERSION,
          ApicRegister.TPR,
          ApicRegister.PPR,
          ApicRegister.LDR,
          ApicRegister.SVR,
          ApicRegister.ESR,
          ApicRegister.INITIAL_COUNT,
          ApicRegister.CURRENT_COUNT,
          ApicRegister.DIVIDE_CONFIGURATION ->
          true;
      default ->
          LocalVectorTable.holds(register)
              || register >= ApicRegister.ISR && register < ApicRegister.ESR;
    };
  }

  boolean write(int msr, long value) {
    if (msr >= X2APIC_FIRST && msr <= X2APIC_LAST) {
      return apic.isX2Apic() && writeX2(msr - X2APIC_FIRST, value);
    }
    switch (msr) {
      case IA32_APIC_BASE -> {
        return writeBase(value);
      }
      case IA32_TSC_DEADLINE -> apic.setTscDeadline(value);
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean writeBase(long value) {
    if ((value & ~BASE_WRITABLE) != 0) {
      return false;
    }
    long old = apic.base();
    boolean isEnabled = (value & BASE_ENABLE) != 0;
    boolean isX2 = (value & BASE_X2APIC) != 0;
    boolean wasEnabled = (old & BASE_ENABLE) != 0;
    boolean wasX2 = (old & BASE_X2APIC) != 0;
    boolean isIllegal = isX2 && !isEnabled || wasX2 && isEnabled && !isX2 || isX2 && !wasEnabled;
    if (isIllegal) {
      return false;
    }
    apic.setBase(value & ~BASE_BSP | old & BASE_BSP);
    return true;
  }

  private boolean writeX2(int register, long value) {
    if (register == ApicRegister.ICR_LOW) {
      int low = (int) value;
      if ((low & ~(LocalApic.ICR_WRITABLE | DELIVERY_STATUS)) != 0) {
        return false;
      }
      apic.sendX2Ipi(low, (int) (value >>> 32));
      return true;
    }
    if ((value & UPPER_HALF) != 0 || (value & ~writable(register)) != 0) {
      return false;
    }
    switch (register) {
      case ApicRegister.SELF_IPI -> apic.sendSelf((int) value);
      case ApicRegister.TPR,
          ApicRegister.EOI,
          ApicRegister.SVR,
          ApicRegister.ESR,
          ApicRegister.INITIAL_COUNT,
          ApicRegister.DIVIDE_CONFIGURATION ->
          apic.writeRegister(register, (int) value);
      default -> {
        if (!LocalVectorTable.holds(register)) {
          return false;
        }
        apic.writeRegister(register, (int) value);
      }
    }
    return true;
  }

  /** The bits that may be written without a fault; EOI and ESR take nothing but 0. */
  private static long writable(int register) {
    return switch (register) {
      case ApicRegister.TPR, ApicRegister.SELF_IPI -> 0xff;
      case ApicRegister.EOI, ApicRegister.ESR -> 0;
      case ApicRegister.SVR -> LocalApic.SVR_WRITABLE | FOCUS_CHECKING_DISABLED;
      case ApicRegister.INITIAL_COUNT -> 0xffff_ffffL;
      case ApicRegister.DIVIDE_CONFIGURATION -> 0xb;
      // Delivery status and remote IRR are read-only, not reserved: written back as read.
      default ->
          LocalVectorTable.holds(register)
              ? LocalVectorTable.writable(register) | DELIVERY_STATUS | LocalVectorTable.REMOTE_IRR
              : 0;
    };
  }
}
