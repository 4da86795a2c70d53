package org.maloca.machine.device;

import java.security.SecureRandom;
import org.maloca.devices.virtio.VirtioPci;
import org.maloca.devices.virtio.rng.VirtioRng;
import org.maloca.machine.board.DevicePlug;
import org.maloca.machine.board.DeviceSite;

/**
 * A virtio entropy device, fed by the host.
 *
 * @param bytesPerSecond most that the guest gets; {@link VirtioRng#UNLIMITED} for no limit
 */
public record RngPlug(long bytesPerSecond) implements DevicePlug {
  @Override
  public void plugInto(DeviceSite site) {
    VirtioRng rng =
        new VirtioRng(
            site.newId("rng"),
            site.memory(),
            site.clock(),
            new SecureRandom(),
            bytesPerSecond,
            false);
    site.addVirtio(rng, VirtioPci.Identity.ENTROPY);
  }
}
