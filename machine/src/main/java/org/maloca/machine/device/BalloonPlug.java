package org.maloca.machine.device;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.maloca.devices.virtio.VirtioPci;
import org.maloca.devices.virtio.balloon.VirtioBalloon;
import org.maloca.machine.board.DevicePlug;
import org.maloca.machine.board.DeviceSite;

/** A virtio memory balloon. */
public final class BalloonPlug implements DevicePlug {
  private final long targetBytes;
  private final AtomicReference<VirtioBalloon> device = new AtomicReference<>();

  /**
   * Will make a balloon.
   *
   * @param targetBytes what the guest is asked to give up from the start
   */
  public BalloonPlug(long targetBytes) {
    this.targetBytes = targetBytes;
  }

  @Override
  public void plugInto(DeviceSite site) {
    VirtioBalloon balloon = new VirtioBalloon(site.newId("balloon"), site.memory(), false);
    balloon.setTargetBytes(targetBytes);
    site.addVirtio(balloon, VirtioPci.Identity.BALLOON);
    device.set(balloon);
  }

  /** The balloon, once it is plugged in: to set its target and to ask how far it is. */
  public Optional<VirtioBalloon> balloon() {
    return Optional.ofNullable(device.get());
  }
}
