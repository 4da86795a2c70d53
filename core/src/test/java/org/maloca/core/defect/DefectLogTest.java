package org.maloca.core.defect;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DefectLogTest {
  private final Lines lines = new Lines();
  private final DefectLog log = new DefectLog(lines);

  /** Where lines go, as long as there is room. */
  private static final class Lines implements System.Logger {
    final List<String> text = new ArrayList<>();
    boolean isOutOfDescriptors;

    @Override
    public String getName() {
      return "lines";
    }

    @Override
    public boolean isLoggable(Level level) {
      return true;
    }

    @Override
    public void log(
        Level level, @Nullable ResourceBundle bundle, String message, @Nullable Throwable thrown) {
      if (isOutOfDescriptors) {
        throw new NoClassDefFoundError("too many open files");
      }
      text.add(message + ": " + thrown);
    }

    @Override
    public void log(
        Level level, @Nullable ResourceBundle bundle, String format, @Nullable Object... values) {
      throw new AssertionError("a defect is missing");
    }
  }

  private static Throwable thrownAt(int line) {
    Throwable defect = new IllegalStateException("odd");
    defect.setStackTrace(new StackTraceElement[] {new StackTraceElement("A", "b", "A.java", line)});
    return defect;
  }

  @Test
  void tellsOnceOfTheSameAtTheSamePlace() {
    log.tell("first", thrownAt(1));
    log.tell("again", thrownAt(1));
    log.tell("elsewhere", thrownAt(2));

    assertEquals(
        List.of(
            "first: java.lang.IllegalStateException: odd",
            "elsewhere: java.lang.IllegalStateException: odd"),
        lines.text);
  }

  @Test
  void tellsOfSoManyKindsOnly() {
    for (int line = 0; line < 2 * DefectLog.MAX_KINDS; line++) {
      log.tell("another", thrownAt(line));
    }

    assertEquals(DefectLog.MAX_KINDS, lines.text.size());
  }

  @Test
  void outlivesALogThatFailsAndTellsLater() {
    lines.isOutOfDescriptors = true;
    log.tell("lost", thrownAt(1));
    lines.isOutOfDescriptors = false;
    log.tell("kept", thrownAt(1));

    assertEquals(List.of("kept: java.lang.IllegalStateException: odd"), lines.text);
  }
}
