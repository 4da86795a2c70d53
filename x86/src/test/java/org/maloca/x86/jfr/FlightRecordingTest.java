package org.maloca.x86.jfr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.core.jvm.JitCompiler;
import org.maloca.x86.RunningMachine;

/** One recording of one machine, for all tests: to start the recorder takes a while. */
@Timeout(120)
final class FlightRecordingTest {
  /**
   * <pre>
   * top: inc eax
   *      cmp byte [DATA], 0
   *      je top
   *      mov byte [DATA], 0
   *      mov byte [top], 0x40    ; what it is already
   *      jmp top
   * </pre>
   */
  private static final String LOOP_THAT_REWRITES_ITSELF_ON_DEMAND =
      "40 803d0030000000 74f6 c6050030000000 c6050010000040 ebe6";

  @TempDir static Path folder;

  private static List<RecordedEvent> events = List.of();

  @BeforeAll
  static void record() throws IOException {
    Path file = folder.resolve("recording.jfr");
    try (Recording recording = startedRecording();
        var machine = new RunningMachine(true, LOOP_THAT_REWRITES_ITSELF_ON_DEMAND, "f4")) {
      machine.awaitMore("regions", "quick-installed", 0);
      machine.memory.write(RunningMachine.DATA, 1, 1);
      machine.awaitMore("region-drops", "overwritten", 0);
      // The translator books what HotSpot made of it after the vCPU got it, and perhaps lost it.
      machine.awaitMore("quick", JitCompiler.isAvailable() ? "compiled" : "uncompiled", 0);
      machine.stop();
      machine.vcpu.restore(machine.saved());
      recording.dump(file);
    }
    events =
        RecordingFile.readAllEvents(file).stream()
            .sorted(Comparator.comparing(RecordedEvent::getStartTime))
            .toList();
  }

  /** Started before the machine, which may have translated all that it ever will by then. */
  private static Recording startedRecording() {
    Recording recording = new Recording();
    recording.enable("maloca.VcpuStatistics").with("period", "everyChunk");
    recording.start();
    return recording;
  }

  @AfterAll
  static void forget() {
    events = List.of();
  }

  private static List<RecordedEvent> named(String name) {
    return events.stream().filter(event -> event.getEventType().getName().equals(name)).toList();
  }

  private static RecordedEvent first(String name) {
    List<RecordedEvent> found = named(name);
    assertNotEquals(List.of(), found, name);
    return found.getFirst();
  }

  @Test
  void recordsWhatWasTranslated() {
    RecordedEvent event = first("maloca.RegionTranslated");

    assertEquals(RunningMachine.CODE, event.getLong("rip"));
    assertEquals("32-bit supervisor", event.getString("mode"));
    assertEquals("quick", event.getString("kind"));
    assertTrue(event.getInt("guestInstructions") >= 3);
    assertTrue(event.getInt("bytecode") > 0);
    assertTrue(event.getDuration("defineTime").toNanos() > 0);
  }

  @Test
  void recordsWhatTheJvmMadeOfIt() {
    int region = first("maloca.RegionTranslated").getInt("region");

    assertEquals(region, first("maloca.RegionCompiled").getInt("region"));
  }

  @Test
  void recordsWhyRegionsAreDropped() {
    // The optimizing compiler may have been quicker than the store, and replaced one before.
    RecordedEvent event =
        named("maloca.RegionDropped").stream()
            .filter(dropped -> dropped.getString("cause").equals("code was written to"))
            .findFirst()
            .orElseThrow();

    assertTrue(event.getLong("executedInstructions") > 0);
    assertTrue(
        named("maloca.RegionTranslated").stream()
            .anyMatch(translated -> translated.getInt("region") == event.getInt("region")));
  }

  @Test
  void recordsFlushesOfTheCodeCache() {
    List<RecordedEvent> flushes = named("maloca.CodeCacheFlushed");

    assertEquals("STATE_REPLACED", flushes.getLast().getString("cause"));
    assertTrue(flushes.getLast().getInt("blocks") > 0);
  }

  @Test
  void samplesEachVcpu() {
    RecordedEvent event = named("maloca.VcpuStatistics").getLast();

    assertEquals(0, event.getInt("vcpu"));
    assertTrue(event.getLong("instructions") > 0);
    assertEquals("Maloca", event.getEventType().getCategoryNames().getFirst());
  }
}
