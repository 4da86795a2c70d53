package org.maloca.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What {@code maloca} runs from, while the sources change. */
@EnabledOnOs(OS.LINUX)
class BuildsTest {
  @TempDir Path root;
  private ScratchCheckout checkout;

  @BeforeEach
  void build() throws Exception {
    checkout = new ScratchCheckout(root);
    checkout.change("one");
    assertEquals(List.of("started one", "late one"), checkout.run("say"));
  }

  @Test
  void aRunningProgramKeepsItsClassesWhenAnotherStartBuilds() throws Exception {
    ScratchCheckout.Running running = checkout.start("wait");
    running.await("started one");

    checkout.change("two");
    assertEquals(List.of("started two", "late two"), checkout.run("say"));
    assertEquals(2, checkout.kept().size());

    running.type();
    assertEquals(List.of("late one"), running.rest());
  }

  @Test
  void aRunningProgramKeepsItsClassesWhenMavenCleans() throws Exception {
    ScratchCheckout.Running running = checkout.start("wait");
    running.await("started one");

    checkout.clean();

    running.type();
    assertEquals(List.of("late one"), running.rest());
  }

  @Test
  void buildsGoOnceNobodyRunsFromThem() throws Exception {
    ScratchCheckout.Running running = checkout.start("wait");
    running.await("started one");
    checkout.change("two");
    checkout.run("say");
    running.type();
    running.rest();

    checkout.run("say");

    assertEquals(1, checkout.kept().size());
    assertEquals(2, checkout.builds());
  }

  @Test
  void startsAtOnceBuildOnce() throws Exception {
    checkout.change("two");

    List<ScratchCheckout.Running> started = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      started.add(checkout.start("say"));
    }

    for (ScratchCheckout.Running each : started) {
      assertEquals(List.of("started two", "late two"), each.rest());
    }
    assertEquals(2, checkout.builds());
  }

  @Test
  void theSameJarsBuiltAgainStayTheSameBuild() throws Exception {
    List<Path> before = checkout.kept();
    checkout.touch();

    assertEquals(List.of("started one", "late one"), checkout.run("say"));

    assertEquals(2, checkout.builds());
    assertEquals(before, checkout.kept());
  }
}
