package org.maloca.bench;

import static org.maloca.bench.GuestHeaders.ETHERNET;
import static org.maloca.bench.GuestHeaders.GATEWAY;
import static org.maloca.bench.GuestHeaders.TRANSPORT;

import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.maloca.core.backend.NetBackend;
import org.maloca.core.backend.NetFrame;

/**
 * A card with the least of a guest behind it, which sends or takes frames of one flow as fast as it
 * can. It trusts the network: nothing is checked, and what is lost would stay so. Allocates nothing
 * itself.
 */
final class NetPathWork implements NetBackend.Port {
  /** What the flow is. */
  enum Kind {
    TCP_SEND,
    TCP_RECEIVE,
    UDP_SEND,
    UDP_RECEIVE;

    String title() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  private static final GuestHeaders HEADERS = new GuestHeaders(1, 0x0a00_020f);
  private static final int TCP_BYTES = 20;
  private static final int UDP_BYTES = 8;
  private static final int LARGE_BYTES = 60_000;
  private static final int DATAGRAM_BYTES = 200;
  private static final int MSS = 1460;
  private static final int UDP_WINDOW = 64;
  private static final int GUEST_PORT = 40_000;
  private static final int SYN = 2;
  private static final int ACK = 16;
  private static final long FOR_EVER = Long.MAX_VALUE / 2;

  private final NetBackend network;
  private final Kind kind;
  private final int peerPort;
  private final NetFrame frame = new NetFrame();
  private final AtomicLong frames = new AtomicLong();
  private final Thread card = Thread.currentThread();
  private volatile boolean isOpen;
  private volatile int edge;
  private volatile int received;
  private volatile int counted;
  private int acknowledgedByUs;
  private int told;
  private int sent;
  private int sentDatagrams;
  private int windowScale;

  /** Connects a card; all is done by {@link #run}, on this thread. */
  NetPathWork(NetBackend network, Kind kind, int peerPort) {
    this.network = network;
    this.kind = kind;
    this.peerPort = peerPort;
    network.connect(this);
  }

  long frames() {
    return frames.get();
  }

  /** Works for so long. */
  void run(long nanos) {
    long end = System.nanoTime() + nanos;
    boolean isTcp = kind == Kind.TCP_SEND || kind == Kind.TCP_RECEIVE;
    if (isTcp && !isOpen) {
      open();
    }
    while (System.nanoTime() - end < 0) {
      switch (kind) {
        case TCP_SEND -> sendStream();
        case TCP_RECEIVE -> acknowledgeStream();
        case UDP_SEND -> sendDatagrams();
        case UDP_RECEIVE -> askForDatagrams();
      }
    }
  }

  private void await() {
    LockSupport.parkNanos(200_000);
  }

  // TCP.

  private void open() {
    while (!isOpen) {
      segment(0, SYN, 0);
      await();
    }
    sent = 1;
    if (kind == Kind.TCP_SEND) {
      byteAt(0, 's');
      segment(sent, ACK, 1);
      sent += 1;
    } else {
      byteAt(0, 'g');
      frame.bytes().putLong(TRANSPORT + TCP_BYTES + 1, FOR_EVER);
      segment(sent, ACK, 9);
      sent += 9;
    }
  }

  private void byteAt(int at, char value) {
    frame.bytes().clear().put(TRANSPORT + TCP_BYTES + at, (byte) value);
  }

  private void sendStream() {
    if (sent + LARGE_BYTES - edge > 0) {
      await();
      return;
    }
    // The byte at each place of the stream, as the peer expects it; the first is not of it.
    ByteBuffer bytes = frame.bytes().clear();
    int position = sent - 2;
    for (int i = 0; i < LARGE_BYTES; i++) {
      bytes.put(TRANSPORT + TCP_BYTES + i, (byte) (position + i >> 3));
    }
    segment(sent, ACK, LARGE_BYTES);
    sent += LARGE_BYTES;
    frames.incrementAndGet();
  }

  private void acknowledgeStream() {
    int before = acknowledgedByUs;
    if (received == before) {
      await();
      return;
    }
    acknowledgedByUs = received;
    segment(sent, ACK, 0);
  }

  private void segment(int sequence, int flags, int dataBytes) {
    ByteBuffer bytes = frame.bytes();
    int options = flags == SYN ? 8 : 0;
    bytes.limit(TRANSPORT + TCP_BYTES + options + dataBytes);
    HEADERS.put(bytes, 6, GATEWAY, 0, TCP_BYTES + options + dataBytes);
    bytes.putShort(TRANSPORT, (short) GUEST_PORT).putShort(TRANSPORT + 2, (short) peerPort);
    bytes.putInt(TRANSPORT + 4, sequence).putInt(TRANSPORT + 8, flags == SYN ? 0 : received);
    int headerWords = (TCP_BYTES + options) / 4;
    bytes.putShort(TRANSPORT + 12, (short) (headerWords << 12 | flags));
    bytes.putShort(TRANSPORT + 14, (short) 0xffff);
    if (flags == SYN) {
      bytes.putInt(TRANSPORT + TCP_BYTES, 0x0204_0000 | MSS);
      bytes.putInt(TRANSPORT + TCP_BYTES + 4, 0x0103_0307);
    }
    transmit(16, dataBytes > MSS);
  }

  // UDP.

  private void sendDatagrams() {
    if (sentDatagrams - counted >= UDP_WINDOW) {
      if (!hasCountMoved()) {
        tell('q', 0, 5);
        sentDatagrams = counted;
      }
      return;
    }
    tell('d', sentDatagrams++, DATAGRAM_BYTES);
    frames.incrementAndGet();
  }

  private boolean hasCountMoved() {
    int before = counted;
    for (int i = 0; i < 50 && counted == before; i++) {
      await();
    }
    return counted != before;
  }

  private void askForDatagrams() {
    int before = counted;
    if (before - told >= UDP_WINDOW / 4) {
      told = before;
      tell('a', told, 5);
    } else if (!hasCountMoved()) {
      told = counted;
      tell(told == 0 ? 'a' : 'l', told, 5);
    }
  }

  private void tell(char what, int number, int length) {
    ByteBuffer bytes = frame.bytes().clear();
    bytes.limit(TRANSPORT + UDP_BYTES + length);
    HEADERS.put(bytes, 17, GATEWAY, 0, UDP_BYTES + length);
    bytes.putShort(TRANSPORT, (short) GUEST_PORT).putShort(TRANSPORT + 2, (short) peerPort);
    bytes.putShort(TRANSPORT + 4, (short) (UDP_BYTES + length));
    bytes.put(TRANSPORT + UDP_BYTES, (byte) what).putInt(TRANSPORT + UDP_BYTES + 1, number);
    transmit(6, false);
  }

  // Frames.

  private void transmit(int checksumOffset, boolean isLarge) {
    frame.setChecksum(TRANSPORT, checksumOffset);
    frame.setSegmentation(
        isLarge ? NetFrame.Segmentation.TCP_IPV4 : NetFrame.Segmentation.NONE, MSS, false);
    frame.bytes().position(0);
    network.transmit(frame);
  }

  @Override
  public boolean receive(NetFrame arrived) {
    ByteBuffer bytes = arrived.bytes();
    if (bytes.limit() < TRANSPORT + UDP_BYTES || bytes.getShort(12) != 0x800) {
      return true;
    }
    if (bytes.get(ETHERNET + 9) == 17) {
      counted = kind == Kind.UDP_SEND ? bytes.getInt(TRANSPORT + UDP_BYTES + 1) : counted + 1;
      if (kind == Kind.UDP_RECEIVE) {
        frames.incrementAndGet();
      }
    } else if ((bytes.get(TRANSPORT + 13) & SYN) != 0) {
      received = bytes.getInt(TRANSPORT + 4) + 1;
      windowScale = bytes.get(TRANSPORT + TCP_BYTES + 7);
      noteWindow(bytes, 0);
      isOpen = true;
    } else {
      noteWindow(bytes, windowScale);
      int header = (bytes.get(TRANSPORT + 12) >> 4 & 15) * 4;
      int data = bytes.limit() - TRANSPORT - header;
      int expected = received;
      if (data > 0 && bytes.getInt(TRANSPORT + 4) == expected) {
        received = expected + data;
        frames.incrementAndGet();
      }
    }
    LockSupport.unpark(card);
    return true;
  }

  private void noteWindow(ByteBuffer bytes, int scale) {
    edge = bytes.getInt(TRANSPORT + 8) + ((bytes.getShort(TRANSPORT + 14) & 0xffff) << scale);
  }

  @Override
  public int features() {
    return NetBackend.CHECKSUM | NetBackend.TCP_IPV4;
  }

  @Override
  public byte[] macAddress() {
    return new byte[] {0x52, 0x54, 0, 0, 0, 1};
  }
}
