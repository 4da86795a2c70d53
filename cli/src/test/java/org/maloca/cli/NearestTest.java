package org.maloca.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

final class NearestTest {
  private static final List<String> OPTIONS = List.of("--kernel", "--disk", "--name", "-p");

  @Test
  void namesTheWordThatIsMeant() {
    assertEquals(", did you mean '--kernel'?", Nearest.suggestion("--kernl", OPTIONS));
    assertEquals(", did you mean '--kernel'?", Nearest.suggestion("-kernel", OPTIONS));
    assertEquals(", did you mean '--disk'?", Nearest.suggestion("--dsik", OPTIONS));
    assertEquals("", Nearest.suggestion("--floppy", OPTIONS));
  }

  @Test
  void countsLettersThatDiffer() {
    assertEquals(0, Nearest.distance("", ""));
    assertEquals(3, Nearest.distance("", "abc"));
    assertEquals(1, Nearest.distance("abc", "acb"));
    assertEquals(2, Nearest.distance("kernel", "karnal"));
  }
}
