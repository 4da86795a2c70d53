package org.maloca.net.dns;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A question as it came from a client.
 *
 * @param message its bytes
 * @param id the client's number for it
 * @param flags the header's second word
 * @param name what is asked for, as {@link NameSyntax} writes it
 * @param type of the records
 * @param questionEnd offset behind the question
 * @param udpBytes the largest answer that the client takes by UDP
 * @param hasEdns whether it speaks EDNS, so that the answer must, too (RFC 6891, section 6.1.1)
 * @param error the response code if it cannot be answered, else 0
 */
record DnsQuery(
    byte[] message,
    int id,
    int flags,
    String name,
    int type,
    int questionEnd,
    int udpBytes,
    boolean hasEdns,
    int error) {
  /** The most that we send in one datagram, whatever a client says. */
  private static final int MAX_UDP_BYTES = 4096;

  private static final int MAX_RECORDS = 16;

  /** Reads a message; null is one that deserves no answer: too short, or no question. */
  static @Nullable DnsQuery parse(byte[] bytes) {
    ByteBuffer message = ByteBuffer.wrap(bytes);
    if (bytes.length < DnsCode.HEADER_BYTES) {
      return null;
    }
    int id = message.getShort(0) & 0xffff;
    int flags = message.getShort(2) & 0xffff;
    if ((flags & DnsCode.FLAG_RESPONSE) != 0) {
      return null;
    }
    if ((flags & DnsCode.MASK_OPCODE) != 0) {
      return broken(bytes, id, flags, DnsCode.NOT_IMPLEMENTED);
    }
    StringBuilder name = new StringBuilder();
    int end = NameSyntax.read(message, DnsCode.HEADER_BYTES, name);
    if (message.getShort(4) != 1 || end == NameSyntax.BAD || end + 4 > bytes.length) {
      return broken(bytes, id, flags, DnsCode.FORMAT_ERROR);
    }
    int type = message.getShort(end) & 0xffff;
    int questionEnd = end + 4;
    int udpBytes = DnsCode.PLAIN_UDP_BYTES;
    boolean hasEdns = false;
    int records =
        (message.getShort(6) & 0xffff)
            + (message.getShort(8) & 0xffff)
            + (message.getShort(10) & 0xffff);
    int at = questionEnd;
    for (int i = 0; i < records; i++) {
      int fixed = NameSyntax.read(message, at, new StringBuilder());
      if (i == MAX_RECORDS || fixed == NameSyntax.BAD || fixed + 10 > bytes.length) {
        return broken(bytes, id, flags, DnsCode.FORMAT_ERROR);
      }
      if ((message.getShort(fixed) & 0xffff) == DnsCode.TYPE_OPT) {
        hasEdns = true;
        int asked = message.getShort(fixed + 2) & 0xffff;
        udpBytes = Math.clamp(asked, DnsCode.PLAIN_UDP_BYTES, MAX_UDP_BYTES);
      }
      at = fixed + 10 + (message.getShort(fixed + 8) & 0xffff);
      if (at > bytes.length) {
        return broken(bytes, id, flags, DnsCode.FORMAT_ERROR);
      }
    }
    boolean isRefused =
        type == DnsCode.TYPE_AXFR
            || type == DnsCode.TYPE_IXFR
            || message.getShort(end + 2) != DnsCode.CLASS_IN;
    return new DnsQuery(
        bytes,
        id,
        flags,
        name.toString(),
        type,
        questionEnd,
        udpBytes,
        hasEdns,
        isRefused ? DnsCode.REFUSED : DnsCode.NO_ERROR);
  }

  private static DnsQuery broken(byte[] bytes, int id, int flags, int error) {
    return new DnsQuery(
        bytes, id, flags, "", 0, DnsCode.HEADER_BYTES, DnsCode.PLAIN_UDP_BYTES, false, error);
  }

  /** Whether the client may be told so in a question section of the answer. */
  boolean hasQuestion() {
    return questionEnd > DnsCode.HEADER_BYTES;
  }
}
