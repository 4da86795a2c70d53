package org.maloca.fuzz.ring;

import java.io.IOException;
import java.util.List;
import org.maloca.core.memory.GuestMemory;
import org.maloca.devices.virtio.VirtioDevice;
import org.maloca.devices.virtio.balloon.VirtioBalloon;
import org.maloca.fuzz.guided.Input;
import org.maloca.fuzz.guided.Output;

/** virtio-balloon; the host changes the target and asks for statistics. */
public final class BalloonTarget extends DeviceTarget {
  public BalloonTarget() throws IOException {}

  @Override
  VirtioDevice device(GuestMemory memory) {
    return new VirtioBalloon("fuzz", memory, true);
  }

  @Override
  void hostEvent(VirtioDevice device, int kind, Input input) {
    VirtioBalloon balloon = (VirtioBalloon) device;
    if ((kind & 1) == 0) {
      balloon.requestStatistics();
    } else {
      balloon.setTargetBytes((input.i32() & 0xffff_ffffL) << 12);
    }
  }

  private static byte[] pages(int... numbers) {
    Output output = new Output();
    for (int number : numbers) {
      output.i32(number);
    }
    return output.toByteArray();
  }

  @Override
  public List<byte[]> seeds() {
    byte[] statistics = new Output().u16(0).i64(5).u16(4).i64(1 << 20).toByteArray();
    return DriverOutput.both(output ->
        output
            .operation(DriverScript.HOST, 1, 16, 0, 0, 0)
            .request(0, pages(0x80, 0x81, 0x82, 0xff, 0x100, -1), 0)
            .request(1, pages(0x80, 0x81), 0)
            .request(2, statistics, 0)
            .operation(DriverScript.HOST, 0)
            .request(2, statistics, 0)
            .request(3, new byte[0], 8192)
            .request(4, new byte[0], 12288)
            .config(4, 2, 5));
  }
}
