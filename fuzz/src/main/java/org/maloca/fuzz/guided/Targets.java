package org.maloca.fuzz.guided;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.maloca.fuzz.image.DetectionTarget;
import org.maloca.fuzz.image.Qcow2Target;
import org.maloca.fuzz.image.VdiTarget;
import org.maloca.fuzz.image.VhdTarget;
import org.maloca.fuzz.image.VhdxTarget;
import org.maloca.fuzz.image.VmdkTarget;
import org.maloca.fuzz.network.Dhcp6Target;
import org.maloca.fuzz.network.DhcpTarget;
import org.maloca.fuzz.network.DnsTarget;
import org.maloca.fuzz.network.IpTarget;
import org.maloca.fuzz.network.PacketFileTarget;
import org.maloca.fuzz.network.SegmenterTarget;
import org.maloca.fuzz.network.SessionTarget;
import org.maloca.fuzz.ring.BalloonTarget;
import org.maloca.fuzz.ring.BlockTarget;
import org.maloca.fuzz.ring.ConsoleTarget;
import org.maloca.fuzz.ring.NetTarget;
import org.maloca.fuzz.ring.PmemTarget;
import org.maloca.fuzz.ring.RngTarget;
import org.maloca.fuzz.ring.ScsiTarget;
import org.maloca.fuzz.ring.SharedFolderTarget;
import org.maloca.fuzz.ring.VsockTarget;
import org.maloca.fuzz.share.NinepTarget;

/** The targets there are, by name. */
public final class Targets {
  private interface Maker {
    FuzzTarget make() throws IOException;
  }

  private static final Map<String, Maker> MAKERS = new LinkedHashMap<>();

  static {
    MAKERS.put("detection", DetectionTarget::new);
    MAKERS.put("qcow2", Qcow2Target::new);
    MAKERS.put("vmdk", VmdkTarget::new);
    MAKERS.put("vdi", VdiTarget::new);
    MAKERS.put("vhd", VhdTarget::new);
    MAKERS.put("vhdx", VhdxTarget::new);
    MAKERS.put("virtio-blk", BlockTarget::new);
    MAKERS.put("virtio-net", NetTarget::new);
    MAKERS.put("virtio-console", ConsoleTarget::new);
    MAKERS.put("virtio-rng", RngTarget::new);
    MAKERS.put("virtio-balloon", BalloonTarget::new);
    MAKERS.put("virtio-vsock", VsockTarget::new);
    MAKERS.put("virtio-scsi", ScsiTarget::new);
    MAKERS.put("virtio-pmem", PmemTarget::new);
    MAKERS.put("virtio-9p", SharedFolderTarget::new);
    MAKERS.put("9p", NinepTarget::new);
    MAKERS.put("ip", IpTarget::new);
    MAKERS.put("segmenter", SegmenterTarget::new);
    MAKERS.put("dhcp", DhcpTarget::new);
    MAKERS.put("dhcp6", Dhcp6Target::new);
    MAKERS.put("dns", DnsTarget::new);
    MAKERS.put("pcap", PacketFileTarget::new);
    MAKERS.put("session", SessionTarget::new);
  }

  private Targets() {}

  /** All names, in an order to run them in. */
  public static List<String> names() {
    return List.copyOf(MAKERS.keySet());
  }

  /**
   * Makes a target.
   *
   * @throws IllegalArgumentException when there is none of the name
   */
  public static FuzzTarget open(String name) throws IOException {
    Maker maker = MAKERS.get(name);
    if (maker == null) {
      throw new IllegalArgumentException(
          "there is no target '%s'; there are %s".formatted(name, String.join(", ", names())));
    }
    return maker.make();
  }
}
