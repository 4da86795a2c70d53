package org.maloca.net.icmp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.ip.IpBits;
import org.maloca.net.ip.IpHeaders;
import org.maloca.net.ip.IpPacket;
import org.maloca.net.nat.EventLoop;
import org.maloca.net.nat.Link;

/**
 * Answers pings: those to the gateway at once. Those to others go there where the host has ICMP
 * sockets for us (see {@link EchoRelay}); where it has none, they are answered once the host has
 * reached whom they are for, which the JVM finds out by ICMP of its own where it may, else by TCP.
 * Guarded by the network's lock.
 */
public final class IcmpEcho {
  private static final System.Logger LOG = System.getLogger(IcmpEcho.class.getName());

  /** Types of both versions. */
  public static final int REQUEST4 = 8;

  public static final int REQUEST6 = 128;

  private static final int REPLY4 = 0;
  private static final int REPLY6 = 129;
  private static final int CHECKSUM_OFFSET = 2;
  private static final int MAX_ASKED = 32;
  private static final int TIMEOUT_MILLIS = 4000;

  /** When a host that had no ICMP socket for us is asked again. */
  private static final long RETRY_NANOS = 30_000_000_000L;

  private final EventLoop loop;
  private final Link link;
  private final IcmpErrors errors;
  private final Executor executor;
  private final EchoSocket.Opener opener;
  private @Nullable EchoRelay relay4;
  private @Nullable EchoRelay relay6;
  private long nextTryNanos4;
  private long nextTryNanos6;
  private boolean isTold;
  private boolean isClosed;
  private int asked;

  /**
   * Makes it.
   *
   * @param executor runs what blocks for seconds: a virtual thread a task
   * @param opener asked when a guest first pings somebody outside
   */
  public IcmpEcho(
      EventLoop loop, Link link, IcmpErrors errors, Executor executor, EchoSocket.Opener opener) {
    this.loop = loop;
    this.link = link;
    this.errors = errors;
    this.executor = executor;
    this.opener = opener;
  }

  /** Answers a request in the place of whom it is for. */
  public void answer(SwitchPort port, long mac, ByteBuffer bytes, IpPacket packet) {
    int length = packet.end() - packet.payloadStart();
    ByteBuffer out = link.begin().bytes();
    int at = IpHeaders.payloadStart(packet.isIpv6());
    if (at + length <= out.capacity()) {
      out.put(at, bytes, packet.payloadStart(), length);
      send(
          port,
          mac,
          packet.destinationHigh(),
          packet.destinationLow(),
          packet.sourceHigh(),
          packet.sourceLow(),
          length);
    }
  }

  /** Takes a request to whom it is for; of many at once only some. */
  public void ask(SwitchPort port, long mac, ByteBuffer bytes, IpPacket packet) {
    EchoRelay relay = relay(packet.isIpv6());
    if (relay != null) {
      relay.send(port, mac, bytes, packet);
    } else {
      askOnly(port, mac, bytes, packet);
    }
  }

  private @Nullable EchoRelay relay(boolean isIpv6) {
    EchoRelay known = isIpv6 ? relay6 : relay4;
    long nowNanos = loop.nanos();
    long nextTryNanos = isIpv6 ? nextTryNanos6 : nextTryNanos4;
    if (known != null || isClosed || nextTryNanos != 0 && nowNanos - nextTryNanos < 0) {
      return known;
    }
    try {
      EchoRelay opened = new EchoRelay(loop, link, errors, isIpv6, opener);
      if (isIpv6) {
        relay6 = opened;
      } else {
        relay4 = opened;
      }
      return opened;
    } catch (IOException forbidden) {
      // The administrator may allow it, or IPv6 come up, while the machine runs.
      if (isIpv6) {
        nextTryNanos6 = nowNanos + RETRY_NANOS;
      } else {
        nextTryNanos4 = nowNanos + RETRY_NANOS;
      }
      if (!isTold) {
        isTold = true;
        LOG.log(
            System.Logger.Level.INFO, "pings only tell who is there: " + forbidden.getMessage());
      }
      return null;
    }
  }

  /** Closes the host's sockets. */
  public void close() {
    EchoRelay first;
    EchoRelay second;
    synchronized (loop.lock()) {
      isClosed = true;
      first = relay4;
      second = relay6;
      relay4 = null;
      relay6 = null;
    }
    if (first != null) {
      first.close();
    }
    if (second != null) {
      second.close();
    }
  }

  private void askOnly(SwitchPort port, long mac, ByteBuffer bytes, IpPacket packet) {
    if (asked >= MAX_ASKED) {
      return;
    }
    asked++;
    byte[] request = new byte[packet.end() - packet.payloadStart()];
    bytes.get(packet.payloadStart(), request);
    long targetHigh = packet.destinationHigh();
    long targetLow = packet.destinationLow();
    long guestHigh = packet.sourceHigh();
    long guestLow = packet.sourceLow();
    try {
      executor.execute(() -> {
        boolean isReached = false;
        try {
          isReached = isReachable(targetHigh, targetLow);
        } finally {
          synchronized (loop.lock()) {
            asked--;
            if (isReached) {
              int at = IpHeaders.payloadStart(!IpBits.isIpv4(targetHigh, targetLow));
              link.begin().bytes().put(at, request);
              send(port, mac, targetHigh, targetLow, guestHigh, guestLow, request.length);
            }
          }
        }
      });
    } catch (java.util.concurrent.RejectedExecutionException closing) {
      asked--;
    }
  }

  private static boolean isReachable(long high, long low) {
    try {
      return IpBits.toAddress(high, low).isReachable(TIMEOUT_MILLIS);
    } catch (IOException noWay) {
      return false;
    }
  }

  private void send(
      SwitchPort port,
      long mac,
      long fromHigh,
      long fromLow,
      long guestHigh,
      long guestLow,
      int length) {
    boolean isIpv6 = !IpBits.isIpv4(fromHigh, fromLow);
    int at = IpHeaders.payloadStart(isIpv6);
    ByteBuffer out = link.frame().bytes();
    out.put(at, (byte) (isIpv6 ? REPLY6 : REPLY4)).putShort(at + CHECKSUM_OFFSET, (short) 0);
    link.sendIcmp(port, mac, fromHigh, fromLow, guestHigh, guestLow, length);
  }
}
