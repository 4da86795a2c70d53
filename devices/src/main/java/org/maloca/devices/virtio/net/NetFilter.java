package org.maloca.devices.virtio.net;

import java.nio.ByteBuffer;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * Which frames the guest wants (virtio 1.2, section 5.1.6.5.1 to 3). Immutable: a change makes
 * another one.
 *
 * @param modes a sum of the constants here
 * @param mac the card's address as a number
 * @param unicast further addresses
 * @param multicast group addresses
 * @param vlans a bit for each VLAN that is let through; empty while none is filtered out
 */
record NetFilter(int modes, long mac, long[] unicast, long[] multicast, long[] vlans) {
  static final int PROMISC = 1;
  static final int ALLMULTI = 1 << 1;
  static final int ALLUNI = 1 << 2;
  static final int NOMULTI = 1 << 3;
  static final int NOUNI = 1 << 4;
  static final int NOBCAST = 1 << 5;

  /** A table was given that is longer than what the card keeps. */
  static final int UNICAST_OVERFLOW = 1 << 6;

  static final int MULTICAST_OVERFLOW = 1 << 7;

  /** Most addresses that the card keeps in each of its tables. */
  static final int MAX_ADDRESSES = 64;

  private static final long BROADCAST = 0xffff_ffff_ffffL;
  private static final int TYPE = 12;
  private static final int TYPE_VLAN = 0x8100;
  private static final int VLAN_WORDS = 4096 / 64;
  private static final long[] NONE = {};

  /** The filter before a driver says anything: everything passes. */
  static NetFilter open(long mac) {
    return new NetFilter(PROMISC, mac, NONE, NONE, NONE);
  }

  NetFilter withMode(int mode, boolean isOn) {
    return new NetFilter(isOn ? modes | mode : modes & ~mode, mac, unicast, multicast, vlans);
  }

  NetFilter withMac(long address) {
    return new NetFilter(modes, address, unicast, multicast, vlans);
  }

  NetFilter withTables(long[] unicasts, long[] multicasts, int overflow) {
    int kept = modes & ~(UNICAST_OVERFLOW | MULTICAST_OVERFLOW);
    return new NetFilter(kept | overflow, mac, unicasts, multicasts, vlans);
  }

  /** Lets no VLAN through, until it is added. */
  NetFilter withVlanFilter() {
    return new NetFilter(modes, mac, unicast, multicast, new long[VLAN_WORDS]);
  }

  NetFilter withVlan(int vlan, boolean passes) {
    long[] changed = vlans.clone();
    if (changed.length > 0) {
      long bit = 1L << vlan;
      changed[vlan >> 6] = passes ? changed[vlan >> 6] | bit : changed[vlan >> 6] & ~bit;
    }
    return new NetFilter(modes, mac, unicast, multicast, changed);
  }

  /** Whether the guest wants a frame, of 14 bytes at least. */
  boolean accepts(ByteBuffer frame) {
    if (has(PROMISC)) {
      return true;
    }
    if (vlans.length > 0 && frame.limit() >= 16 && frame.getShort(TYPE) == (short) TYPE_VLAN) {
      int vlan = frame.getShort(TYPE + 2) & 0xfff;
      if ((vlans[vlan >> 6] >>> vlan & 1) == 0) {
        return false;
      }
    }
    long target = (frame.getShort(0) & 0xffffL) << 32 | frame.getInt(2) & 0xffff_ffffL;
    if (target == BROADCAST) {
      return !has(NOBCAST);
    }
    if ((frame.get(0) & 1) != 0) {
      return !has(NOMULTI) && (has(ALLMULTI | MULTICAST_OVERFLOW) || contains(multicast, target));
    }
    return !has(NOUNI)
        && (target == mac || has(ALLUNI | UNICAST_OVERFLOW) || contains(unicast, target));
  }

  private boolean has(int mode) {
    return (modes & mode) != 0;
  }

  private static boolean contains(long[] table, long address) {
    for (long entry : table) {
      if (entry == address) {
        return true;
      }
    }
    return false;
  }

  void save(SnapshotWriter.Section section) {
    section.put(modes);
    section.put(mac);
    section.put(unicast);
    section.put(multicast);
    section.put(vlans);
  }

  static NetFilter restore(SnapshotReader.Section section) {
    int modes = section.getInt();
    long mac = section.getLong() & BROADCAST;
    long[] unicast = section.getLongs(MAX_ADDRESSES);
    long[] multicast = section.getLongs(MAX_ADDRESSES);
    long[] vlans = section.getLongs(VLAN_WORDS);
    return new NetFilter(modes, mac, unicast, multicast, vlans.length == VLAN_WORDS ? vlans : NONE);
  }
}
