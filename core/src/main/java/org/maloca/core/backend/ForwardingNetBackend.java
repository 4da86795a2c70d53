package org.maloca.core.backend;

/** A backend in front of another, to which all goes that is not overridden. */
public abstract class ForwardingNetBackend implements NetBackend {
  private final NetBackend behind;

  /** Puts this in front of a backend, which is closed with it. */
  protected ForwardingNetBackend(NetBackend behind) {
    this.behind = behind;
  }

  /** The backend behind this one. */
  protected final NetBackend behind() {
    return behind;
  }

  @Override
  public void connect(Port port) {
    behind.connect(port);
  }

  @Override
  public boolean mayTransmit() {
    return behind.mayTransmit();
  }

  @Override
  public void transmit(NetFrame frame) {
    behind.transmit(frame);
  }

  @Override
  public void roomAvailable() {
    behind.roomAvailable();
  }

  @Override
  public void pause() {
    behind.pause();
  }

  @Override
  public void resume() {
    behind.resume();
  }

  @Override
  public void close() {
    behind.close();
  }

  /** The card as the backend behind sees it. */
  public abstract static class ForwardingPort implements Port {
    private final Port card;

    protected ForwardingPort(Port card) {
      this.card = card;
    }

    /** The card itself. */
    protected final Port card() {
      return card;
    }

    @Override
    public void transmitReady() {
      card.transmitReady();
    }

    @Override
    public void linkChanged(boolean isUp) {
      card.linkChanged(isUp);
    }

    @Override
    public int features() {
      return card.features();
    }

    @Override
    public byte[] macAddress() {
      return card.macAddress();
    }
  }
}
