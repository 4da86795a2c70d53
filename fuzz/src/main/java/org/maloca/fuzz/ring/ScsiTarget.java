package org.maloca.fuzz.ring;

import java.io.IOException;
import java.util.List;
import org.maloca.core.memory.GuestMemory;
import org.maloca.devices.disk.DiskErrorAction;
import org.maloca.devices.disk.DiskErrors;
import org.maloca.devices.scsi.CdDrive;
import org.maloca.devices.scsi.ScsiDisk;
import org.maloca.devices.virtio.VirtioDevice;
import org.maloca.devices.virtio.scsi.VirtioScsi;
import org.maloca.fuzz.guided.Input;
import org.maloca.fuzz.guided.Output;

/** virtio-scsi with a disc and a CD drive, whose tray the host moves too. */
public final class ScsiTarget extends DeviceTarget {
  private static final int CONTROL = 0;
  private static final int REQUESTS = 2;
  private static final int CDB_BYTES = 32;
  private static final int RESPONSE_BYTES = 108;

  private final CheckingDisk disk = new CheckingDisk();
  private CdDrive drive = drive();

  public ScsiTarget() throws IOException {}

  private static DiskErrors errors() {
    return new DiskErrors(DiskErrorAction.REPORT, DiskErrorAction.REPORT, (id, failure) -> {});
  }

  private CdDrive drive() {
    return new CdDrive("cd", disk, "fuzz1", errors());
  }

  @Override
  VirtioDevice device(GuestMemory memory) {
    disk.setFailing(false);
    drive = drive();
    VirtioScsi controller = new VirtioScsi("fuzz", memory, 2, true);
    controller.attach(0, 0, new ScsiDisk("disk", disk, "fuzz0", errors()));
    controller.attach(1, 0, drive);
    return controller;
  }

  @Override
  void hostEvent(VirtioDevice device, int kind, Input input) throws IOException {
    disk.setFailing((kind & 1) != 0);
    if ((kind & 2) != 0) {
      boolean ignored = drive.eject((kind & 4) != 0);
    } else if ((kind & 4) != 0) {
      drive.insert(disk);
    }
  }

  /** A command to a target, with its data. */
  private static byte[] command(int target, byte[] cdb, byte... data) {
    Output output = new Output().u8(1, target, 0x40, 0, 0, 0, 0, 0).i64(7).u8(0, 0, 0);
    output.bytes(java.util.Arrays.copyOf(cdb, CDB_BYTES)).bytes(data);
    return output.toByteArray();
  }

  private static byte[] task(int function, int target) {
    return new Output()
        .i32(0)
        .i32(function)
        .u8(1, target, 0x40, 0, 0, 0, 0, 0)
        .i64(7)
        .toByteArray();
  }

  private static byte[] cdb(int... bytes) {
    return new Output().u8(bytes).toByteArray();
  }

  @Override
  public List<byte[]> seeds() {
    return DriverOutput.both(output -> {
      for (int target = 0; target < 2; target++) {
        output
            .request(REQUESTS, command(target, cdb(0x12, 0, 0, 0, 96)), RESPONSE_BYTES + 96)
            .request(REQUESTS, command(target, cdb(0x12, 1, 0x83, 0, 96)), RESPONSE_BYTES + 96)
            .request(REQUESTS, command(target, cdb(0x25)), RESPONSE_BYTES + 8)
            .request(REQUESTS, command(target, cdb(0x1a, 0, 0x3f, 0, 96)), RESPONSE_BYTES + 96)
            .request(REQUESTS, command(target, cdb(0x28, 0, 0, 0, 0, 1, 0, 0, 1)), 620)
            .request(REQUESTS, command(target, cdb(0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 64)), 180)
            .request(REQUESTS, command(target, cdb(0x03, 0, 0, 0, 18)), 130);
      }
      output
          .request(REQUESTS, command(0, cdb(0x2a, 0, 0, 0, 0, 1, 0, 0, 0)), RESPONSE_BYTES)
          .request(REQUESTS, command(1, cdb(0x43, 2, 0, 0, 0, 0, 0, 0, 64)), 180)
          .request(REQUESTS, command(1, cdb(0x4a, 1, 0, 0, 16, 0, 0, 0, 64)), 180)
          .request(REQUESTS, command(1, cdb(0x1b, 0, 0, 0, 2)), RESPONSE_BYTES)
          .operation(DriverScript.HOST, 4)
          .request(CONTROL, task(5, 0), 1)
          .request(CONTROL, task(0, 1), 1)
          .request(1, new byte[0], 16);
    });
  }
}
