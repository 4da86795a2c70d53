package org.maloca.bench;

import java.nio.ByteBuffer;

/**
 * Writes the Ethernet and IPv4 headers of what a guest sends, as a guest would: by none of the code
 * that is measured.
 *
 * @param macTail the last four bytes of the guest's MAC address, which begins with 52:54
 * @param address the guest's IPv4 address
 */
record GuestHeaders(int macTail, int address) {
  static final int ETHERNET = 14;

  /** Where the payload begins. */
  static final int TRANSPORT = ETHERNET + 20;

  static final int GATEWAY = 0x0a00_0202;

  /**
   * Writes them.
   *
   * @param identityAndPlace the packet's identification, flags and fragment offset
   */
  void put(ByteBuffer bytes, int protocol, int to, int identityAndPlace, int payloadBytes) {
    bytes.putInt(0, 0x5255_0a00).putInt(4, 0x0202_5254).putInt(8, macTail);
    bytes.putShort(12, (short) 0x800);
    bytes.putInt(ETHERNET, 0x4500_0000 | 20 + payloadBytes);
    bytes.putInt(ETHERNET + 4, identityAndPlace);
    bytes.putInt(ETHERNET + 8, 64 << 24 | protocol << 16);
    bytes.putInt(ETHERNET + 12, address).putInt(ETHERNET + 16, to);
    int sum = 0;
    for (int i = 0; i < 20; i += 2) {
      sum += bytes.getShort(ETHERNET + i) & 0xffff;
    }
    bytes.putShort(ETHERNET + 10, (short) ~((sum & 0xffff) + (sum >> 16)));
  }
}
