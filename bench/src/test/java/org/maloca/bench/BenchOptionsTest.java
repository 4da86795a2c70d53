package org.maloca.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BenchOptionsTest {
  private static BenchOptions parse(String line) throws BenchException {
    return BenchOptions.parse(line.isEmpty() ? new String[0] : line.split(" "));
  }

  @Test
  void measuresAllWithTheTranslatorUnlessToldOtherwise() throws BenchException {
    BenchOptions options = parse("");

    assertEquals(5, options.runs());
    assertEquals("translator", options.engine());
    assertNull(options.json());
    assertTrue(options.wants("anything"));
  }

  @Test
  void readsAllOptions() throws BenchException {
    BenchOptions options =
        parse("--runs 3 --engine interpreter --only fib --json out.json --qemu /opt/qemu");

    assertEquals(3, options.runs());
    assertEquals("interpreter", options.engine());
    assertEquals(Path.of("out.json"), options.json());
    assertEquals("/opt/qemu", options.qemu());
  }

  @Test
  void choosesRowsByPartsOfNamesAndByWholeGroups() throws BenchException {
    BenchOptions options = parse("--only ^rep-|x87|code");

    assertTrue(options.wants(new Row(Group.COPYING, "rep-movsb-256")));
    assertFalse(options.wants(new Row(Group.COPYING, "memcpy-256")));
    assertTrue(options.wants(new Row(Group.X87, "polynomial")));
    assertTrue(options.wants(new Row(Group.CODE, "patch")));
    assertFalse(options.wants(new Row(Group.INTEGER, "fib")));
    assertFalse(parse("--only x8").wants(new Row(Group.X87, "polynomial")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"--runs", "--runs many", "--engine jit", "--fast yes", "--only fib --runs"})
  void tellsTheUsage(String line) {
    BenchException wrong = assertThrows(BenchException.class, () -> parse(line));
    assertEquals(BenchOptions.USAGE, wrong.getMessage());
  }

  @Test
  void saysWhatIsNoRegularExpression() {
    BenchException wrong = assertThrows(BenchException.class, () -> parse("--only fib("));
    assertTrue(wrong.getMessage().startsWith("'fib(' is no regular expression"));
  }
}
