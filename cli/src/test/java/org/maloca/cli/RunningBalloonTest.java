package org.maloca.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.MemoryMap;
import org.maloca.devices.virtio.balloon.VirtioBalloon;

class RunningBalloonTest {
  private static final long MIB = 1 << 20;

  private final VirtioBalloon device =
      new VirtioBalloon("balloon0", new GuestMemory(MemoryMap.EMPTY, 0), false);
  private final RunningBalloon balloon = new RunningBalloon(() -> Optional.of(device), 512 * MIB);

  private BalloonState ask(String request) throws IOException {
    return BalloonState.parse(balloon.answer(request).orElseThrow());
  }

  @Test
  void takesSizesAndDifferences() throws IOException {
    assertEquals(100 * MIB, ask("set 100").target());
    assertEquals(164 * MIB, ask("set +64M").target());
    assertEquals(0, ask("set -1G").target());
    assertEquals(512 * MIB, ask("set 0.5G").target());
    assertEquals(512 * MIB, device.targetBytes());
    BalloonState shown = ask("show");
    assertEquals(512 * MIB, shown.target());
    assertEquals(512 * MIB, shown.memory());
    assertFalse(shown.isInUse());
    assertFalse(shown.isDone());
  }

  @ParameterizedTest
  @ValueSource(strings = {"set 513M", "set +513M", "set +8191P", "set lots", "fill"})
  void refusesWhatCannotBe(String request) {
    assertThrows(Exception.class, () -> balloon.answer(request));
    assertEquals(0, device.targetBytes());
  }

  @Test
  void aMachineThatIsBeingBuiltIsFoundButNotReady() throws IOException {
    RunningBalloon early = new RunningBalloon(Optional::empty, 512 * MIB);
    assertEquals(Optional.of(""), early.answer(RunningBalloon.PROBE));
    assertThrows(IOException.class, () -> early.answer(RunningBalloon.SHOW));
  }

  @Test
  void saysHowFarItIs() {
    BalloonState half =
        new BalloonState(true, 128 * MIB, 64 * MIB, 512 * MIB, 100 * MIB, 200 * MIB, 400 * MIB);
    assertEquals(half, BalloonState.parse(half.toString()));
    assertEquals(
        "the balloon has 64 MiB of 512 MiB, and is to have 128 MiB; the guest has 400 MiB,"
            + " 100 MiB free, 200 MiB available",
        half.describe());
    String undriven = new BalloonState(false, 0, 0, MIB, -1, -1, -1).describe();
    assertEquals("the balloon has 0 B of 1 MiB; the guest has no driver for it", undriven);
    assertEquals(BalloonState.UNKNOWN, BalloonState.parse("driver=true actual=5").total());
  }

  @Test
  void tellsSizesFromNames() {
    for (String size : new String[] {"0", "256", "256M", "1.5GiB", "+64M", "-1"}) {
      assertTrue(BalloonSize.isMeantBy(size), size);
    }
    for (String name : new String[] {"web", "web-1", "2go", "a1"}) {
      assertFalse(BalloonSize.isMeantBy(name), name);
    }
  }
}
