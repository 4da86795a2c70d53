package org.maloca.net.impair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.maloca.core.backend.NetBackend;
import org.maloca.core.backend.NetFrame;
import org.maloca.net.frame.Frames;
import org.maloca.net.frame.PlainCard;

class ImpairedBackendTest {
  private static final int FRAMES = 10_000;

  /** What came, by number; gives each frame back to the card. */
  private static final class Echo implements NetBackend {
    final List<Integer> numbers = new ArrayList<>();
    private Port card;

    @Override
    public void connect(Port port) {
      card = port;
    }

    @Override
    public void transmit(NetFrame frame) {
      numbers.add(Frames.number(frame.bytes()));
      card.receive(frame);
    }

    @Override
    public void close() {}
  }

  private static final class Card implements PlainCard {
    final List<Integer> numbers = new ArrayList<>();

    @Override
    public boolean receive(NetFrame frame) {
      numbers.add(Frames.number(frame.bytes()));
      return true;
    }
  }

  private final Echo echo = new Echo();
  private final Card card = new Card();

  private void send(Impairment impairment) {
    ImpairedBackend line = new ImpairedBackend(echo, impairment);
    line.connect(card);
    for (int i = 0; i < FRAMES; i++) {
      line.transmit(Frames.numbered(i, 60));
    }
  }

  @Test
  void losesItsPartOfTheFramesOfEachDirection() {
    send(new Impairment(0.1, 0, 0, 7));

    assertEquals(0.9 * FRAMES, echo.numbers.size(), 0.02 * FRAMES);
    assertEquals(0.81 * FRAMES, card.numbers.size(), 0.02 * FRAMES);
    assertEquals(echo.numbers.stream().distinct().count(), echo.numbers.size());
  }

  @Test
  void doublesItsPart() {
    send(new Impairment(0, 0.1, 0, 7));

    assertEquals(1.1 * FRAMES, echo.numbers.size(), 0.02 * FRAMES);
    assertEquals(FRAMES, echo.numbers.stream().distinct().count());
  }

  @Test
  void letsTheNextFrameOvertakeItsPartAndLosesNone() {
    send(new Impairment(0, 0, 0.1, 7));

    long overtaken = 0;
    for (int i = 1; i < echo.numbers.size(); i++) {
      overtaken += echo.numbers.get(i) < echo.numbers.get(i - 1) ? 1 : 0;
    }
    assertEquals(0.1 * FRAMES, overtaken, 0.02 * FRAMES);
    // The last may still be held back.
    assertTrue(echo.numbers.stream().distinct().count() >= FRAMES - 1);
  }

  @Test
  void repeatsItselfFromTheSameSeed() {
    send(new Impairment(0.1, 0.1, 0.1, 42));
    List<Integer> first = List.copyOf(card.numbers);
    card.numbers.clear();

    send(new Impairment(0.1, 0.1, 0.1, 42));

    assertEquals(first, card.numbers);
  }

  @Test
  void refusesMoreMisfortuneThanThereAreFrames() {
    assertThrows(IllegalArgumentException.class, () -> new Impairment(0.5, 0.4, 0.2, 0));
    assertThrows(IllegalArgumentException.class, () -> new Impairment(-0.1, 0, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> new Impairment(Double.NaN, 0, 0, 0));
  }
}
