package org.maloca.net.nat;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.ip.IpBits;
import org.maloca.net.ip.IpHeaders;
import org.maloca.net.ip.IpPacket;

/**
 * A conversation between a guest and something beyond the gateway: who talks to whom, and what
 * passed. Guarded by the network's lock.
 */
public abstract class Flow extends Timers.Entry {
  protected final SwitchPort port;
  protected final boolean isUdp;
  protected final long guestHigh;
  protected final long guestLow;
  protected final int guestPort;
  protected final long remoteHigh;
  protected final long remoteLow;
  protected final int remotePort;

  /** The guest's link address; follows what it sends from. */
  protected long guestMac;

  protected long bytesFromGuest;
  protected long bytesToGuest;

  // Links of the list by last use, and of the table's chain.
  @Nullable Flow newer;
  @Nullable Flow older;
  @Nullable Flow nextInBucket;
  int hash;
  boolean isInTable;

  protected Flow(
      SwitchPort port,
      boolean isUdp,
      long guestMac,
      long guestHigh,
      long guestLow,
      int guestPort,
      long remoteHigh,
      long remoteLow,
      int remotePort) {
    this.port = port;
    this.isUdp = isUdp;
    this.guestMac = guestMac;
    this.guestHigh = guestHigh;
    this.guestLow = guestLow;
    this.guestPort = guestPort;
    this.remoteHigh = remoteHigh;
    this.remoteLow = remoteLow;
    this.remotePort = remotePort;
  }

  final boolean matches(
      int portNumber, long gHigh, long gLow, int gPort, long rHigh, long rLow, int rPort) {
    return guestPort == gPort
        && remotePort == rPort
        && remoteLow == rLow
        && guestLow == gLow
        && remoteHigh == rHigh
        && guestHigh == gHigh
        && port.number() == portNumber;
  }

  /** Ends the flow at once on both sides: its place is needed, or its machine is gone. */
  public abstract void evict();

  public SwitchPort port() {
    return port;
  }

  public boolean isUdp() {
    return isUdp;
  }

  public InetAddress guestAddress() {
    return IpBits.toAddress(guestHigh, guestLow);
  }

  public int guestPort() {
    return guestPort;
  }

  public InetAddress remoteAddress() {
    return IpBits.toAddress(remoteHigh, remoteLow);
  }

  public int remotePort() {
    return remotePort;
  }

  /** The guest's address, with {@link #guestLow}. */
  public long guestHigh() {
    return guestHigh;
  }

  public long guestLow() {
    return guestLow;
  }

  public long guestMac() {
    return guestMac;
  }

  public boolean isIpv6() {
    return !IpBits.isIpv4(remoteHigh, remoteLow);
  }

  /**
   * Writes what an ICMP error quotes of a packet that the guest sent.
   *
   * @param frame the IP header goes where that of a frame is
   * @param transportStart the first eight bytes behind it
   * @return bytes from the IP header's start on
   */
  public int quote(ByteBuffer frame, long transportStart) {
    IpHeaders.put(
        frame,
        0,
        0,
        guestHigh,
        guestLow,
        remoteHigh,
        remoteLow,
        isUdp ? IpPacket.UDP : IpPacket.TCP,
        Long.BYTES);
    int start = IpHeaders.payloadStart(isIpv6());
    frame.putLong(start, transportStart);
    return start + Long.BYTES - IpHeaders.ETHERNET_BYTES;
  }

  public long bytesFromGuest() {
    return bytesFromGuest;
  }

  public long bytesToGuest() {
    return bytesToGuest;
  }
}
