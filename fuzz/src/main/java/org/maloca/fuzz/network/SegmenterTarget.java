package org.maloca.fuzz.network;

import java.util.ArrayList;
import java.util.List;
import org.maloca.core.backend.NetFrame;
import org.maloca.fuzz.guided.FuzzTarget;
import org.maloca.fuzz.guided.Input;
import org.maloca.fuzz.guided.Output;
import org.maloca.net.frame.FrameSegmenter;

/**
 * Large frames that are cut: a byte for the kind of segmentation, then segment length, checksum's
 * start and offset, length of the frame, two bytes each, and its first bytes.
 */
public final class SegmenterTarget implements FuzzTarget {
  private final FrameSegmenter segmenter = new FrameSegmenter();
  private final NetFrame frame = new NetFrame();
  private int count;

  @Override
  public long run(byte[] bytes) {
    Input input = new Input(bytes);
    int kind = input.u8();
    frame.clear();
    NetFrame.Segmentation[] kinds = NetFrame.Segmentation.values();
    frame.setSegmentation(kinds[kind & 3], (short) input.u16(), (kind & 4) != 0);
    int start = (short) input.u16();
    int offset = (short) input.u16();
    if ((kind & 8) != 0) {
      frame.setChecksum(start, offset);
    }
    int length = input.u16();
    byte[] content = input.take(length);
    frame.bytes().put(0, new byte[length], 0, length);
    frame.bytes().put(0, content, 0, content.length).limit(length);
    count = 0;
    segmenter.segment(
        frame,
        whole -> {
          count++;
          if (whole.remaining() > length || whole.remaining() == 0 && length > 0) {
            throw new IllegalStateException("%d bytes of %d".formatted(whole.remaining(), length));
          }
        });
    if (count > FrameSegmenter.MAX_SEGMENTS) {
      throw new IllegalStateException(count + " frames");
    }
    return count;
  }

  @Override
  public List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    byte[] tcp = Frames.tcp(1000, 80, 1, 1, 0x18, 65535, new byte[0], 20);
    byte[] udp = Frames.udp(1000, 80, new byte[20]);
    add(seeds, 8 | 1, 34, 16, Frames.ip(Frames.GUEST4, Frames.GATEWAY4, Frames.TCP, tcp));
    add(seeds, 8 | 2, 54, 16, Frames.ip(Frames.GUEST6, Frames.GATEWAY6, Frames.TCP, tcp));
    add(seeds, 8 | 3, 34, 6, Frames.ip(Frames.GUEST4, Frames.GATEWAY4, Frames.UDP, udp));
    add(seeds, 8, 54, 6, Frames.ip(Frames.GUEST6, Frames.GATEWAY6, Frames.UDP, udp));
    return seeds;
  }

  private static void add(List<byte[]> seeds, int kind, int start, int offset, byte[] frame) {
    seeds.add(
        new Output()
            .u8(kind)
            .u16(1000)
            .u16(start)
            .u16(offset)
            .u16(3000)
            .bytes(frame)
            .toByteArray());
  }
}
