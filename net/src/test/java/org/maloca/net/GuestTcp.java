package org.maloca.net;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * One TCP connection of a guest, simple and slow: sends again by go-back-N, acknowledges
 * everything. Driven by {@link #turn}.
 */
final class GuestTcp {
  static final int FIN = 1;
  static final int SYN = 2;
  static final int RST = 4;
  static final int ACK = 16;
  private static final long REPEAT_NANOS = 150_000_000L;

  private final GuestCard card;
  private final InetAddress own;
  private final InetAddress peer;
  private final int ownPort;
  private final int peerPort;
  private final boolean hasSack;
  private final int segmentBytes;

  boolean isOpen;
  boolean isReset;
  boolean hasPeerEnded;
  boolean isEndAcknowledged;
  final ByteArrayOutputStream input = new ByteArrayOutputStream();
  int windowField = 65535;

  /** Whether it offers timestamps (RFC 7323), and the last one that it was sent. */
  boolean offersTimestamps;

  int peerTimestamp;
  int ownTimestamp = 1000;
  int echoedTimestamp;
  int largestSegmentBytes;
  private boolean hasTimestamps;

  private byte[] output = {};
  private boolean isEnding;
  private final long initial = 0xffff_f000L;
  private long sent;
  private long acked;
  private long peerInitial;
  private long expected;
  private long peerWindow;
  private int peerScale;
  private int duplicates;
  private long repeatAtNanos = System.nanoTime();
  private final TreeMap<Long, byte[]> early = new TreeMap<>();

  GuestTcp(
      GuestCard card,
      InetAddress own,
      int ownPort,
      InetAddress peer,
      int peerPort,
      boolean hasSack,
      int segmentBytes) {
    this.card = card;
    this.own = own;
    this.ownPort = ownPort;
    this.peer = peer;
    this.peerPort = peerPort;
    this.hasSack = hasSack;
    this.segmentBytes = segmentBytes;
  }

  void connect() {
    byte[] options = {2, 4, 5, (byte) 0xb4, 1, 3, 3, 2, 1, 1, 4, 2};
    byte[] offered = Arrays.copyOf(options, hasSack ? 12 : 8);
    transmit(initial, SYN, offersTimestamps ? withTimestamps(offered) : offered, new byte[0]);
    repeatAtNanos = System.nanoTime() + REPEAT_NANOS;
  }

  void write(byte[] data, boolean ends) {
    output = data;
    isEnding = ends;
  }

  void reset() {
    transmit(initial + 1 + sent, RST, new byte[0], new byte[0]);
  }

  /** Whether all was acknowledged. */
  boolean isWritten() {
    return acked >= output.length && (!isEnding || isEndAcknowledged);
  }

  /** Handles one frame or a pause, and sends what it may. */
  void turn(long millis) {
    byte[] frame = card.next(millis);
    if (frame != null && Packets.protocol(frame) == 6) {
      if (!Packets.isSound(frame)) {
        throw new AssertionError("a wrong checksum");
      }
      receive(Packets.payload(frame));
    }
    if (System.nanoTime() - repeatAtNanos > 0) {
      repeatAtNanos = System.nanoTime() + REPEAT_NANOS;
      if (isOpen) {
        sent = acked;
      } else if (!isReset) {
        connect();
      }
    }
    send();
  }

  private void send() {
    while (isOpen && !isReset) {
      long end = output.length;
      long room = Math.min(acked + Math.min(peerWindow, 200_000), end) - sent;
      int count = (int) Math.min(room, segmentBytes);
      boolean withEnd = isEnding && !isEndAcknowledged && sent + Math.max(count, 0) == end;
      if (count <= 0 && (!withEnd || sent > end)) {
        return;
      }
      count = Math.max(count, 0);
      byte[] data = Arrays.copyOfRange(output, (int) sent, (int) sent + count);
      transmit(initial + 1 + sent, ACK | (withEnd ? FIN : 0), new byte[0], data);
      sent += count + (withEnd ? 1 : 0);
      if (withEnd) {
        return;
      }
    }
  }

  private void receive(byte[] segment) {
    ByteBuffer bytes = ByteBuffer.wrap(segment);
    if ((bytes.getShort(2) & 0xffff) != ownPort || (bytes.getShort(0) & 0xffff) != peerPort) {
      return;
    }
    int flags = bytes.get(13);
    if ((flags & RST) != 0) {
      isReset = true;
      return;
    }
    int headerBytes = (bytes.get(12) >> 4 & 15) * 4;
    takeTimestamps(bytes, headerBytes, (flags & SYN) != 0);
    largestSegmentBytes = Math.max(largestSegmentBytes, segment.length - headerBytes);
    if ((flags & SYN) != 0) {
      peerInitial = bytes.getInt(4) & 0xffff_ffffL;
      peerScale = headerBytes > 24 ? bytes.get(27) : 0;
      if (!isOpen) {
        peerWindow = bytes.getShort(14) & 0xffff;
      }
      isOpen = true;
      acknowledge();
      return;
    }
    long ackDistance = (bytes.getInt(8) - (initial + 1)) & 0xffff_ffffL;
    peerWindow = (long) (bytes.getShort(14) & 0xffff) << peerScale;
    takeAck(ackDistance, segment.length == headerBytes);
    byte[] data = Arrays.copyOfRange(segment, headerBytes, segment.length);
    long at = expected + (bytes.getInt(4) - (int) (peerInitial + 1 + expected));
    if (data.length > 0 || (flags & FIN) != 0) {
      takeData(at, data, (flags & FIN) != 0);
      acknowledge();
    } else if (at < expected) {
      acknowledge();
    }
  }

  private byte[] withTimestamps(byte[] options) {
    return ByteBuffer.allocate(options.length + 12)
        .put(options)
        .putInt(0x0101_080a)
        .putInt(ownTimestamp++)
        .putInt(peerTimestamp)
        .array();
  }

  /** Reads the option where the gateway puts it: first, and in a SYN last. */
  private void takeTimestamps(ByteBuffer segment, int headerBytes, boolean isSyn) {
    int at = isSyn ? headerBytes - 12 : 20;
    if (at + 12 <= headerBytes && at >= 20 && segment.getInt(at) == 0x0101_080a) {
      hasTimestamps = true;
      peerTimestamp = segment.getInt(at + 4);
      echoedTimestamp = segment.getInt(at + 8);
    }
  }

  private void takeAck(long distance, boolean isPure) {
    if (distance > output.length + 1 || distance < acked) {
      return;
    }
    if (distance > acked) {
      repeatAtNanos = System.nanoTime() + REPEAT_NANOS;
      duplicates = 0;
      isEndAcknowledged |= distance == output.length + 1;
      acked = Math.min(distance, output.length);
      sent = Math.max(sent, distance);
    } else if (isPure && sent > acked && ++duplicates == 3) {
      sent = acked;
    }
  }

  private void takeData(long at, byte[] data, boolean ends) {
    if (hasPeerEnded) {
      return;
    }
    if (ends && at + data.length == expected && data.length == 0) {
      hasPeerEnded = true;
      return;
    }
    early.merge(at, data, (a, b) -> a.length > b.length ? a : b);
    for (Map.Entry<Long, byte[]> first = early.firstEntry();
        first != null && first.getKey() <= expected;
        first = early.firstEntry()) {
      early.remove(first.getKey());
      int seen = (int) (expected - first.getKey());
      byte[] bytes = first.getValue();
      if (seen < bytes.length) {
        input.write(bytes, seen, bytes.length - seen);
        expected += bytes.length - seen;
      }
    }
    if (ends && at + data.length == expected) {
      hasPeerEnded = true;
    }
  }

  void acknowledge() {
    byte[] options = {};
    if (hasSack && !early.isEmpty()) {
      Map.Entry<Long, byte[]> block = early.lastEntry();
      options =
          ByteBuffer.allocate(12)
              .putInt(0x0101_050a)
              .putInt((int) (peerInitial + 1 + block.getKey()))
              .putInt((int) (peerInitial + 1 + block.getKey() + block.getValue().length))
              .array();
    }
    transmit(initial + 1 + Math.min(sent, output.length), ACK, options, new byte[0]);
  }

  private void transmit(long sequence, int flags, byte[] given, byte[] data) {
    byte[] options = hasTimestamps ? withTimestamps(given) : given;
    ByteBuffer segment = ByteBuffer.allocate(20 + options.length + data.length);
    segment.putShort((short) ownPort).putShort((short) peerPort).putInt((int) sequence);
    boolean hasAck = (flags & ACK) != 0;
    long next = peerInitial + 1 + expected + (hasPeerEnded ? 1 : 0);
    segment.putInt(hasAck ? (int) next : 0);
    segment.put((byte) ((20 + options.length) / 4 << 4)).put((byte) flags);
    segment.putShort((short) windowField).putInt(0).put(options).put(data);
    card.send(Packets.ip(card.macAddress(), own, peer, 6, segment.array(), 16));
  }
}
