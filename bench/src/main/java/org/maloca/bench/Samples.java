package org.maloca.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Repeated measurements of one quantity. */
final class Samples {
  private final List<Double> values = new ArrayList<>();

  void add(double value) {
    values.add(value);
  }

  boolean isEmpty() {
    return values.isEmpty();
  }

  /** All of them, in the order in which they were added. */
  List<Double> values() {
    return List.copyOf(values);
  }

  /** The middle value, or the mean of the two in the middle; NaN when there is none. */
  double median() {
    if (values.isEmpty()) {
      return Double.NaN;
    }
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /** The geometric mean; NaN when there is none. */
  double geometricMean() {
    return Math.exp(values.stream().mapToDouble(Math::log).average().orElse(Double.NaN));
  }

  /** The median, with the least and the most behind it where there are more. */
  String summary(int digits) {
    if (values.isEmpty()) {
      return "-";
    }
    String number = "%." + digits + "f";
    if (values.size() == 1) {
      return String.format(Locale.ROOT, number, median());
    }
    double least = values.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    double most = values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    return String.format(
        Locale.ROOT, number + " (" + number + " to " + number + ")", median(), least, most);
  }
}
