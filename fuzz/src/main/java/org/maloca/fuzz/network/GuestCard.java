package org.maloca.fuzz.network;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.maloca.core.backend.NetBackend;
import org.maloca.core.backend.NetFrame;
import org.maloca.net.ethernet.SwitchPort;

/**
 * A guest's card. What comes from the gateway must be a frame whose checksums are right; of TCP
 * segments it remembers how far the other side is, so that scripts can go on from there.
 */
final class GuestCard implements NetBackend.Port {
  static final int FLOWS = 4;
  static final int FIRST_PORT = 1000;

  private static final int MAX_FRAME_BYTES = 1514;
  private static final int SYN = 2;
  private static final int FIN = 1;

  private final byte[] mac;
  private final SwitchPort port;
  private final NetFrame out = new NetFrame();

  /** What the guest would acknowledge, of each flow. */
  final int[] expected = new int[FLOWS];

  /** The guest's next sequence number, of each flow. */
  final int[] next = new int[FLOWS];

  private volatile boolean isFull;
  private volatile String wrong = "";
  private final AtomicInteger received = new AtomicInteger();

  GuestCard(SwitchPort port, int number) {
    this.port = port;
    mac = Frames.GUEST_MAC.clone();
    mac[5] = (byte) number;
    port.connect(this);
  }

  @Override
  public boolean receive(NetFrame frame) {
    if (isFull) {
      return false;
    }
    byte[] bytes = new byte[frame.bytes().limit()];
    frame.bytes().get(0, bytes);
    boolean isOurs = bytes.length >= Frames.ETHERNET_BYTES && isFromGateway(bytes);
    if (bytes.length < Frames.ETHERNET_BYTES || bytes.length > MAX_FRAME_BYTES && isOurs) {
      wrong = "a frame of %d bytes".formatted(bytes.length);
    } else if (isOurs) {
      int ignored = received.incrementAndGet();
      look(ByteBuffer.wrap(bytes), frame.needsChecksum());
    }
    return true;
  }

  private static boolean isFromGateway(byte[] frame) {
    for (int i = 0; i < 6; i++) {
      if (frame[6 + i] != Frames.GATEWAY_MAC[i]) {
        return false;
      }
    }
    return true;
  }

  private void look(ByteBuffer frame, boolean needsChecksum) {
    int type = frame.getShort(12) & 0xffff;
    boolean isIpv4 = type == Frames.ETHERTYPE_IPV4;
    if (!isIpv4 && type != Frames.ETHERTYPE_IPV6) {
      return;
    }
    int protocol = frame.get(isIpv4 ? 23 : 20) & 0xff;
    int start = Frames.ETHERNET_BYTES + (isIpv4 ? Frames.IPV4_BYTES : Frames.IPV6_BYTES);
    int length = frame.getShort(isIpv4 ? 16 : 18) & 0xffff;
    int end = length + (isIpv4 ? Frames.ETHERNET_BYTES : start);
    boolean isIpSumWrong = isIpv4 && Frames.sum(frame, Frames.ETHERNET_BYTES, start, 0) != 0;
    if (end > frame.limit() || isIpSumWrong) {
      wrong = "IP header of a packet of %d bytes".formatted(length);
      return;
    }
    int sum = Frames.transportSum(frame, isIpv4 ? 26 : 22, isIpv4 ? 8 : 32, protocol, start, end);
    if (!needsChecksum && Frames.checksumField(protocol) >= 0 && sum != 0) {
      wrong = "checksum of protocol %d".formatted(protocol);
    } else if (protocol == Frames.TCP) {
      learn(frame, start, end);
    }
  }

  private void learn(ByteBuffer frame, int start, int end) {
    int flow = (frame.getShort(start + 2) & 0xffff) - FIRST_PORT;
    if (flow < 0 || flow >= FLOWS) {
      return;
    }
    int flags = frame.get(start + 13);
    int data = end - start - (frame.get(start + 12) >> 4 & 15) * 4;
    int behind = frame.getInt(start + 4) + data + ((flags & (SYN | FIN)) != 0 ? 1 : 0);
    expected[flow] = behind;
  }

  /** What was wrong with a frame, or nothing. */
  String wrong() {
    return wrong;
  }

  /** Frames of the gateway. */
  int received() {
    return received.get();
  }

  void setFull(boolean full) {
    isFull = full;
    if (!full) {
      port.roomAvailable();
    }
  }

  /** Sends a frame with what {@code how} says of its checksum and segmentation. */
  void send(byte[] frame, int how, int segmentBytes) {
    out.clear();
    out.bytes().put(0, frame).limit(frame.length);
    out.setChecksumGood((how & 1) != 0);
    if ((how & 2) != 0) {
      out.setChecksum(how >> 4 & 63, 16);
    }
    NetFrame.Segmentation[] kinds = NetFrame.Segmentation.values();
    out.setSegmentation(kinds[how >> 2 & 3], segmentBytes, false);
    port.transmit(out);
  }

  @Override
  public int features() {
    return 0;
  }

  @Override
  public byte[] macAddress() {
    return mac.clone();
  }
}
