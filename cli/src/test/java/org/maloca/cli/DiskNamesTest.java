package org.maloca.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images whose names are more than plain letters. */
final class DiskNamesTest {
  private static final String ODD = "12 gr\u00fc\u00dfe: \u65e5\u672c";

  private final PrintStream realOut = System.out;
  private final PrintStream realErr = System.err;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  @TempDir Path folder;

  @BeforeEach
  void capture() {
    Assumptions.assumeTrue(isNameable(), "the host's files cannot have such names");
    PrintStream stream = new PrintStream(said, true, StandardCharsets.UTF_8);
    System.setOut(stream);
    System.setErr(stream);
  }

  private boolean isNameable() {
    try {
      return Files.exists(Files.createFile(folder.resolve("a:" + ODD)));
    } catch (java.io.IOException | java.nio.file.InvalidPathException impossible) {
      return false;
    }
  }

  @AfterEach
  void release() {
    System.setOut(realOut);
    System.setErr(realErr);
  }

  private void disk(String... words) {
    said.reset();
    List<String> all = new ArrayList<>(List.of("disk"));
    all.addAll(List.of(words));
    assertEquals(0, Main.run(all.toArray(String[]::new)), () -> all + ": " + said);
  }

  private String in(String name) {
    return folder.resolve(name).toString();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "monolithicSparse",
        "monolithicFlat",
        "twoGbMaxExtentFlat",
        "twoGbMaxExtentSparse"
      })
  void aVmdkFindsItsPieces(String subformat) {
    for (String name : List.of(ODD + ".vmdk", "x:y.vmdk", "a \"b\".vmdk")) {
      disk("create", "-o", "subformat=" + subformat, in(name), "3G");
      disk("check", in(name));
      disk("bench", "-w", "-c", "1", in(name));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"qcow2", "vmdk", "vdi", "vhd", "vhdx"})
  void aDifferenceFindsWhatIsBelow(String format) {
    String below = ODD + "." + format;
    disk("create", "-f", format, in(below), "8M");
    disk("bench", "-w", "-c", "1", in(below));

    disk("create", "-f", format, "-b", below, "-F", format, in("top"));

    disk("compare", in(below), in("top"));
    disk("map", in("top"));
    assertTrue(said.toString(StandardCharsets.UTF_8).contains(below), said::toString);
  }

  /** They are looked for by their names. */
  @Test
  void aVdiBelowIsRefusedThatWouldNotBeFound() {
    disk("create", "-f", "vdi", in("base"), "8M");

    int code = Main.run(new String[] {"disk", "create", "-f", "vdi", "-b", "base", in("top")});

    assertEquals(1, code);
    assertTrue(said.toString(StandardCharsets.UTF_8).contains(".vdi"), said::toString);
    assertFalse(Files.exists(folder.resolve("top")));
  }

  @Test
  void whatIsBelowMayLookLikeAProtocol() {
    disk("create", "-f", "raw", in("nbd:disk"), "8M");
    disk("create", "-f", "qcow2", "-b", "nbd:disk", "-F", "raw", in("top"));
    disk("map", in("top"));
    disk("create", "-f", "raw", in("x:y"), "8M");
    disk("rebase", "-b", "x:y", "-F", "raw", in("top"));
    disk("map", in("top"));
    disk("convert", "-O", "qcow2", "-B", "x:y", "-F", "raw", in("top"), in("copy"));
    disk("compare", in("top"), in("copy"));
  }

  @Test
  void aDataFileMayBeNamedByItsFolder() {
    disk("create", "-f", "qcow2", "-o", "data_file=./x:y.data", in("top"), "8M");

    disk("check", in("top"));
  }
}
