package org.maloca.cli.cloud;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CloudConfigSyntaxTest {
  private static Optional<String> problem(String userData) {
    return CloudConfigSyntax.problemOfUserData(userData.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "#cloud-config\n",
        "#cloud-config\npackages: [nginx]\nruncmd:\n  - echo a: b > /x\n  - [ls, -l]\n",
        "#cloud-config\r\n# only words\r\n",
        "#cloud-config-archive\n- type: text/cloud-config\n  content: |\n    a: b\n",
        "#!/bin/sh\nnot: [yaml\n",
        "#include\nhttps://example.org/x\n",
        "## template: jinja\n#cloud-config\n{% if x %}\n",
        "Content-Type: multipart/mixed; boundary=x\n\n--x\n",
        "\u001f\u008b"
      })
  void takesWhatCloudInitTakes(String userData) {
    assertEquals(
        Optional.empty(),
        CloudConfigSyntax.problemOfUserData(userData.getBytes(StandardCharsets.ISO_8859_1)));
  }

  @Test
  void saysWhereTheMistakeIs() {
    assertEquals(
        Optional.of("line 3, column 9: mapping values are not allowed here"),
        problem("#cloud-config\na: b\nusers: a: b\n"));
    assertTrue(
        problem("#cloud-config\nruncmd:\n\t- ls\n").orElse("").startsWith("line 3, column 1"));
    assertTrue(problem("#cloud-config\npackages: [nginx\n").isPresent());
    assertTrue(problem("#cloud-config\na: \"\\q\"\n").isPresent());
    assertTrue(problem("#cloud-config\na: \u0001\n").isPresent());
  }

  @Test
  void refusesWhatCloudInitWouldIgnore() {
    assertEquals(
        Optional.of("it is not a mapping ('key: value')"), problem("#cloud-config\n- a\n"));
    assertTrue(problem("packages: [nginx]\n").orElse("").contains("#cloud-config"));
  }

  @Test
  void aNetworkConfigIsAMapping() {
    byte[] good = "version: 2\nethernets: {}\n".getBytes(StandardCharsets.UTF_8);
    byte[] bad = "version: 2\n ethernets: {}\n".getBytes(StandardCharsets.UTF_8);
    assertEquals(Optional.empty(), CloudConfigSyntax.problemOfNetworkConfig(good));
    assertTrue(CloudConfigSyntax.problemOfNetworkConfig(bad).isPresent());
  }
}
