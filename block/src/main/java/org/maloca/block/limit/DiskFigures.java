package org.maloca.block.limit;

/**
 * What was done of each kind of operation by a disk, or by all the discs that were in a drive. Any
 * thread.
 */
public final class DiskFigures {
  private final OperationFigures[] figures = new OperationFigures[DiskOperation.values().length];

  /** Starts with nothing done. */
  public DiskFigures() {
    for (int i = 0; i < figures.length; i++) {
      figures[i] = new OperationFigures();
    }
  }

  /** What was done of a kind so far. */
  public OperationFigures of(DiskOperation operation) {
    return figures[operation.ordinal()];
  }
}
