package org.maloca.machine.device;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.BlockBackend;
import org.maloca.devices.disk.DiskErrors;
import org.maloca.devices.scsi.CdDrive;
import org.maloca.devices.scsi.LogicalUnit;
import org.maloca.devices.scsi.ScsiDisk;
import org.maloca.devices.virtio.VirtioPci;
import org.maloca.devices.virtio.scsi.VirtioScsi;
import org.maloca.machine.board.DevicePlug;
import org.maloca.machine.board.DeviceSite;
import org.maloca.machine.config.DiskConfig;

/** A virtio SCSI controller with its discs and CD drives, each a target of its own. */
public final class ScsiPlug implements DevicePlug {
  private final List<Unit> units = new ArrayList<>();
  private final AtomicReference<VirtioScsi> controller = new AtomicReference<>();

  private record Unit(DiskConfig config, @Nullable BlockBackend backend) {}

  /**
   * Adds a disc or a CD, as the next target; before the machine is built.
   *
   * @param backend closed with the machine; null for a drive without a disc
   */
  public ScsiPlug add(DiskConfig config, @Nullable BlockBackend backend) {
    units.add(new Unit(config, backend));
    return this;
  }

  @Override
  public void plugInto(DeviceSite site) {
    int queues = units.stream().mapToInt(unit -> unit.config.queues()).max().orElse(1);
    boolean isPacked = units.stream().anyMatch(unit -> unit.config.isPacked());
    String id = site.newId("scsi");
    VirtioScsi scsi = new VirtioScsi(id, site.memory(), queues, isPacked);
    for (int target = 0; target < units.size(); target++) {
      scsi.attach(target, 0, make("%s-%d".formatted(id, target), units.get(target), site));
    }
    site.addVirtio(scsi, VirtioPci.Identity.SCSI);
    controller.set(scsi);
  }

  private static LogicalUnit make(String id, Unit unit, DeviceSite site) {
    DiskConfig config = unit.config;
    DiskErrors errors =
        new DiskErrors(config.writeError(), config.readError(), site::pauseForError);
    return config.isCdrom()
        ? new CdDrive(id, unit.backend, config.serial(), errors)
        : new ScsiDisk(id, Objects.requireNonNull(unit.backend), config.serial(), errors);
  }

  /** The machine's CD drives in the order of their targets, once they are plugged in. */
  public Optional<List<CdDrive>> drives() {
    return controller().map(VirtioScsi::drives);
  }

  /** The controller, once it is plugged in: to attach and detach units while the machine runs. */
  public Optional<VirtioScsi> controller() {
    return Optional.ofNullable(controller.get());
  }
}
