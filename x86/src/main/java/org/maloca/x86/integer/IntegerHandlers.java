package org.maloca.x86.integer;

import org.maloca.x86.interpret.HandlerTable;

/**
 * The general-purpose instructions (AMD APM vol. 3), flags that the manuals leave undefined being
 * those of AMD's Zen 5.
 */
public final class IntegerHandlers {
  private IntegerHandlers() {}

  /** Registers all of them. */
  public static void register(HandlerTable table) {
    ArithmeticHandlers.register(table);
    MultiplyHandlers.register(table);
    DivideHandlers.register(table);
    MoveHandlers.register(table);
    ExchangeHandlers.register(table);
    ShiftHandlers.register(table);
    DoubleShiftHandlers.register(table);
    BitTestHandler.register(table);
    BitCountHandlers.register(table);
    BitFieldHandlers.register(table);
    DecimalHandlers.register(table);
    LegacyHandlers.register(table);
    StackHandlers.register(table);
    FlagHandlers.register(table);
    StringHandlers.register(table);
    HintHandlers.register(table);
    BranchHandlers.register(table);
  }
}
