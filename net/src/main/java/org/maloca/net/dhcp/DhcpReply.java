package org.maloca.net.dhcp;

/**
 * A server's answer and where it goes (RFC 2131, section 4.1).
 *
 * @param message the UDP payload, from port 67 to port 68
 * @param destinationAddress IPv4; all ones for a broadcast
 * @param destinationMac six bytes as a number; all ones for a broadcast
 */
public record DhcpReply(byte[] message, int destinationAddress, long destinationMac) {
  public static final int BROADCAST_ADDRESS = -1;
  public static final long BROADCAST_MAC = 0xffff_ffff_ffffL;
}
