package org.maloca.fuzz.ring;

import java.io.IOException;
import java.util.List;
import org.maloca.core.memory.GuestMemory;
import org.maloca.devices.disk.DiskErrorAction;
import org.maloca.devices.virtio.VirtioDevice;
import org.maloca.devices.virtio.block.VirtioBlock;
import org.maloca.fuzz.guided.Input;
import org.maloca.fuzz.guided.Output;

/** virtio-blk, with a disk that looks after what it is asked and fails now and then. */
public final class BlockTarget extends DeviceTarget {
  private static final int READ = 0;
  private static final int WRITE = 1;
  private static final int FLUSH = 4;
  private static final int GET_ID = 8;
  private static final int DISCARD = 11;
  private static final int WRITE_ZEROES = 13;

  private final CheckingDisk disk = new CheckingDisk();

  public BlockTarget() throws IOException {}

  @Override
  VirtioDevice device(GuestMemory memory) {
    disk.setFailing(false);
    return new VirtioBlock(
        "fuzz",
        memory,
        disk,
        new VirtioBlock.Options("fuzz", 2, true, DiskErrorAction.REPORT, DiskErrorAction.REPORT),
        (id, failure) -> {});
  }

  @Override
  void hostEvent(VirtioDevice device, int kind, Input input) {
    disk.setFailing((kind & 1) != 0);
  }

  private static byte[] header(int type, long sector, byte... content) {
    return new Output().i32(type).i32(0).i64(sector).bytes(content).toByteArray();
  }

  @Override
  public List<byte[]> seeds() {
    byte[] range = new Output().i64(8).i32(8).i32(1).toByteArray();
    return DriverOutput.both(output ->
        output
            .request(0, header(READ, 2), 513)
            .request(0, header(WRITE, 3, new byte[200]), 1)
            .request(1, header(FLUSH, 0), 1)
            .request(0, header(GET_ID, 0), 21)
            .request(0, header(DISCARD, 0, range), 1)
            .request(1, header(WRITE_ZEROES, 0, range), 1)
            .operation(DriverScript.HOST, 1)
            .request(0, header(READ, 4), 1025));
  }
}
