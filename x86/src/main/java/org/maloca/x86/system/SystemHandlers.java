package org.maloca.x86.system;

import org.maloca.x86.interpret.HandlerTable;

/** The system instructions of the AMD APM vol. 3 and the far control transfers. */
public final class SystemHandlers {
  private SystemHandlers() {}

  /** Registers all of them. */
  public static void register(HandlerTable table) {
    FarTransferHandlers.register(table);
    IretHandlers.register(table);
    SoftwareInterruptHandlers.register(table);
    SyscallHandlers.register(table);
    SegmentHandlers.register(table);
    FlagHandlers.register(table);
    PortHandlers.register(table);
    ControlRegisterHandlers.register(table);
    DebugRegisterHandlers.register(table);
    DescriptorTableHandlers.register(table);
    TranslationHandlers.register(table);
    AccessRightsHandlers.register(table);
    TimeHandlers.register(table);
    RandomHandlers.register(table);
    MsrHandlers.register(table);
    CpuidHandlers.register(table);
    HypercallHandlers.register(table);
  }
}
