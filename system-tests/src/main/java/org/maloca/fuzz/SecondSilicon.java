package org.maloca.fuzz;

import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;

/**
 * Executes cases on the host's CPU in a second process: a comparison with the first shows whether
 * the cases are deterministic.
 */
final class SecondSilicon implements CaseExecutor {
  private final SiliconRunner runner;
  private final int capacity;
  private final Map<CaseKind, CaseBatch> own = new EnumMap<>(CaseKind.class);

  SecondSilicon(int capacity) throws IOException {
    this.capacity = capacity;
    runner = new SiliconRunner(capacity);
  }

  @Override
  public void execute(CaseBatch batch) {
    var copy = own.computeIfAbsent(batch.kind(), kind -> runner.allocate(kind, capacity));
    int size = batch.size();
    for (int i = 0; i < size; i++) {
      copy.copyInput(i, batch, i);
    }
    copy.size(size);
    runner.execute(copy);
    for (int i = 0; i < size; i++) {
      batch.copyResult(i, copy, i);
    }
  }

  @Override
  public void close() {
    runner.close();
  }
}
