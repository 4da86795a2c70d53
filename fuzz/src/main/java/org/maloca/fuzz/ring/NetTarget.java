package org.maloca.fuzz.ring;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.NetBackend;
import org.maloca.core.backend.NetFrame;
import org.maloca.core.memory.GuestMemory;
import org.maloca.devices.virtio.VirtioDevice;
import org.maloca.devices.virtio.net.VirtioNet;
import org.maloca.fuzz.guided.Input;
import org.maloca.fuzz.guided.Output;

/** virtio-net, with frames from the host in between. */
public final class NetTarget extends DeviceTarget {
  private static final byte[] MAC = {2, 0, 0, 0, 0, 1};
  private static final int HEADER_BYTES = 12;
  private static final int MAX_FRAME_BYTES = 4000;

  private final NetFrame frame = new NetFrame();
  private Cable cable = new Cable();

  public NetTarget() throws IOException {}

  @Override
  VirtioDevice device(GuestMemory memory) {
    cable = new Cable();
    return new VirtioNet("fuzz", memory, cable, new VirtioNet.Options(MAC, 2, 1500, 1000, true));
  }

  /** A frame comes: its length and content, and what is to be done about its checksum. */
  @Override
  void hostEvent(VirtioDevice device, int kind, Input input) {
    int length = input.u16() % MAX_FRAME_BYTES;
    byte[] content = input.take(Math.min(length, input.u8()));
    frame.clear();
    frame.bytes().put(0, content).limit(length);
    if ((kind & 1) != 0) {
      frame.setChecksum(input.u8(), input.u8());
    }
    frame.setChecksumGood((kind & 2) != 0);
    NetFrame.Segmentation[] kinds = NetFrame.Segmentation.values();
    frame.setSegmentation(kinds[(kind >> 2) % kinds.length], input.u16(), (kind & 16) != 0);
    cable.deliver(frame);
  }

  private static byte[] ethernet(int segmentation) {
    byte[] frame = new byte[60];
    System.arraycopy(MAC, 0, frame, 6, 6);
    ByteBuffer.wrap(frame).putShort(12, (short) 0x0800).put(14, (byte) 0x45).put(23, (byte) 6);
    return new Output()
        .u8(1, segmentation)
        .u16(54)
        .u16(1000)
        .u16(34)
        .u16(16)
        .u16(0)
        .bytes(frame)
        .toByteArray();
  }

  /** A command of the control queue: class, command, data. */
  private static byte[] control(int type, int command, byte... data) {
    return new Output().u8(type, command).bytes(data).toByteArray();
  }

  @Override
  public List<byte[]> seeds() {
    return DriverOutput.both(output ->
        output
            .request(0, new byte[0], 2000)
            .request(0, new byte[0], 60)
            .request(1, ethernet(0), 0)
            .request(1, ethernet(1), 0)
            .request(1, new byte[HEADER_BYTES], 0)
            .operation(DriverScript.HOST, 1, 60, 0, 6, -1, -1, -1, -1, -1, -1, 14, 6, 0, 0)
            .operation(DriverScript.HOST, 5, 0, 3, 2, 2, 0, 14, 6, 0, 1)
            .request(4, control(0, 0, (byte) 1), 1)
            .request(4, control(1, 0, new byte[] {1, 0, 0, 0, 2, 0, 0, 0, 0, 1}), 1)
            .request(4, control(1, 1, MAC), 1)
            .request(4, control(2, 0, (byte) 5, (byte) 0), 1)
            .request(4, control(4, 0, (byte) 2, (byte) 0), 1));
  }

  /** What the card hands out must be a frame. */
  private static final class Cable implements NetBackend {
    private @Nullable Port port;

    @Override
    public void connect(Port card) {
      port = card;
    }

    @Override
    public void transmit(NetFrame frame) {
      if (frame.bytes().limit() < 14) {
        throw new IllegalStateException("a frame of %d bytes".formatted(frame.bytes().limit()));
      }
    }

    void deliver(NetFrame frame) {
      if (port != null) {
        boolean ignored = port.receive(frame);
      }
    }

    @Override
    public void close() {}
  }
}
