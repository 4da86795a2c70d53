package org.maloca.fuzz.ring;

import java.io.IOException;
import java.util.List;
import org.maloca.core.memory.GuestMemory;
import org.maloca.devices.virtio.VirtioDevice;
import org.maloca.devices.virtio.pmem.VirtioPmem;
import org.maloca.fuzz.guided.Input;

/** virtio-pmem, whose medium begins and ceases to fail. */
public final class PmemTarget extends DeviceTarget {
  private static final long GPA = 1L << 32;
  private static final long BYTES = 2 << 20;

  private boolean isBroken;

  public PmemTarget() throws IOException {}

  @Override
  VirtioDevice device(GuestMemory memory) {
    isBroken = false;
    return new VirtioPmem("fuzz", memory, GPA, BYTES, new FailingMedium(), true);
  }

  private final class FailingMedium implements VirtioPmem.Medium {
    @Override
    public void flush() throws IOException {
      if (isBroken) {
        throw new IOException("broken");
      }
    }

    @Override
    public void close() {}
  }

  @Override
  void hostEvent(VirtioDevice device, int kind, Input input) {
    isBroken = (kind & 1) != 0;
  }

  @Override
  public List<byte[]> seeds() {
    return DriverOutput.both(output ->
        output
            .request(0, new byte[4], 4)
            .request(0, new byte[] {1, 0, 0, 0}, 4)
            .operation(DriverScript.HOST, 1)
            .request(0, new byte[4], 4)
            .request(0, new byte[3], 4)
            .request(0, new byte[4], 3));
  }
}
