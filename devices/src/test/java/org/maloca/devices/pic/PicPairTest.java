package org.maloca.devices.pic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.maloca.core.bus.PortBus;
import org.maloca.core.snapshot.SectionBuffer;
import org.maloca.devices.RecordingLine;

class PicPairTest {
  private final RecordingLine intr = new RecordingLine();
  private final PicPair pics = new PicPair(intr);
  private final PortBus ports = new PortBus();

  @BeforeEach
  void initializeAsKernelsDo() {
    pics.register(ports);
    initialize(0x20, 0x30, 4, 1);
    initialize(0xa0, 0x38, 2, 1);
  }

  private void initialize(int port, int vectorBase, int cascade, int icw4) {
    ports.write(port, 1, 0x11);
    ports.write(port + 1, 1, vectorBase);
    ports.write(port + 1, 1, cascade);
    ports.write(port + 1, 1, icw4);
    ports.write(port + 1, 1, 0);
  }

  @Test
  void edgeRaisesIntrAndGivesItsVector() {
    pics.input(0).pulse();

    assertTrue(intr.level);
    assertEquals(0x30, pics.acknowledge());
    assertFalse(intr.level);
  }

  @Test
  void slaveInputComesThroughTheCascade() {
    pics.input(12).raise();

    assertEquals(0x3c, pics.acknowledge());
    ports.write(0xa0, 1, 0x0b);
    assertEquals(0x10, ports.read(0xa0, 1));
    ports.write(0x20, 1, 0x0b);
    assertEquals(0x04, ports.read(0x20, 1));
  }

  @Test
  void lowerPriorityWaitsForEoi() {
    pics.input(1).pulse();
    pics.acknowledge();

    pics.input(3).pulse();
    boolean before = intr.level;
    ports.write(0x20, 1, 0x20);

    assertFalse(before);
    assertTrue(intr.level);
    assertEquals(0x33, pics.acknowledge());
  }

  @Test
  void higherPriorityNests() {
    pics.input(3).pulse();
    pics.acknowledge();

    pics.input(1).pulse();

    assertTrue(intr.level);
    assertEquals(0x31, pics.acknowledge());
  }

  @Test
  void secondSlaveRequestMakesANewEdgeAfterBothEois() {
    pics.input(9).pulse();
    pics.input(8).pulse();
    pics.acknowledge();

    ports.write(0xa0, 1, 0x20);
    ports.write(0x20, 1, 0x20);

    assertTrue(intr.level);
    assertEquals(0x39, pics.acknowledge());
  }

  @Test
  void nothingRequestedIsSpuriousSeven() {
    assertEquals(0x37, pics.acknowledge());
  }

  @Test
  void slaveRequestThatWasMaskedIsSpuriousFifteen() {
    pics.input(10).pulse();
    ports.write(0xa1, 1, 0xff);

    assertEquals(0x3f, pics.acknowledge());
    ports.write(0xa0, 1, 0x0b);
    assertEquals(0, ports.read(0xa0, 1));
  }

  @Test
  void maskHidesButKeepsTheRequest() {
    ports.write(0x21, 1, 0x10);
    pics.input(4).pulse();
    boolean masked = intr.level;

    ports.write(0x21, 1, 0);

    assertFalse(masked);
    assertTrue(intr.level);
  }

  @Test
  void levelInputAsksAgainUntilItFalls() {
    ports.write(0x4d1, 1, 0x08);
    pics.input(11).raise();
    pics.acknowledge();
    ports.write(0xa0, 1, 0x20);
    ports.write(0x20, 1, 0x20);
    boolean again = intr.level;

    pics.input(11).lower();

    assertTrue(again);
    // The master keeps the cascade's edge, as the real pair's drivers know: spurious 15.
    assertEquals(0x3f, pics.acknowledge());
  }

  @Test
  void elcrRefusesTheTimerKeyboardAndClock() {
    ports.write(0x4d0, 2, 0xffff);

    assertEquals(0xdef8, ports.read(0x4d0, 2));
  }

  @Test
  void rotationMakesTheServicedInputLowest() {
    pics.input(0).pulse();
    pics.acknowledge();
    ports.write(0x20, 1, 0xa0);

    pics.input(0).pulse();
    pics.input(5).pulse();

    assertEquals(0x35, pics.acknowledge());
  }

  @Test
  void setPriorityPutsTheNextInputFirst() {
    ports.write(0x20, 1, 0xc4);

    pics.input(4).pulse();
    pics.input(5).pulse();

    assertEquals(0x35, pics.acknowledge());
  }

  @Test
  void specialMaskLetsLowerInputsThrough() {
    pics.input(1).pulse();
    pics.acknowledge();
    ports.write(0x21, 1, 0x02);
    ports.write(0x20, 1, 0x68);

    pics.input(6).pulse();

    assertEquals(0x36, pics.acknowledge());
  }

  @Test
  void specificEoiEndsThatInput() {
    pics.input(5).pulse();
    pics.acknowledge();
    pics.input(3).pulse();
    pics.acknowledge();

    ports.write(0x20, 1, 0x65);

    ports.write(0x20, 1, 0x0b);
    assertEquals(0x08, ports.read(0x20, 1));
  }

  @Test
  void automaticEoiLeavesNothingInService() {
    initialize(0x20, 0x30, 4, 3);
    pics.input(5).pulse();

    assertEquals(0x35, pics.acknowledge());

    ports.write(0x20, 1, 0x0b);
    assertEquals(0, ports.read(0x20, 1));
  }

  @Test
  void pollAcknowledges() {
    pics.input(6).pulse();

    ports.write(0x20, 1, 0x0c);

    assertEquals(0x86, ports.read(0x20, 1));
    assertFalse(intr.level);
  }

  @Test
  void specialFullyNestedMasterTakesASecondSlaveRequest() {
    initialize(0x20, 0x30, 4, 0x11);
    pics.input(9).pulse();
    pics.acknowledge();

    pics.input(8).pulse();

    assertTrue(intr.level);
    assertEquals(0x38, pics.acknowledge());
  }

  @Test
  void restoresRequestsWithoutEdges() {
    pics.input(3).raise();
    pics.input(4).pulse();
    pics.acknowledge();
    SectionBuffer saved = new SectionBuffer();
    pics.save(saved);
    RecordingLine otherIntr = new RecordingLine();
    PicPair other = new PicPair(otherIntr);

    other.restore(saved.reader());
    other.input(3).restoreLevel(true);

    assertEquals(1, otherIntr.restored);
    assertFalse(otherIntr.level);
    assertEquals(0x37, other.acknowledge());
  }
}
