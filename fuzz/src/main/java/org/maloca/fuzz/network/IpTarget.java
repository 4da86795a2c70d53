package org.maloca.fuzz.network;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.maloca.core.backend.NetFrame;
import org.maloca.fuzz.guided.FuzzTarget;
import org.maloca.fuzz.guided.Input;
import org.maloca.fuzz.guided.Output;
import org.maloca.net.ip.IpPacket;
import org.maloca.net.ip.Reassembly;

/**
 * IP packets and their fragments: frames, each with a byte of flags (the lowest makes checksums
 * right), a byte of time that passed, a length of two bytes.
 */
public final class IpTarget implements FuzzTarget {
  private static final int MAX_FRAMES = 300;
  private static final int MAX_PENDING = 128;

  private final NetFrame frame = new NetFrame();
  private final NetFrame whole = new NetFrame();

  @Override
  public long run(byte[] bytes) throws IOException {
    Input input = new Input(bytes);
    IpPacket packet = new IpPacket();
    Reassembly reassembly = new Reassembly();
    long now = 0;
    long parsed = 0;
    for (int i = 0; i < MAX_FRAMES && input.hasMore(); i++) {
      int flags = input.u8();
      now += input.u8() * 100_000_000L;
      byte[] content = input.take(input.u16());
      if ((flags & 1) != 0) {
        Frames.seal(content);
      }
      frame.clear();
      frame.bytes().put(0, content, 0, content.length).limit(content.length);
      if (!packet.parse(frame.bytes(), Frames.ETHERNET_BYTES)) {
        continue;
      }
      check(packet, frame.bytes());
      ByteBuffer where = frame.bytes();
      if (packet.isFragment()) {
        boolean isWhole = reassembly.add(flags >> 1 & 3, frame, packet, whole, now);
        if (reassembly.pending() > MAX_PENDING) {
          throw new IllegalStateException(reassembly.pending() + " packets under way");
        }
        if (!isWhole) {
          continue;
        }
        check(packet, whole.bytes());
        where = whole.bytes();
      }
      boolean ignored = packet.isTransportChecksumRight(where);
      parsed++;
    }
    return parsed;
  }

  private static void check(IpPacket packet, ByteBuffer bytes) {
    if (packet.payloadStart() < packet.start()
        || packet.end() < packet.payloadStart()
        || packet.end() > bytes.limit()) {
      throw new IllegalStateException(
          "%d to %d of %d".formatted(packet.payloadStart(), packet.end(), bytes.limit()));
    }
  }

  @Override
  public List<byte[]> seeds() {
    byte[] syn = Frames.tcp(1000, 80, 1, 0, 2, 65535, new byte[] {2, 4, 5, -76, 1, 3, 3, 7}, 0);
    byte[] data = Arrays.copyOf(new byte[] {1, 2, 3}, 40);
    Output output = new Output();
    add(output, Frames.ip(Frames.GUEST4, Frames.GATEWAY4, Frames.TCP, syn));
    add(output, Frames.ip(Frames.GUEST6, Frames.GATEWAY6, Frames.TCP, syn));
    add(output, Frames.ip(Frames.GUEST4, Frames.GATEWAY4, Frames.UDP, Frames.udp(1, 2, data)));
    List<byte[]> seeds = new ArrayList<>();
    seeds.add(output.toByteArray());
    Output fragments = new Output();
    for (int offset = 16; offset >= 0; offset -= 8) {
      add(fragments, fragment4(offset, offset < 16));
      add(fragments, fragment6(offset, offset < 16));
    }
    seeds.add(fragments.toByteArray());
    return seeds;
  }

  private static void add(Output output, byte[] frame) {
    output.u8(1, 1).u16(frame.length).bytes(frame);
  }

  private static byte[] fragment4(int offset, boolean hasMore) {
    byte[] frame = Frames.ip(Frames.GUEST4, Frames.GATEWAY4, Frames.UDP, new byte[8]);
    ByteBuffer.wrap(frame).putShort(20, (short) (offset / 8 | (hasMore ? 0x2000 : 0)));
    return frame;
  }

  private static byte[] fragment6(int offset, boolean hasMore) {
    byte[] payload = new byte[16];
    payload[0] = Frames.UDP;
    ByteBuffer.wrap(payload).putShort(2, (short) (offset | (hasMore ? 1 : 0))).putInt(4, 7);
    return Frames.ip(Frames.GUEST6, Frames.GATEWAY6, 44, payload);
  }
}
