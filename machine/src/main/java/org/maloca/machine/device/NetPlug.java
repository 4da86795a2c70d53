package org.maloca.machine.device;

import org.maloca.core.backend.NetBackend;
import org.maloca.devices.virtio.VirtioPci;
import org.maloca.devices.virtio.net.VirtioNet;
import org.maloca.machine.board.DevicePlug;
import org.maloca.machine.board.DeviceSite;

/**
 * A virtio network card.
 *
 * @param options how the guest sees it
 * @param backend what its cable leads to; closed with the machine
 */
public record NetPlug(VirtioNet.Options options, NetBackend backend) implements DevicePlug {
  @Override
  public void plugInto(DeviceSite site) {
    site.addVirtio(
        new VirtioNet(site.newId("net"), site.memory(), backend, options), VirtioPci.Identity.NET);
  }
}
