package org.maloca.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.condition.OS.LINUX;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;

/** A host whose limit of descriptors is reached, in a process of the test's own. */
@EnabledOnOs(LINUX)
class FewDescriptorsTest {
  private static final int DESCRIPTORS = 100;

  @Test
  @Timeout(300)
  void newFlowsWaitForDescriptorsAndPeopleAreToldOnceWhatToDo() throws Exception {
    String script =
        "ulimit -n %d && exec '%s' -XX:-MaxFDLimit %s -cp '%s' %s"
            .formatted(
                DESCRIPTORS,
                Path.of(System.getProperty("java.home"), "bin", "java"),
                "--enable-native-access=ALL-UNNAMED"
                    + " --add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                System.getProperty("java.class.path"),
                FewDescriptorsProgram.class.getName());
    Process program = new ProcessBuilder("sh", "-c", script).redirectErrorStream(true).start();
    String said = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertEquals(0, program.waitFor(), said);
    List<String> lines = said.lines().toList();
    assertEquals(1, lines.stream().filter(line -> line.contains("ulimit -n")).count(), said);
    assertTrue(lines.containsAll(List.of("told of protocol 1", "connected", "heard")), said);
  }
}
