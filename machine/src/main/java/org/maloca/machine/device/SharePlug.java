package org.maloca.machine.device;

import java.io.IOException;
import org.maloca.devices.virtio.VirtioPci;
import org.maloca.devices.virtio.ninep.NinepConfig;
import org.maloca.devices.virtio.ninep.VirtioNinep;
import org.maloca.machine.board.DevicePlug;
import org.maloca.machine.board.DeviceSite;
import org.maloca.machine.config.ShareConfig;

/**
 * A folder of the host that the guest mounts by 9P.
 *
 * @param config which folder, and how
 */
public record SharePlug(ShareConfig config) implements DevicePlug {
  @Override
  public void plugInto(DeviceSite site) throws IOException {
    NinepConfig folder =
        new NinepConfig(
            config.folder(), config.isReadOnly(), NinepConfig.Limits.USUAL, config.owner());
    site.addVirtio(
        VirtioNinep.open(site.newId("share"), site.memory(), folder, config.tag()),
        VirtioPci.Identity.NINEP);
  }
}
