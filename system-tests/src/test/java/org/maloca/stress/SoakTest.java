package org.maloca.stress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.core.cpu.EngineStatistics;
import org.maloca.machine.lifecycle.Vm;
import org.maloca.machine.lifecycle.VmState;

class SoakTest {
  private static final int MOST_REGIONS = 40;
  private static final int ENOUGH_DROPPED = 300;

  private final Soak soak =
      new Soak(
          new SoakOptions(0, MOST_REGIONS, 1, 1), new PrintStream(OutputStream.nullOutputStream()));

  private static long evicted(EngineStatistics statistics) {
    return statistics.value("region-drops", "evicted").orElse(0);
  }

  /** A part of what {@code ./dev soak} looks at for longer. */
  @Test
  void classesOfDroppedRegionsAreUnloaded(@TempDir Path folder) throws Exception {
    var classes = ManagementFactory.getClassLoadingMXBean();
    Path image = folder.resolve("soak.elf");
    soak.assemble(image);
    long unloadedBefore;
    try (Vm vm = soak.machine(image)) {
      System.gc();
      unloadedBefore = classes.getUnloadedClassCount();
      vm.start();
      while (vm.state() == VmState.RUNNING && evicted(vm.statistics()) < ENOUGH_DROPPED) {
        Thread.sleep(20);
      }

      assertEquals(VmState.RUNNING, vm.state());
      System.gc();
      // What is compiled or called just now stays for a while.
      long unloaded = classes.getUnloadedClassCount() - unloadedBefore;
      assertTrue(unloaded >= ENOUGH_DROPPED / 2, () -> unloaded + " classes unloaded");
      assertTrue(soak.ticks() > 0);
    }
  }

  private static SoakSample sample(int number, long megabytes, double speed) {
    return new SoakSample(
        (long) (number * 1000 * speed),
        number * 1_000_000_000L,
        megabytes << 20,
        0,
        0,
        0,
        5000,
        number,
        100,
        number,
        100);
  }

  private static List<SoakSample> samples(long megabytesPerInterval, double slowerPerInterval) {
    List<SoakSample> samples = new ArrayList<>();
    for (int i = 0; i <= 40; i++) {
      samples.add(sample(i, 200 + i * megabytesPerInterval, 1 - i * slowerPerInterval));
    }
    return samples;
  }

  @Test
  void whatStaysTheSameIsFlat() {
    assertEquals(List.of(), SoakVerdict.of(samples(0, 0)));
  }

  @Test
  void memoryThatGrowsIsNotFlat() {
    List<String> complaints = SoakVerdict.of(samples(4, 0));

    assertEquals(1, complaints.size(), complaints::toString);
    assertTrue(complaints.getFirst().startsWith("resident memory, MiB grew from 260"));
  }

  @Test
  void speedThatFallsIsNotFlat() {
    List<String> complaints = SoakVerdict.of(samples(0, 0.01));

    assertEquals(1, complaints.size(), complaints::toString);
    assertTrue(complaints.getFirst().startsWith("work per CPU second fell"));
  }

  @Test
  void aRunWithoutEvictionShowsNothing() {
    List<SoakSample> samples = new ArrayList<>();
    for (int i = 0; i <= 40; i++) {
      samples.add(new SoakSample(i * 1000L, i * 1_000_000_000L, 0, 0, 0, 0, 50, 1, 9, 7, 9));
    }

    assertEquals(2, SoakVerdict.of(samples).size());
  }
}
