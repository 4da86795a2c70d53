package org.maloca.fuzz.ring;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.time.ManualClock;
import org.maloca.devices.virtio.VirtioDevice;
import org.maloca.devices.virtio.rng.VirtioRng;
import org.maloca.fuzz.guided.Input;

/** virtio-rng with a rate that is soon used up. */
public final class RngTarget extends DeviceTarget {
  private static final int BYTES_PER_SECOND = 4096;

  private ManualClock clock = new ManualClock();

  public RngTarget() throws IOException {}

  @Override
  VirtioDevice device(GuestMemory memory) {
    clock = new ManualClock();
    return new VirtioRng("fuzz", memory, clock, new SecureRandom(), BYTES_PER_SECOND, true);
  }

  @Override
  void hostEvent(VirtioDevice device, int kind, Input input) {
    clock.advance(kind * 10_000_000L);
  }

  @Override
  public List<byte[]> seeds() {
    return DriverOutput.both(output ->
        output
            .request(0, new byte[0], 64)
            .request(0, new byte[0], 5000)
            .operation(DriverScript.HOST, 200)
            .request(0, new byte[] {1}, 16)
            .request(0, new byte[] {1}, 0));
  }
}
