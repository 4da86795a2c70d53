package org.maloca.cli;

import java.util.Collection;
import java.util.Comparator;

/** What somebody may have meant who mistyped a word. */
final class Nearest {
  private Nearest() {}

  /** Text to put behind a complaint, empty when nothing is near. */
  static String suggestion(String typed, Collection<String> known) {
    int most = Math.max(1, typed.replaceFirst("^-+", "").length() / 3);
    return known.stream()
        .filter(word -> distance(typed, word) <= most)
        .min(Comparator.comparingInt(word -> distance(typed, word)))
        .map(word -> ", did you mean '%s'?".formatted(word))
        .orElse("");
  }

  /** Letters to insert, leave out, change or swap with the next one (optimal string alignment). */
  static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int least = Math.min(cost[i - 1][j] + 1, cost[i][j - 1] + 1);
        least = Math.min(least, cost[i - 1][j - 1] + change);
        boolean isSwapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        cost[i][j] = isSwapped ? Math.min(least, cost[i - 2][j - 2] + 1) : least;
      }
    }
    return cost[a.length()][b.length()];
  }
}
