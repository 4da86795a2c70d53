package org.maloca.stress;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Whether a long run was flat at its end: its last quarter is held against its second. The first
 * quarter is for getting warm. Of what rises and falls with a JVM's collections medians are
 * compared, of what an engine fills up to a limit the greatest values.
 */
final class SoakVerdict {
  private static final double MEBIBYTE = 1 << 20;

  /** Growth that is no growth. */
  private static final double FACTOR = 1.10;

  /** Of the speed, so much may be lost: other work on the host is felt even in CPU time. */
  private static final double SPEED_FACTOR = 0.80;

  private final List<SoakSample> samples;
  private final List<String> complaints = new ArrayList<>();

  /**
   * @param samples at the ends of intervals of the same length, after one at the start
   */
  private SoakVerdict(List<SoakSample> samples) {
    this.samples = samples;
  }

  /** What was not flat, a line each; empty if all was. */
  static List<String> of(List<SoakSample> samples) {
    var verdict = new SoakVerdict(samples);
    verdict.judge();
    return verdict.complaints;
  }

  private void judge() {
    if (samples.size() < 9) {
      complaints.add(
          "too short: %d intervals, at least 8 are needed".formatted(samples.size() - 1));
      return;
    }
    mayGrow("resident memory, MiB", sample -> sample.residentBytes() / MEBIBYTE, 24);
    mayGrow("metaspace, MiB", sample -> sample.metaspaceBytes() / MEBIBYTE, 4);
    mayGrow("compiled code, MiB", sample -> sample.compiledBytes() / MEBIBYTE, 4);
    mayGrow("loaded classes", SoakSample::classes, 200);
    mayRise("regions", SoakSample::regions, 20);
    mayRise("blocks", SoakSample::blocks, 2000);
    mustGoOn("regions were dropped to make room", SoakSample::evicted);
    mustGoOn("classes were unloaded", SoakSample::unloaded);
    judgeSpeed();
  }

  /** An absolute slack covers what comes and goes between two collections. */
  private void mayGrow(String what, ToDoubleFunction<SoakSample> value, double slack) {
    compare(what, median(1, value), median(3, value), slack);
  }

  private void mayRise(String what, ToDoubleFunction<SoakSample> value, double slack) {
    compare(what, greatest(1, value), greatest(3, value), slack);
  }

  private void compare(String what, double early, double late, double slack) {
    if (late > early * FACTOR + slack) {
      complaints.add(String.format(Locale.ROOT, "%s grew from %.1f to %.1f", what, early, late));
    }
  }

  private void mustGoOn(String what, ToDoubleFunction<SoakSample> value) {
    double during =
        value.applyAsDouble(samples.getLast()) - value.applyAsDouble(quarter(3).getFirst());
    if (during <= 0) {
      complaints.add("no more " + what + " in the last quarter: nothing was put to the test");
    }
  }

  private void judgeSpeed() {
    double early = speed(1);
    double late = speed(3);
    if (late < early * SPEED_FACTOR) {
      complaints.add(
          String.format(Locale.ROOT, "work per CPU second fell from %.1f to %.1f", early, late));
    }
  }

  private double speed(int quarter) {
    List<SoakSample> part = quarter(quarter);
    return part.getLast().workPerCpuSecond(part.getFirst());
  }

  /** The samples of a quarter, counted from 0. */
  private List<SoakSample> quarter(int number) {
    int intervals = samples.size() - 1;
    return samples.subList(intervals * number / 4, intervals * (number + 1) / 4 + 1);
  }

  private double greatest(int quarter, ToDoubleFunction<SoakSample> value) {
    return quarter(quarter).stream().mapToDouble(value).max().orElse(0);
  }

  private double median(int quarter, ToDoubleFunction<SoakSample> value) {
    double[] sorted = quarter(quarter).stream().mapToDouble(value).sorted().toArray();
    return sorted[sorted.length / 2];
  }
}
