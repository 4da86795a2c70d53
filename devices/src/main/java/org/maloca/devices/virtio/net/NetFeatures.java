package org.maloca.devices.virtio.net;

/** Feature bits of the network card (virtio 1.2, section 5.1.3). */
final class NetFeatures {
  static final long CSUM = 1L << 0;
  static final long GUEST_CSUM = 1L << 1;
  static final long CTRL_GUEST_OFFLOADS = 1L << 2;
  static final long MTU = 1L << 3;
  static final long MAC = 1L << 5;
  static final long GUEST_TSO4 = 1L << 7;
  static final long GUEST_TSO6 = 1L << 8;
  static final long GUEST_ECN = 1L << 9;
  static final long HOST_TSO4 = 1L << 11;
  static final long HOST_TSO6 = 1L << 12;
  static final long HOST_ECN = 1L << 13;
  static final long MRG_RXBUF = 1L << 15;
  static final long STATUS = 1L << 16;
  static final long CTRL_VQ = 1L << 17;
  static final long CTRL_RX = 1L << 18;
  static final long CTRL_VLAN = 1L << 19;
  static final long CTRL_RX_EXTRA = 1L << 20;
  static final long GUEST_ANNOUNCE = 1L << 21;
  static final long MQ = 1L << 22;
  static final long CTRL_MAC_ADDR = 1L << 23;
  static final long SPEED_DUPLEX = 1L << 63;

  /** What the guest can take back at run time (section 5.1.6.5.6). */
  static final long GUEST_OFFLOADS = GUEST_CSUM | GUEST_TSO4 | GUEST_TSO6 | GUEST_ECN;

  private NetFeatures() {}
}
