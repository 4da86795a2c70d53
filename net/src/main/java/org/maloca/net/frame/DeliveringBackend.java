package org.maloca.net.frame;

import org.maloca.core.backend.NetBackend;

/** A backend whose frames for the guest wait until it has room and its machine is not paused. */
public abstract class DeliveringBackend implements NetBackend {
  private final FrameDelivery delivery = new FrameDelivery();

  /** The way to the guest; closed by whoever extends this. */
  protected final FrameDelivery delivery() {
    return delivery;
  }

  @Override
  public final void roomAvailable() {
    delivery.roomAvailable();
  }

  @Override
  public final void pause() {
    delivery.pause();
  }

  @Override
  public final void resume() {
    delivery.resume();
  }
}
