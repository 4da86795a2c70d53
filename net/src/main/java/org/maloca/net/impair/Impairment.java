package org.maloca.net.impair;

/**
 * How bad a line is: the part of all frames, from 0 to 1, that meets with each misfortune.
 *
 * @param loss frames that never arrive
 * @param duplication frames that arrive twice
 * @param reordering frames that are overtaken by the next ones
 * @param seed of the random choice, so that it can be repeated
 */
public record Impairment(double loss, double duplication, double reordering, long seed) {
  /** A perfect line. */
  public static final Impairment NONE = new Impairment(0, 0, 0, 0);

  /** Checks the values. */
  public Impairment {
    if (!isPart(loss) || !isPart(duplication) || !isPart(reordering)) {
      throw new IllegalArgumentException("a part of all frames is from 0 to 1");
    }
    if (loss + duplication + reordering > 1) {
      throw new IllegalArgumentException("more frames meet with misfortune than there are");
    }
  }

  private static boolean isPart(double value) {
    return value >= 0 && value <= 1;
  }

  public boolean isNone() {
    return loss == 0 && duplication == 0 && reordering == 0;
  }
}
