package org.maloca.devices.apic;

/**
 * Local APIC registers by number: the offset in the xAPIC page divided by 16, and equally the
 * x2APIC MSR less 0x800 (Intel SDM vol. 3, tables 12-1 and 12-6).
 */
final class ApicRegister {
  static final int ID = 0x02;
  static final int VERSION = 0x03;
  static final int TPR = 0x08;
  static final int APR = 0x09;
  static final int PPR = 0x0a;
  static final int EOI = 0x0b;
  static final int LDR = 0x0d;
  static final int DFR = 0x0e;
  static final int SVR = 0x0f;
  static final int ISR = 0x10;
  static final int TMR = 0x18;
  static final int IRR = 0x20;
  static final int ESR = 0x28;
  static final int ICR_LOW = 0x30;
  static final int ICR_HIGH = 0x31;
  static final int LVT_TIMER = 0x32;
  static final int LVT_THERMAL = 0x33;
  static final int LVT_PERFORMANCE = 0x34;
  static final int LVT_LINT0 = 0x35;
  static final int LVT_LINT1 = 0x36;
  static final int LVT_ERROR = 0x37;
  static final int INITIAL_COUNT = 0x38;
  static final int CURRENT_COUNT = 0x39;
  static final int DIVIDE_CONFIGURATION = 0x3e;

  /** Exists in x2APIC mode only. */
  static final int SELF_IPI = 0x3f;

  static final int LVT_FIRST = LVT_TIMER;
  static final int LVT_ENTRIES = 6;

  private ApicRegister() {}
}
