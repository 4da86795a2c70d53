package org.maloca.x86.interpret;

import org.maloca.x86.fpu.X87Handlers;
import org.maloca.x86.integer.IntegerHandlers;
import org.maloca.x86.simd.SimdHandlers;
import org.maloca.x86.system.SystemHandlers;

/** The reference behaviour of all operations, gathered from their packages. */
public final class Handlers {
  private Handlers() {}

  /** A holder, so that the table is made at first use and once. */
  private static final class Holder {
    static final HandlerTable TABLE = gather();

    private static HandlerTable gather() {
      HandlerTable table = new HandlerTable();
      IntegerHandlers.register(table);
      SystemHandlers.register(table);
      SimdHandlers.register(table);
      X87Handlers.register(table);
      return table;
    }
  }

  public static HandlerTable table() {
    return Holder.TABLE;
  }
}
