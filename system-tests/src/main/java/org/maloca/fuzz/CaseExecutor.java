package org.maloca.fuzz;

/** Runs cases on a CPU and fills in their results. Used by one thread at a time. */
public interface CaseExecutor extends AutoCloseable {
  /** Executes every case of {@code batch} from its own initial state. */
  void execute(CaseBatch batch);

  /** A line of figures for people, or nothing. */
  default String statistics() {
    return "";
  }

  @Override
  default void close() {}
}
