package org.maloca.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OutputPlaceTest {
  @TempDir Path folder;

  private static String refusalOfFile(Path file) {
    return assertThrows(CommandException.class, () -> OutputPlace.requireFile("--out", file))
        .getMessage();
  }

  private static String refusalOfFolder(Path folder) {
    return assertThrows(CommandException.class, () -> OutputPlace.requireFolder("--out", folder))
        .getMessage();
  }

  @Test
  void filesMayBeNewOrThereAlready() throws Exception {
    Path there = Files.writeString(folder.resolve("there"), "kept");

    OutputPlace.requireFile("--out", folder.resolve("new"));
    OutputPlace.requireFile("--out", there);

    assertFalse(Files.exists(folder.resolve("new")));
    assertEquals("kept", Files.readString(there));
  }

  @Test
  void filesNeedAFolder() {
    assertEquals(
        "--out: cannot write to %s: there is no folder %s"
            .formatted(folder.resolve("no/file"), folder.resolve("no")),
        refusalOfFile(folder.resolve("no/file")));
    assertEquals(
        "--out: cannot write to %s: it is a folder".formatted(folder), refusalOfFile(folder));
  }

  @Test
  void foldersAreMadeLater() throws Exception {
    OutputPlace.requireFolder("--out", folder);
    OutputPlace.requireFolder("--out", folder.resolve("a/b"));

    assertFalse(Files.exists(folder.resolve("a")));
  }

  @Test
  void foldersCannotBeInFiles() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));

    assertEquals(
        "--out: cannot write to %s: %s is no folder".formatted(file.resolve("a"), file),
        refusalOfFolder(file.resolve("a")));
    assertEquals(
        "--out: cannot write to %s: %s is no folder".formatted(file, file), refusalOfFolder(file));
  }
}
