package org.maloca.net.dns;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** Makes answers of our own: errors, truncated answers, addresses and names we know. */
final class DnsReplyBuilder {
  /** For how long clients may keep what we know of machines that come and go. */
  private static final int LOCAL_TTL_SECONDS = 10;

  private static final int NAME_OF_QUESTION = 0xc000 | DnsCode.HEADER_BYTES;
  private static final int OPT_BYTES = 11;
  private static final int OUR_UDP_BYTES = 1232;
  private static final int MAX_RECORDS = 32;

  private DnsReplyBuilder() {}

  /** An answer without records. */
  static byte[] empty(DnsQuery query, int rcode) {
    return finish(query, begin(query, DnsCode.FLAG_RECURSION_AVAILABLE | rcode, 0));
  }

  /** An answer that says only that it would have been too large. */
  static byte[] truncated(DnsQuery query, int rcode) {
    int flags = DnsCode.FLAG_TRUNCATED | DnsCode.FLAG_RECURSION_AVAILABLE | rcode;
    return finish(query, begin(query, flags, 0));
  }

  /** The addresses of the type that was asked for; with none the name exists all the same. */
  static byte[] addresses(DnsQuery query, List<InetAddress> addresses) {
    int size = query.type() == DnsCode.TYPE_A ? 4 : 16;
    List<byte[]> fitting =
        addresses.stream()
            .map(InetAddress::getAddress)
            .filter(address -> address.length == size)
            .filter(a -> query.type() == DnsCode.TYPE_A || query.type() == DnsCode.TYPE_AAAA)
            .limit(MAX_RECORDS)
            .toList();
    return records(query, fitting);
  }

  /** The name of an address. */
  static byte[] pointer(DnsQuery query, String name) {
    return records(query, List.of(NameSyntax.encode(name)));
  }

  private static byte[] records(DnsQuery query, List<byte[]> values) {
    int flags = DnsCode.FLAG_AUTHORITATIVE | DnsCode.FLAG_RECURSION_AVAILABLE;
    ByteBuffer reply = begin(query, flags, values.size());
    for (byte[] value : values) {
      reply.putShort((short) NAME_OF_QUESTION);
      reply.putShort((short) query.type()).putShort((short) DnsCode.CLASS_IN);
      reply.putInt(LOCAL_TTL_SECONDS);
      reply.putShort((short) value.length).put(value);
    }
    return finish(query, reply);
  }

  private static ByteBuffer begin(DnsQuery query, int flags, int answers) {
    int room = query.questionEnd() + MAX_RECORDS * (12 + NameSyntax.MAX_NAME) + OPT_BYTES;
    ByteBuffer reply = ByteBuffer.allocate(room);
    int kept =
        query.flags()
            & (DnsCode.MASK_OPCODE
                | DnsCode.FLAG_RECURSION_DESIRED
                | DnsCode.FLAG_CHECKING_DISABLED);
    reply.putShort((short) query.id());
    reply.putShort((short) (DnsCode.FLAG_RESPONSE | kept | flags));
    reply.putShort((short) (query.hasQuestion() ? 1 : 0));
    reply.putShort((short) answers).putShort((short) 0);
    reply.putShort((short) (query.hasEdns() ? 1 : 0));
    reply.put(query.message(), DnsCode.HEADER_BYTES, query.questionEnd() - DnsCode.HEADER_BYTES);
    return reply;
  }

  private static byte[] finish(DnsQuery query, ByteBuffer reply) {
    if (query.hasEdns()) {
      reply.put((byte) 0).putShort((short) DnsCode.TYPE_OPT).putShort((short) OUR_UDP_BYTES);
      reply.putInt(0).putShort((short) 0);
    }
    return Arrays.copyOf(reply.array(), reply.position());
  }
}
