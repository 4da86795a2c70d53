package org.maloca.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProgramTest {
  @TempDir Path sources;
  private Path programs;

  @BeforeEach
  void makeFolder() throws IOException {
    programs = Files.createDirectory(sources.resolve("programs"));
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(programs.resolve(name), text);
  }

  @Test
  void readsWhatAScriptNeeds() throws Exception {
    write(
        "lua.sh",
        """
        # An interpreter.
        # packages: lua5.4 dash
        # text: 12
        # with: work programs/common.lua
        lua5.4 /program/lua.lua
        """);
    write("lua.lua", "print(1)");
    write("luajit.lua", "print(2)");

    Path script = programs.resolve("lua.sh");
    Path beside = programs.resolve("lua.lua");
    assertEquals(
        List.of(
            new Program(
                "lua",
                Group.PROGRAMS,
                List.of("lua5.4", "dash"),
                12,
                List.of(programs.resolve("common.lua"), beside, script, sources.resolve("work")))),
        Program.all(sources));
  }

  @Test
  void needsNothingButPackages() throws Exception {
    write("b.sh", "# packages: b\nb\n");
    write("a.sh", "# packages: a\n# group: code\n\n# text: 7\na\n");

    List<Program> found = Program.all(sources);

    assertEquals(List.of("a", "b"), found.stream().map(Program::name).toList());
    assertEquals(new Row(Group.CODE, "a"), found.getFirst().row());
    assertEquals(0, found.getFirst().textMebibytes());
    assertEquals(List.of(programs.resolve("b.sh")), found.getLast().files());
  }

  @Test
  void refusesAScriptWithoutPackages() throws IOException {
    write("a.sh", "a\n");

    assertThrows(BenchException.class, () -> Program.all(sources));
  }
}
