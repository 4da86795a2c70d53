package org.maloca.x86.fpu;

import org.maloca.x86.interpret.HandlerTable;

/** All x87 operations, EMMS, and the instructions that save and restore floating-point state. */
public final class X87Handlers {
  private X87Handlers() {}

  public static void register(HandlerTable table) {
    LoadStoreHandlers.register(table);
    X87ArithmeticHandlers.register(table);
    X87FunctionHandlers.register(table);
    X87ControlHandlers.register(table);
    EnvironmentHandlers.register(table);
    StateAreaHandlers.register(table);
  }
}
