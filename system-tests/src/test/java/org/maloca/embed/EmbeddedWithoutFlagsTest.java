package org.maloca.embed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Programs that embed Maloca, in JVMs of their own. */
@Timeout(300)
final class EmbeddedWithoutFlagsTest {
  private static final String ADVICE = "would be faster with these flags of the JVM: ";

  @TempDir Path folder;

  private record Result(List<String> output, List<String> advice) {}

  private Result run(String... flags) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(flags));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(EmbeddingProgram.class.getName(), folder.toString()));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    builder.environment().remove("JDK_JAVA_OPTIONS");
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    assertEquals(0, process.waitFor(), Files.readString(err));
    return new Result(
        Files.readAllLines(out),
        Files.readAllLines(err).stream().filter(line -> line.contains(ADVICE)).toList());
  }

  @Test
  void worksWithoutAnyFlagAndSaysOnceWhichWouldHelp() throws Exception {
    Result result = run();

    assertEquals(
        List.of(
            "exit DEBUG_EXIT 33 translated",
            "exit DEBUG_EXIT 33 translated",
            "memory false, compiler false"),
        result.output());
    assertEquals(1, result.advice().size());
    assertTrue(
        result
            .advice()
            .getFirst()
            .endsWith(
                ADVICE
                    + "--add-exports java.base/jdk.internal.misc=ALL-UNNAMED"
                    + " -XX:+UnlockDiagnosticVMOptions -XX:+WhiteBoxAPI -XX:-DisplayVMOutput"),
        result.advice().getFirst());
  }

  @Test
  void isSilentWithTheFlagsThatItAdvises() throws Exception {
    List<String> flags = new ArrayList<>();
    for (String line : run().advice()) {
      flags.addAll(
          Arrays.asList(line.substring(line.indexOf(ADVICE) + ADVICE.length()).split(" ")));
    }
    Result result = run(flags.toArray(String[]::new));

    assertEquals(
        List.of(
            "exit DEBUG_EXIT 33 translated",
            "exit DEBUG_EXIT 33 translated",
            "memory true, compiler true"),
        result.output());
    assertEquals(List.of(), result.advice());
  }
}
