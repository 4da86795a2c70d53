package org.maloca.machine.device;

import org.maloca.core.backend.BlockBackend;
import org.maloca.devices.virtio.VirtioPci;
import org.maloca.devices.virtio.block.VirtioBlock;
import org.maloca.machine.board.DevicePlug;
import org.maloca.machine.board.DeviceSite;
import org.maloca.machine.config.DiskConfig;

/**
 * A virtio disk.
 *
 * @param config how the guest sees it
 * @param backend its bytes; closed with the machine
 */
public record DiskPlug(DiskConfig config, BlockBackend backend) implements DevicePlug {
  @Override
  public void plugInto(DeviceSite site) {
    VirtioBlock.Options options =
        new VirtioBlock.Options(
            config.serial(),
            config.queues(),
            config.isPacked(),
            config.writeError(),
            config.readError());
    VirtioBlock disk =
        new VirtioBlock(site.newId("disk"), site.memory(), backend, options, site::pauseForError);
    switch (config.bus()) {
      case MMIO -> site.addVirtioMmio(disk);
      case PCIE ->
          site.addBehindRootPort(new VirtioPci(disk, VirtioPci.Identity.BLOCK, site.messages()));
      case VIRTIO -> site.addVirtio(disk, VirtioPci.Identity.BLOCK);
      case SCSI -> throw new IllegalArgumentException("SCSI disks are added to a ScsiPlug");
    }
  }
}
