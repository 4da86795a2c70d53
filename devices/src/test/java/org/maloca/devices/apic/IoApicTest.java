package org.maloca.devices.apic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.maloca.core.snapshot.SectionBuffer;

class IoApicTest {
  private static final long TO_CPU_1 = 1L << 56;
  private static final int LEVEL = 1 << 15;
  private static final int MASKED = 1 << 16;
  private static final int REMOTE_IRR = 1 << 14;

  private final ApicBoard board = new ApicBoard().enabled();

  private int acknowledge() {
    return board.apic(1).acknowledge();
  }

  private void endOfInterrupt() {
    board.write(1, 0xb0, 0);
  }

  @Test
  void versionAndIdRead() {
    board.ioApic.write(0, 4, 1);
    assertEquals(0x0017_0020, board.ioApic.read(0x10, 4));
    board.ioApic.write(0, 4, 0);
    board.ioApic.write(0x10, 4, 0x0500_0000);
    assertEquals(0x0500_0000, board.ioApic.read(0x10, 4));
  }

  @Test
  void edgeDeliversOncePerRise() {
    board.redirect(4, TO_CPU_1 | 0x54);

    board.ioApic.input(4).raise();
    board.ioApic.input(4).raise();

    assertEquals(0x54, acknowledge());
    endOfInterrupt();
    assertEquals(-1, acknowledge());
    board.ioApic.input(4).pulse();
    assertEquals(-1, acknowledge());
    board.ioApic.input(4).pulse();
    assertEquals(0x54, acknowledge());
  }

  @Test
  void edgeAtAMaskedInputIsLost() {
    board.redirect(4, TO_CPU_1 | MASKED | 0x54);
    board.ioApic.input(4).raise();

    board.redirect(4, TO_CPU_1 | 0x54);

    assertEquals(-1, acknowledge());
  }

  @Test
  void levelComesAgainAfterEoiWhileAsserted() {
    board.redirect(16, TO_CPU_1 | LEVEL | 0x60);
    board.ioApic.input(16).raise();
    assertEquals(0x60, acknowledge());
    assertEquals(REMOTE_IRR, board.entry(16) & REMOTE_IRR);

    endOfInterrupt();

    assertEquals(0x60, acknowledge());
    board.ioApic.input(16).lower();
    endOfInterrupt();
    assertEquals(-1, acknowledge());
    assertEquals(0, board.entry(16) & REMOTE_IRR);
  }

  @Test
  void levelWaitsWhileMasked() {
    board.redirect(16, TO_CPU_1 | LEVEL | MASKED | 0x60);
    board.ioApic.input(16).raise();
    assertEquals(-1, acknowledge());

    board.redirect(16, TO_CPU_1 | LEVEL | 0x60);

    assertEquals(0x60, acknowledge());
  }

  @Test
  void polarityChangesNothing() {
    board.redirect(16, TO_CPU_1 | LEVEL | 1 << 13 | 0x60);
    assertEquals(-1, acknowledge());

    board.ioApic.input(16).raise();

    assertEquals(0x60, acknowledge());
  }

  @Test
  void suppressedBroadcastWaitsForTheEoiRegister() {
    board.write(1, 0xf0, 0x11ff);
    board.redirect(16, TO_CPU_1 | LEVEL | 0x60);
    board.ioApic.input(16).raise();
    acknowledge();
    endOfInterrupt();
    boolean before = board.pins.get(1).interrupt;

    board.ioApic.write(0x40, 4, 0x60);

    assertFalse(before);
    assertTrue(board.pins.get(1).interrupt);
  }

  @Test
  void switchingToEdgeClearsRemoteIrr() {
    board.redirect(16, TO_CPU_1 | LEVEL | 0x60);
    board.ioApic.input(16).raise();
    acknowledge();

    board.redirect(16, TO_CPU_1 | MASKED | 0x60);

    assertEquals(0, board.entry(16) & REMOTE_IRR);
  }

  @Test
  void nmiEntryReachesThePin() {
    board.redirect(2, TO_CPU_1 | 0x400);

    board.ioApic.input(2).pulse();

    assertEquals(1, board.pins.get(1).nmis);
  }

  @Test
  void extIntEntryAsksThePic() {
    board.bus.connectPic(() -> 0x37);
    board.redirect(0, TO_CPU_1 | 0x700);

    board.ioApic.input(0).raise();

    assertEquals(0x37, acknowledge());
    assertFalse(board.pins.get(1).interrupt);
  }

  @Test
  void restoresLevelsWithoutDelivering() {
    board.redirect(16, TO_CPU_1 | LEVEL | 0x60);
    board.ioApic.input(16).raise();
    SectionBuffer saved = new SectionBuffer();
    board.ioApic.save(saved);
    ApicBoard other = new ApicBoard().enabled();

    other.ioApic.restore(saved.reader());
    other.ioApic.input(16).restoreLevel(true);

    assertEquals(-1, other.apic(1).acknowledge());
    assertEquals(board.entry(16), other.entry(16));
  }
}
