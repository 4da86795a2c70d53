package org.maloca.net.ethernet;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.NetBackend;
import org.maloca.core.backend.NetFrame;
import org.maloca.core.backend.NetFrame.Segmentation;
import org.maloca.net.frame.FrameSegmenter;
import org.maloca.net.ip.IpHeaders;

/**
 * A learning switch (IEEE 802.1D without spanning tree). Each port may have {@link #MACS_PER_PORT}
 * addresses beside its card's own; further ones push out the port's oldest. The address of a card
 * or of the gateway cannot be learned at another port, so nobody takes over another's frames.
 */
public final class EthernetSwitch {
  static final int MACS_PER_PORT = 32;
  private static final int ETHERNET_BYTES = 14;
  private static final long GROUP_BIT = 1L << 40;

  private final long gatewayMac;
  private final Uplink uplink;
  private final boolean isForwarding;
  private final Object lock = new Object();
  private final FrameSegmenter segmenter = new FrameSegmenter();
  private final NetFrame segment = new NetFrame();
  private final AddressClaims claims;
  private volatile SwitchPort[] ports = {};
  private int lastNumber;

  // Learned addresses, MACS_PER_PORT of each port in turn of coming; guarded by the lock.
  private long[][] learned = {};
  private int[] learnedNext = {};

  /**
   * Makes a switch without machines.
   *
   * @param isForwarding whether frames pass at all
   */
  public EthernetSwitch(
      long gatewayMac, AddressClaims claims, boolean isForwarding, Uplink uplink) {
    this.gatewayMac = gatewayMac;
    this.claims = claims;
    this.isForwarding = isForwarding;
    this.uplink = uplink;
  }

  /** Adds a port for a card. */
  public SwitchPort add() {
    synchronized (lock) {
      SwitchPort port = new SwitchPort(this, ++lastNumber);
      int count = ports.length;
      SwitchPort[] next = java.util.Arrays.copyOf(ports, count + 1);
      next[count] = port;
      learned = java.util.Arrays.copyOf(learned, count + 1);
      learned[count] = new long[MACS_PER_PORT];
      learnedNext = java.util.Arrays.copyOf(learnedNext, count + 1);
      ports = next;
      return port;
    }
  }

  /** The ports in order of making. */
  public SwitchPort[] ports() {
    return ports.clone();
  }

  void remove(SwitchPort port) {
    synchronized (lock) {
      for (int i = 0; i < ports.length; i++) {
        if (ports[i] == port) {
          learned = without(learned, i);
          SwitchPort[] next = without(ports, i);
          int[] places = new int[next.length];
          ports = next;
          learnedNext = places;
          break;
        }
      }
      claims.forget(port.number());
    }
    uplink.removed(port);
  }

  private static <T> T[] without(T[] array, int index) {
    T[] shorter = java.util.Arrays.copyOf(array, array.length - 1);
    System.arraycopy(array, index + 1, shorter, index, shorter.length - index);
    return shorter;
  }

  void roomAvailable(SwitchPort port) {
    uplink.roomAvailable(port);
  }

  void transmit(SwitchPort from, NetFrame frame) {
    ByteBuffer bytes = frame.bytes();
    if (!isForwarding || bytes.limit() < ETHERNET_BYTES) {
      from.counters().refusedFrames.increment();
      return;
    }
    long destination = IpHeaders.getMac(bytes, 0);
    long source = IpHeaders.getMac(bytes, 6);
    SwitchPort to = null;
    boolean isGroup = (destination & GROUP_BIT) != 0;
    boolean isForGateway = destination == gatewayMac;
    SwitchPort[] all;
    synchronized (lock) {
      if (!learn(from, source) || !claims.allows(from.number(), bytes)) {
        from.counters().refusedFrames.increment();
        return;
      }
      all = ports;
      if (!isGroup && !isForGateway) {
        to = find(destination);
      }
    }
    if (to != null) {
      if (to != from) {
        forward(to, frame);
      }
    } else if (!isForGateway) {
      for (SwitchPort other : all) {
        if (other != from) {
          forward(other, frame);
        }
      }
    }
    if (isGroup || isForGateway) {
      uplink.receive(from, frame);
    }
  }

  /** Notes where a frame came from; false if the address is another's. */
  private boolean learn(SwitchPort from, long mac) {
    if (mac == from.mac()) {
      return true;
    }
    if (mac == gatewayMac || mac == 0 || (mac & GROUP_BIT) != 0) {
      return false;
    }
    int own = -1;
    for (int i = 0; i < ports.length; i++) {
      if (ports[i] == from) {
        own = i;
      } else if (ports[i].mac() == mac) {
        return false;
      }
    }
    if (own < 0) {
      return false;
    }
    for (int i = 0; i < learned.length; i++) {
      for (int j = 0; j < MACS_PER_PORT; j++) {
        if (learned[i][j] == mac) {
          if (i == own) {
            return true;
          }
          // A machine behind it has moved.
          learned[i][j] = 0;
        }
      }
    }
    learned[own][learnedNext[own]] = mac;
    learnedNext[own] = (learnedNext[own] + 1) % MACS_PER_PORT;
    return true;
  }

  private @Nullable SwitchPort find(long mac) {
    for (SwitchPort port : ports) {
      if (port.mac() == mac) {
        return port;
      }
    }
    for (int i = 0; i < learned.length; i++) {
      for (long known : learned[i]) {
        if (known == mac) {
          return ports[i];
        }
      }
    }
    return null;
  }

  private void forward(SwitchPort to, NetFrame frame) {
    if (isFit(frame, to.features())) {
      if (!to.deliver(frame)) {
        to.counters().droppedFrames.increment();
      }
      frame.bytes().position(0);
      return;
    }
    synchronized (lock) {
      segmenter.segment(
          frame,
          bytes -> {
            segment.clear();
            segment.bytes().put(0, bytes, 0, bytes.limit()).limit(bytes.limit());
            if (!to.deliver(segment)) {
              to.counters().droppedFrames.increment();
            }
          });
    }
  }

  private static boolean isFit(NetFrame frame, int features) {
    int needed =
        switch (frame.segmentation()) {
          case NONE -> 0;
          case TCP_IPV4 -> NetBackend.TCP_IPV4;
          case TCP_IPV6 -> NetBackend.TCP_IPV6;
          case UDP -> NetBackend.UDP;
        };
    if (frame.needsChecksum() || frame.segmentation() != Segmentation.NONE) {
      needed |= NetBackend.CHECKSUM;
    }
    return (needed & ~features) == 0;
  }
}
