package org.maloca.net.tcp;

import java.nio.ByteBuffer;
import org.maloca.net.ip.IpPacket;

/** A guest's segment taken apart (RFC 9293, section 3.1). Used for one after the other. */
final class TcpSegment {
  static final int FIN = 0x01;
  static final int SYN = 0x02;
  static final int RST = 0x04;
  static final int PSH = 0x08;
  static final int ACK = 0x10;

  static final int HEADER_BYTES = 20;
  static final int OPTION_MSS = 2;
  static final int OPTION_WINDOW_SCALE = 3;
  static final int OPTION_SACK_PERMITTED = 4;
  static final int OPTION_SACK = 5;
  static final int OPTION_TIMESTAMPS = 8;
  static final int TIMESTAMPS_BYTES = 10;
  private static final int MAX_WINDOW_SCALE = 14;
  private static final int MAX_SACK_BLOCKS = 4;

  int sourcePort;
  int destinationPort;
  int sequence;
  int acknowledgement;
  int flags;
  int window;
  int dataStart;
  int dataBytes;

  // Options.
  int mss;
  int windowScale;
  boolean isSackPermitted;
  boolean hasTimestamp;
  int timestamp;
  int timestampEcho;
  int sackBlocks;
  final int[] sackFrom = new int[MAX_SACK_BLOCKS];
  final int[] sackTo = new int[MAX_SACK_BLOCKS];

  /** Reads a segment; false if it is nonsense. */
  boolean parse(ByteBuffer bytes, IpPacket packet) {
    int at = packet.payloadStart();
    int end = packet.end();
    if (end - at < HEADER_BYTES) {
      return false;
    }
    int headerBytes = (bytes.get(at + 12) >> 4 & 15) * 4;
    if (headerBytes < HEADER_BYTES || headerBytes > end - at) {
      return false;
    }
    sourcePort = bytes.getShort(at) & 0xffff;
    destinationPort = bytes.getShort(at + 2) & 0xffff;
    sequence = bytes.getInt(at + 4);
    acknowledgement = bytes.getInt(at + 8);
    flags = bytes.get(at + 13) & 0xff;
    window = bytes.getShort(at + 14) & 0xffff;
    dataStart = at + headerBytes;
    dataBytes = end - dataStart;
    parseOptions(bytes, at + HEADER_BYTES, dataStart);
    return sourcePort != 0 && destinationPort != 0;
  }

  private void parseOptions(ByteBuffer bytes, int from, int end) {
    mss = 0;
    windowScale = -1;
    isSackPermitted = false;
    hasTimestamp = false;
    sackBlocks = 0;
    int at = from;
    while (at < end) {
      int kind = bytes.get(at) & 0xff;
      if (kind == 0) {
        return;
      }
      if (kind == 1) {
        at++;
        continue;
      }
      int length = at + 1 < end ? bytes.get(at + 1) & 0xff : 0;
      if (length < 2 || at + length > end) {
        return;
      }
      parseOption(bytes, at, kind, length);
      at += length;
    }
  }

  private void parseOption(ByteBuffer bytes, int at, int kind, int length) {
    if (kind == OPTION_MSS && length == 4) {
      mss = bytes.getShort(at + 2) & 0xffff;
    } else if (kind == OPTION_WINDOW_SCALE && length == 3) {
      windowScale = Math.min(bytes.get(at + 2) & 0xff, MAX_WINDOW_SCALE);
    } else if (kind == OPTION_SACK_PERMITTED && length == 2) {
      isSackPermitted = true;
    } else if (kind == OPTION_TIMESTAMPS && length == TIMESTAMPS_BYTES) {
      hasTimestamp = true;
      timestamp = bytes.getInt(at + 2);
      timestampEcho = bytes.getInt(at + 6);
    } else if (kind == OPTION_SACK) {
      sackBlocks = Math.min((length - 2) / 8, MAX_SACK_BLOCKS);
      for (int i = 0; i < sackBlocks; i++) {
        sackFrom[i] = bytes.getInt(at + 2 + i * 8);
        sackTo[i] = bytes.getInt(at + 6 + i * 8);
      }
    }
  }

  boolean has(int flag) {
    return (flags & flag) != 0;
  }
}
