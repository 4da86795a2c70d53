package org.maloca.net.arp;

import java.nio.ByteBuffer;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.ip.IpHeaders;
import org.maloca.net.nat.Link;

/** Answers ARP requests (RFC 826) for the gateway's addresses. Guarded by the network's lock. */
public final class ArpResponder {
  private static final int BYTES = 28;
  private static final int REQUEST = 1;
  private static final int REPLY = 2;
  private static final long ETHERNET_AND_IPV4 = 0x0001_0800_0604_0000L;

  private final Link link;
  private final int[] addresses;

  /** Makes it for the given addresses. */
  public ArpResponder(Link link, int... addresses) {
    this.link = link;
    this.addresses = addresses;
  }

  /** Takes an ARP frame. */
  public void receive(SwitchPort port, ByteBuffer frame) {
    int at = IpHeaders.ETHERNET_BYTES;
    if (frame.limit() < at + BYTES || frame.getLong(at) != (ETHERNET_AND_IPV4 | REQUEST)) {
      return;
    }
    int target = frame.getInt(at + 24);
    for (int address : addresses) {
      if (address == target) {
        answer(port, IpHeaders.getMac(frame, at + 8), frame.getInt(at + 14), target);
      }
    }
  }

  private void answer(SwitchPort port, long mac, int guest, int own) {
    ByteBuffer out = link.begin().bytes();
    int at = IpHeaders.ETHERNET_BYTES;
    IpHeaders.putEthernet(out, mac, link.mac(), IpHeaders.ETHERTYPE_ARP);
    out.putLong(at, ETHERNET_AND_IPV4 | REPLY);
    IpHeaders.putMac(out, at + 8, link.mac());
    out.putInt(at + 14, own);
    IpHeaders.putMac(out, at + 18, mac);
    out.putInt(at + 24, guest);
    // The smallest frame without its check sequence, padded by zeros.
    for (int pad = at + BYTES; pad < 60; pad++) {
      out.put(pad, (byte) 0);
    }
    out.limit(60);
    if (!port.deliver(link.frame())) {
      port.noteDropped();
    }
  }
}
