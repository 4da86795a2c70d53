package org.maloca.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineSpecTest {
  private static Set<String> known(String... arguments) {
    return CommandLineSpec.create(arguments).getSubcommands().keySet();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run", "disk", "image", "ssh", "port", "list", "pause", "resume", "stop", "cdrom", "balloon"
      })
  void aCommandThatIsNamedIsDescribedAlone(String name) {
    assertEquals(Set.of(name), known(name, "--help"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--help", "-V", "help", "completion", "rnu"})
  void whoeverMayTellOfCommandsKnowsAll(String first) {
    Set<String> all = known();

    assertTrue(all.size() > 10, all.toString());
    assertEquals(all, known(first, "run"));
  }
}
