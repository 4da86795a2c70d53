package org.maloca.fuzz;

import java.io.IOException;

/** The executors that can be compared with silicon, by name. */
final class Engines {
  private Engines() {}

  /**
   * @param capacity the most cases a batch will have
   */
  static CaseExecutor create(String name, int capacity) throws IOException {
    return switch (name) {
      case "interpreter" -> new MalocaExecutor(MalocaExecutor.Way.SPECIALISED_OPS);
      case "reference" -> new MalocaExecutor(MalocaExecutor.Way.HANDLERS);
      case "translator" -> new MalocaExecutor(MalocaExecutor.Way.TRANSLATED);
      case "mixed" -> new MixedExecutor();
      case "silicon" -> new SecondSilicon(capacity);
      default -> throw new IllegalArgumentException("no engine named " + name);
    };
  }
}
