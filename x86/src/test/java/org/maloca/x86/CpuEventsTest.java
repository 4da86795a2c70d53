package org.maloca.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class CpuEventsTest {
  private final CpuEvents events = new CpuEvents();

  @Test
  void aStartupThatNobodyWaitsForIsForgotten() {
    events.postStartup(8);
    events.dropStartup();

    assertEquals(0, events.poll());
  }

  @Test
  void aStartupBehindAnInitThatWasNotSeenYetIsKept() {
    events.post(CpuEvents.INIT);
    events.postStartup(8);
    events.dropStartup();

    assertEquals(CpuEvents.INIT | CpuEvents.STARTUP, events.poll());
    assertEquals(8, events.startupVector());
  }

  @Test
  void aMaskedInterruptStopsTheVcpuOnceAndIsPostedWhenInterruptsArePermitted() {
    events.setInterrupt(true);
    assertEquals(CpuEvents.INTERRUPT, events.poll());

    events.holdInterrupt();
    events.setInterrupt(false);
    events.setInterrupt(true);
    assertEquals(0, events.poll());

    events.releaseInterrupt();
    assertEquals(CpuEvents.INTERRUPT, events.poll());
  }

  @Test
  void anInterruptThatWentAwayWhileItWasHeldIsNotPosted() {
    events.setInterrupt(true);
    events.holdInterrupt();
    events.setInterrupt(false);

    events.releaseInterrupt();

    assertEquals(0, events.poll());
  }

  @Test
  void afterItsReleaseTheBitFollowsTheLevelAgain() {
    events.setInterrupt(true);
    events.holdInterrupt();
    events.releaseInterrupt();

    events.setInterrupt(false);
    assertEquals(0, events.poll());
    events.setInterrupt(true);
    assertEquals(CpuEvents.INTERRUPT, events.poll());
  }
}
