package org.maloca.x86.interpret;

import java.util.EnumMap;
import java.util.Map;
import org.maloca.x86.ir.Operation;

/** The handler of every {@link Operation}. */
public final class HandlerTable {
  private final Map<Operation, InsnHandler> handlers = new EnumMap<>(Operation.class);

  /** Sets an operation's handler; each has just one. */
  public void put(Operation operation, InsnHandler handler) {
    if (handlers.putIfAbsent(operation, handler) != null) {
      throw new IllegalStateException("two handlers of " + operation);
    }
  }

  /** The handler of an operation. */
  public InsnHandler get(Operation operation) {
    InsnHandler handler = handlers.get(operation);
    if (handler == null) {
      throw new IllegalStateException("no handler of " + operation);
    }
    return handler;
  }

  public boolean has(Operation operation) {
    return handlers.containsKey(operation);
  }
}
