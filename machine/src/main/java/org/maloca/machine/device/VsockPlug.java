package org.maloca.machine.device;

import java.io.IOException;
import java.nio.file.Path;
import org.maloca.devices.virtio.VirtioPci;
import org.maloca.devices.virtio.vsock.VirtioVsock;
import org.maloca.machine.board.DevicePlug;
import org.maloca.machine.board.DeviceSite;

/**
 * A virtio socket device, bridged to Unix sockets of the host.
 *
 * @param guestCid the guest's id, 3 or more
 * @param path of the socket by which the host reaches the guest
 */
public record VsockPlug(long guestCid, Path path) implements DevicePlug {
  @Override
  public void plugInto(DeviceSite site) throws IOException {
    VirtioVsock vsock = new VirtioVsock(site.newId("vsock"), site.memory(), guestCid, path, false);
    site.addVirtio(vsock, VirtioPci.Identity.VSOCK);
  }
}
