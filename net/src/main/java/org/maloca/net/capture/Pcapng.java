package org.maloca.net.capture;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Blocks of the pcapng format (draft-ietf-opsawg-pcapng, sections 3 and 4), little-endian: a
 * section header, one Ethernet interface, and packets with nanosecond times.
 */
final class Pcapng {
  static final int SECTION_HEADER = 0x0a0d_0d0a;
  static final int INTERFACE_DESCRIPTION = 1;
  static final int ENHANCED_PACKET = 6;
  static final int BYTE_ORDER_MAGIC = 0x1a2b_3c4d;
  static final int LINKTYPE_ETHERNET = 1;

  /** Bytes of a packet block around the packet's data and its padding. */
  static final int PACKET_OVERHEAD = 32 + 8 + 12 + 4;

  private static final int OPT_END = 0;
  private static final int SHB_USERAPPL = 4;
  private static final int IF_NAME = 2;
  private static final int IF_TSRESOL = 9;
  private static final int EPB_FLAGS = 2;
  private static final int EPB_DROPCOUNT = 4;
  private static final int NANOSECONDS = 9;

  /** Values of {@code epb_flags}. */
  static final int INBOUND = 1;

  static final int OUTBOUND = 2;

  private Pcapng() {}

  /** What a file begins with. */
  static ByteBuffer header(String interfaceName, int snapBytes) {
    ByteBuffer blocks = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);
    int start = begin(blocks, SECTION_HEADER);
    blocks.putInt(BYTE_ORDER_MAGIC).putShort((short) 1).putShort((short) 0).putLong(-1);
    option(blocks, SHB_USERAPPL, "Maloca".getBytes(StandardCharsets.UTF_8));
    option(blocks, OPT_END, new byte[0]);
    end(blocks, start);

    start = begin(blocks, INTERFACE_DESCRIPTION);
    blocks.putShort((short) LINKTYPE_ETHERNET).putShort((short) 0).putInt(snapBytes);
    byte[] name = interfaceName.getBytes(StandardCharsets.UTF_8);
    option(blocks, IF_NAME, java.util.Arrays.copyOf(name, Math.min(name.length, 64)));
    option(blocks, IF_TSRESOL, new byte[] {NANOSECONDS});
    option(blocks, OPT_END, new byte[0]);
    end(blocks, start);
    return blocks.flip();
  }

  /**
   * Writes a packet's block; the buffer has room for it.
   *
   * @param captured how many of the frame's bytes are kept
   * @param dropped how many packets were lost since the one before
   */
  static void packet(
      ByteBuffer block, ByteBuffer frame, int captured, long epochNanos, int flags, long dropped) {
    int start = begin(block, ENHANCED_PACKET);
    block.putInt(0).putInt((int) (epochNanos >>> 32)).putInt((int) epochNanos);
    block.putInt(captured).putInt(frame.remaining());
    block.put(block.position(), frame, frame.position(), captured);
    block.position(block.position() + captured);
    pad(block, captured);
    block.putShort((short) EPB_FLAGS).putShort((short) 4).putInt(flags);
    if (dropped > 0) {
      block.putShort((short) EPB_DROPCOUNT).putShort((short) 8).putLong(dropped);
    }
    block.putInt(OPT_END);
    end(block, start);
  }

  private static int begin(ByteBuffer blocks, int type) {
    int start = blocks.position();
    blocks.putInt(type).putInt(0);
    return start;
  }

  private static void end(ByteBuffer blocks, int start) {
    int length = blocks.position() + 4 - start;
    blocks.putInt(length).putInt(start + 4, length);
  }

  private static void option(ByteBuffer blocks, int code, byte[] value) {
    blocks.putShort((short) code).putShort((short) value.length).put(value);
    pad(blocks, value.length);
  }

  private static void pad(ByteBuffer blocks, int length) {
    for (int i = length; (i & 3) != 0; i++) {
      blocks.put((byte) 0);
    }
  }
}
