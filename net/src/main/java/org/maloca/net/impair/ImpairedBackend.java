package org.maloca.net.impair;

import java.util.SplittableRandom;
import org.maloca.core.backend.ForwardingNetBackend;
import org.maloca.core.backend.NetBackend;
import org.maloca.core.backend.NetFrame;

/**
 * A bad line in front of another backend: frames of both directions are lost, doubled, or held back
 * until the next one has overtaken them. A large frame counts as one: all that it stands for meets
 * with the same. Thread-safe; allocates nothing.
 */
public final class ImpairedBackend extends ForwardingNetBackend {
  private final Impairment impairment;
  private final Direction out;
  private final Direction in;

  private enum Fate {
    PASS,
    LOSE,
    DOUBLE,
    HOLD
  }

  /** What happens to the frames of one direction, and the one that is held back. */
  private static final class Direction {
    private final Impairment impairment;
    private final SplittableRandom random;
    final NetFrame held = new NetFrame();
    boolean isHolding;

    Direction(Impairment impairment, long seed) {
      this.impairment = impairment;
      random = new SplittableRandom(seed);
    }

    Fate next() {
      double fate = random.nextDouble();
      if (fate < impairment.loss()) {
        return Fate.LOSE;
      }
      fate -= impairment.loss();
      if (fate < impairment.duplication()) {
        return Fate.DOUBLE;
      }
      fate -= impairment.duplication();
      return fate < impairment.reordering() && !isHolding ? Fate.HOLD : Fate.PASS;
    }

    void hold(NetFrame frame) {
      held.copyFrom(frame);
      isHolding = true;
    }
  }

  /** Puts a bad line in front of a backend, which is closed with this one. */
  public ImpairedBackend(NetBackend behind, Impairment impairment) {
    super(behind);
    this.impairment = impairment;
    out = new Direction(impairment, impairment.seed());
    in = new Direction(impairment, impairment.seed() + 1);
  }

  public Impairment impairment() {
    return impairment;
  }

  @Override
  public void connect(Port port) {
    super.connect(new ImpairedPort(port));
  }

  @Override
  public void transmit(NetFrame frame) {
    synchronized (out) {
      switch (out.next()) {
        case LOSE -> {
          return;
        }
        case HOLD -> {
          out.hold(frame);
          return;
        }
        case DOUBLE -> {
          super.transmit(frame);
          frame.bytes().position(0);
          super.transmit(frame);
        }
        case PASS -> super.transmit(frame);
      }
      if (out.isHolding) {
        out.isHolding = false;
        super.transmit(out.held);
      }
    }
  }

  /** The card as the backend behind sees it. */
  private final class ImpairedPort extends ForwardingPort {
    ImpairedPort(Port card) {
      super(card);
    }

    @Override
    public boolean receive(NetFrame frame) {
      synchronized (in) {
        switch (in.next()) {
          case LOSE -> {
            return true;
          }
          case HOLD -> {
            in.hold(frame);
            return true;
          }
          case DOUBLE -> {
            if (!card().receive(frame)) {
              return false;
            }
            frame.bytes().position(0);
            card().receive(frame);
          }
          case PASS -> {
            if (!card().receive(frame)) {
              return false;
            }
          }
        }
        if (in.isHolding) {
          // Without room for it, it is lost.
          in.isHolding = false;
          card().receive(in.held);
        }
        return true;
      }
    }
  }
}
