package org.maloca.x86.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.x86.RunningMachine;

@Timeout(120)
final class RegionDumpTest {
  /**
   * <pre>
   * 1000: inc eax
   * 1001: cmp byte [DATA], 0
   * 1008: je 1000
   * </pre>
   */
  private static final String LOOP = "40 803d0030000000 74f6";

  @TempDir Path folder;

  private void run(Path target, OptionalLong rip) {
    TranslatorOptions options = TranslatorOptions.DEFAULT.withDumps(new DumpOptions(target, rip));
    try (var machine = new RunningMachine(options, LOOP)) {
      machine.awaitMore("regions", "quick-installed", 0);
    }
  }

  private static Path only(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(one -> one.getFileName().toString().contains("quick"))
          .findFirst()
          .orElseThrow();
    }
  }

  @Test
  void writesGuestCodePlanAndBytecode() throws IOException {
    run(folder, OptionalLong.empty());

    Path region = only(folder);
    assertEquals("00001-quick-1000", region.getFileName().toString());
    List<String> guest = Files.readAllLines(region.resolve("guest.txt"));
    assertEquals(
        "quick region 1 at 1000: 32-bit supervisor code, 3 instructions in 1 blocks",
        guest.getFirst());
    assertEquals("  1000  inc eax", guest.get(3));
    assertEquals("  1008  je $-0xa  ; 1000", guest.get(5));
    List<String> plan = Files.readAllLines(region.resolve("plan.txt"));
    assertEquals("entries: 1000", plan.getFirst());
    assertTrue(plan.contains("  goes on to 1000 (backward)"), plan.toString());
    List<String> bytecode = Files.readAllLines(region.resolve("bytecode.txt"));
    assertTrue(
        bytecode.stream().anyMatch(line -> line.endsWith("; 1001  cmp byte [0x3000], 0x0")),
        String.join("\n", bytecode));
    assertTrue(bytecode.stream().anyMatch(line -> line.matches(".* lload.* base")));
    assertTrue(bytecode.stream().anyMatch(line -> line.endsWith("areturn")));
  }

  @Test
  void writesTheClassFileThatIsDefined() throws IOException {
    run(folder, OptionalLong.empty());

    ClassModel type = ClassFile.of().parse(only(folder).resolve("Region.class"));
    assertEquals(
        List.of("<init>", "<clinit>", "run"),
        type.methods().stream().map(method -> method.methodName().stringValue()).toList());
  }

  @Test
  void writesOnlyWhatHasAnInstructionAtTheAddressAsked() {
    run(folder.resolve("met"), OptionalLong.of(0x1008));
    run(folder.resolve("missed"), OptionalLong.of(0x1007));

    assertTrue(Files.isDirectory(folder.resolve("met")));
    assertFalse(Files.exists(folder.resolve("missed")));
  }

  @Test
  void translatesOnWhenItCannotWrite() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));

    run(file, OptionalLong.empty());

    assertEquals(0, Files.size(file));
  }
}
