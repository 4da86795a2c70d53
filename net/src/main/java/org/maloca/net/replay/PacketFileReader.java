package org.maloca.net.replay;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads Ethernet frames from a file in pcapng (draft-ietf-opsawg-pcapng) or the older pcap format
 * (draft-ietf-opsawg-pcap), in either byte order. Times are not looked at. Lengths are believed
 * only as far as a block of {@link #MAX_BLOCK_BYTES}.
 */
public final class PacketFileReader implements Closeable {
  static final int MAX_BLOCK_BYTES = 1 << 18;

  private static final int SECTION_HEADER = 0x0a0d_0d0a;
  private static final int BYTE_ORDER_MAGIC = 0x1a2b_3c4d;
  private static final int INTERFACE_DESCRIPTION = 1;
  private static final int SIMPLE_PACKET = 3;
  private static final int ENHANCED_PACKET = 6;
  private static final int LINKTYPE_ETHERNET = 1;

  private static final int PCAP_MICROSECONDS = 0xa1b2_c3d4;
  private static final int PCAP_NANOSECONDS = 0xa1b2_3c4d;
  private static final int PCAP_HEADER_BYTES = 24;
  private static final int PCAP_RECORD_BYTES = 16;

  private final Path path;
  private final InputStream input;
  private final ByteBuffer block = ByteBuffer.allocate(MAX_BLOCK_BYTES);
  private final boolean isPcapng;

  /**
   * Opens a file.
   *
   * @throws IOException if it cannot be read or is of another kind
   */
  public PacketFileReader(Path path) throws IOException {
    this.path = path;
    input = new BufferedInputStream(Files.newInputStream(path), MAX_BLOCK_BYTES);
    try {
      isPcapng = readStart();
    } catch (IOException problem) {
      input.close();
      throw problem;
    }
  }

  private boolean readStart() throws IOException {
    input.mark(4);
    boolean isThere = fill(0, 4);
    if (isThere && block.getInt(0) == SECTION_HEADER) {
      input.reset();
      return true;
    }
    if (!isThere || !setOrder(PCAP_MICROSECONDS) && !setOrder(PCAP_NANOSECONDS)) {
      throw new IOException(path + " is neither a pcapng nor a pcap file");
    }
    if (!fill(4, PCAP_HEADER_BYTES - 4) || (block.getInt(20) & 0xffff) != LINKTYPE_ETHERNET) {
      throw new IOException(path + " has no Ethernet frames");
    }
    return false;
  }

  /** Finds the byte order in which the first word is that number. */
  private boolean setOrder(int magic) {
    if (block.order(ByteOrder.BIG_ENDIAN).getInt(0) == magic) {
      return true;
    }
    return block.order(ByteOrder.LITTLE_ENDIAN).getInt(0) == magic;
  }

  /**
   * Reads the next frame.
   *
   * @param frame cleared, and filled from 0 to its limit
   * @return false at the end of the file
   * @throws IOException if the file is damaged
   */
  public boolean next(ByteBuffer frame) throws IOException {
    return isPcapng ? nextOfPcapng(frame) : nextOfPcap(frame);
  }

  private boolean nextOfPcap(ByteBuffer frame) throws IOException {
    do {
      if (!fill(0, PCAP_RECORD_BYTES)) {
        return false;
      }
      int length = block.getInt(8);
      if (length < 0 || length > MAX_BLOCK_BYTES) {
        throw damaged("a packet of " + length + " bytes");
      }
      fillWhole(0, length);
      frame.clear();
      if (length <= frame.capacity()) {
        frame.put(0, block, 0, length).limit(length);
        return true;
      }
    } while (true);
  }

  private boolean nextOfPcapng(ByteBuffer frame) throws IOException {
    while (fill(0, 8)) {
      if (block.getInt(0) == SECTION_HEADER) {
        fillWhole(8, 4);
        if (block.order(ByteOrder.BIG_ENDIAN).getInt(8) != BYTE_ORDER_MAGIC
            && block.order(ByteOrder.LITTLE_ENDIAN).getInt(8) != BYTE_ORDER_MAGIC) {
          throw damaged("no byte order");
        }
        readRest(12);
        continue;
      }
      readRest(8);
      int end = block.getInt(4) - 4;
      switch (block.getInt(0)) {
        case INTERFACE_DESCRIPTION -> {
          if (end < 16 || (block.getShort(8) & 0xffff) != LINKTYPE_ETHERNET) {
            throw damaged("an interface that is not Ethernet");
          }
        }
        case ENHANCED_PACKET -> {
          if (end < 28 || !copy(frame, 28, block.getInt(20), end)) {
            throw damaged("a packet longer than its block");
          }
          return true;
        }
        case SIMPLE_PACKET -> {
          if (end < 12 || !copy(frame, 12, Math.min(block.getInt(8), end - 12), end)) {
            throw damaged("a packet longer than its block");
          }
          return true;
        }
        default -> {}
      }
    }
    return false;
  }

  /** Reads a block whose first bytes are there. */
  private void readRest(int have) throws IOException {
    int length = block.getInt(4);
    if (length < have + 4 || (length & 3) != 0 || length > MAX_BLOCK_BYTES) {
      throw damaged("a block of " + (length & 0xffff_ffffL) + " bytes");
    }
    fillWhole(have, length - have);
    if (block.getInt(length - 4) != length) {
      throw damaged("a block that ends in another length");
    }
  }

  private boolean copy(ByteBuffer frame, int at, int length, int end) {
    frame.clear();
    if (length < 0 || length > end - at || length > frame.capacity()) {
      return false;
    }
    frame.put(0, block, at, length).limit(length);
    return true;
  }

  /** Reads bytes into the block; false if the file ends just before them. */
  private boolean fill(int at, int length) throws IOException {
    int count = input.readNBytes(block.array(), at, length);
    if (count != 0 && count < length) {
      throw new EOFException(path + " ends in the middle of a packet");
    }
    return count == length;
  }

  private void fillWhole(int at, int length) throws IOException {
    if (length > 0 && !fill(at, length)) {
      throw new EOFException(path + " ends in the middle of a packet");
    }
  }

  private IOException damaged(String what) {
    return new IOException(path + " is damaged: " + what);
  }

  @Override
  public void close() throws IOException {
    input.close();
  }
}
