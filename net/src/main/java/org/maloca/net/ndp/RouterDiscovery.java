package org.maloca.net.ndp;

import java.util.Collection;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.ip.IpHeaders;
import org.maloca.net.ip.IpPacket;
import org.maloca.net.nat.EventLoop;
import org.maloca.net.nat.Link;
import org.maloca.net.nat.Timers;
import org.maloca.net.service.RouterAdvertiser;

/**
 * The router's side of router discovery (RFC 4861, section 6.2): answers solicitations, and tells
 * all machines from time to time. Machines solicit only when they come up, and forget a router, and
 * in the end their own addresses, if it is not heard of again. Guarded by the network's lock.
 */
public final class RouterDiscovery extends Timers.Entry {
  /** MaxRtrAdvInterval and MinRtrAdvInterval of section 6.2.1, with their usual values. */
  static final int MAX_INTERVAL_SECONDS = 600;

  static final int MIN_INTERVAL_SECONDS = 200;

  private static final int SOLICITATION_HOP_LIMIT = 255;
  private static final long NANOS = 1_000_000_000L;
  private static final long ALL_NODES_MAC = 0x33_33_00_00_00_01L;
  private static final long ALL_NODES_HIGH = 0xff02_0000_0000_0000L;
  private static final long ALL_NODES_LOW = 1;

  private final EventLoop loop;
  private final Link link;
  private final long high;
  private final long low;
  private final SplittableRandom random = new SplittableRandom();
  private @Nullable RouterAdvertiser advertiser;
  private Supplier<Collection<SwitchPort>> ports = List::of;

  /**
   * Makes a router that nobody hears of yet.
   *
   * @param high the router's link-local address, with {@code low}
   */
  public RouterDiscovery(EventLoop loop, Link link, long high, long low) {
    this.loop = loop;
    this.link = link;
    this.high = high;
    this.low = low;
  }

  /**
   * Starts advertising.
   *
   * @param machines who is there at a moment
   */
  public void start(RouterAdvertiser by, Supplier<Collection<SwitchPort>> machines) {
    advertiser = by;
    ports = machines;
    armNext(loop.nanos());
  }

  private void armNext(long nowNanos) {
    // At random, so that routers do not fall into step.
    long seconds = random.nextInt(MIN_INTERVAL_SECONDS, MAX_INTERVAL_SECONDS);
    loop.arm(this, nowNanos + seconds * NANOS);
  }

  /** Answers a solicitation. */
  public void receive(SwitchPort from, long mac, IpPacket packet) {
    if (packet.hopLimit() == SOLICITATION_HOP_LIMIT) {
      advertise(from, mac);
    }
  }

  @Override
  protected void expired(long nowNanos) {
    ports.get().forEach(port -> advertise(port, ALL_NODES_MAC));
    armNext(nowNanos);
  }

  private void advertise(SwitchPort to, long mac) {
    RouterAdvertiser by = advertiser;
    if (by == null) {
      return;
    }
    byte[] message = by.advertisement();
    link.begin().bytes().put(IpHeaders.payloadStart(true), message);
    link.sendIcmp(to, mac, high, low, ALL_NODES_HIGH, ALL_NODES_LOW, message.length);
  }
}
