package org.maloca.net.service;

import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * A UDP datagram on a network, of either IP version. Its checksum has been checked.
 *
 * @param switchPort number of the switch's port by which it came; counts from 1 and is given to one
 *     card as long as the network lives
 * @param mac the sender's link address when it came from a guest, the receiver's when it goes to
 *     one (all ones: to everybody on that port), in the lower 48 bits
 * @param payload from its position to its limit; of a datagram from a guest it may be used until
 *     the call returns
 */
public record Datagram(
    int switchPort,
    long mac,
    InetAddress source,
    int sourcePort,
    InetAddress destination,
    int destinationPort,
    ByteBuffer payload) {
  /** The answer: addresses and ports the other way round, with another payload. */
  public Datagram answer(ByteBuffer answerPayload) {
    return new Datagram(
        switchPort, mac, destination, destinationPort, source, sourcePort, answerPayload);
  }
}
