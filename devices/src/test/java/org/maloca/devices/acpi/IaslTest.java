package org.maloca.devices.acpi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Takes each table apart and together again with ACPICA's compiler, where the host has it. */
class IaslTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"DSDT", "FACP", "FACS", "APIC", "HPET", "MCFG", "XSDT", "RSDT"})
  void compilerAcceptsTheTable(String name) throws IOException, InterruptedException {
    assumeTrue(isInstalled());
    AcpiTables.Placed table =
        AcpiTables.build(AcpiConfig.standard(260, 0x100_0000_0000L, 4)).placed().stream()
            .filter(placed -> placed.name().equals(name))
            .findFirst()
            .orElseThrow();
    Files.write(folder.resolve("table.dat"), table.bytes());

    String taken = run("iasl", "-d", "table.dat");
    String source = Files.readString(folder.resolve("table.dsl"), StandardCharsets.ISO_8859_1);
    String compiled = run("iasl", "-p", "again", "table.dsl");

    assertEquals(false, (taken + source).contains("Invalid"), taken);
    assertEquals(false, (taken + source).contains("ncorrect checksum"), taken);
    assertTrue(compiled.contains("Compilation successful. 0 Errors, 0 Warnings"), compiled);
  }

  private static boolean isInstalled() throws InterruptedException {
    try {
      new ProcessBuilder("iasl", "-v")
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
      return true;
    } catch (IOException notFound) {
      return false;
    }
  }

  private String run(String... command) throws IOException, InterruptedException {
    Path log = folder.resolve("log");
    new ProcessBuilder(command)
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start()
        .waitFor();
    return Files.readString(log, StandardCharsets.ISO_8859_1);
  }
}
