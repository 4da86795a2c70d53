package org.maloca.fuzz.ring;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.maloca.core.memory.GuestMemory;
import org.maloca.devices.virtio.VirtioDevice;
import org.maloca.devices.virtio.ninep.NinepConfig;
import org.maloca.devices.virtio.ninep.VirtioNinep;
import org.maloca.fuzz.share.NinepRequests;
import org.maloca.fuzz.share.SharedPlace;

/** A shared folder through its ring; {@link org.maloca.fuzz.share.NinepTarget} is without. */
public final class SharedFolderTarget extends DeviceTarget {
  private static final NinepConfig.Limits LIMITS = new NinepConfig.Limits(50, 30, 20, 100_000);

  private final SharedPlace place = new SharedPlace();

  public SharedFolderTarget() throws IOException {}

  @Override
  VirtioDevice device(GuestMemory memory) throws IOException {
    place.fill();
    return VirtioNinep.open("fuzz", memory, new NinepConfig(place.folder(), false, LIMITS), "tag");
  }

  @Override
  void closed() throws IOException {
    place.checkAndClear();
  }

  @Override
  public List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    for (List<byte[]> session : NinepRequests.sessions()) {
      seeds.addAll(
          DriverOutput.both(
              output -> session.forEach(message -> output.request(0, message, 4200))));
    }
    return seeds;
  }

  @Override
  public void close() throws IOException {
    place.close();
    super.close();
  }
}
