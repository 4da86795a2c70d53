package org.maloca.net.dns;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Messages for tests, written out from RFC 1035. */
final class DnsMessages {
  private DnsMessages() {}

  static byte[] query(int id, String name, int type) {
    return query(id, NameSyntax.encode(name), type, 0);
  }

  static byte[] query(int id, byte[] name, int type, int ednsBytes) {
    ByteBuffer message = ByteBuffer.allocate(12 + name.length + 4 + 11);
    message.putShort((short) id).putShort((short) 0x0100).putShort((short) 1);
    message.putInt(0).putShort((short) (ednsBytes > 0 ? 1 : 0));
    message.put(name).putShort((short) type).putShort((short) 1);
    if (ednsBytes > 0) {
      message.put((byte) 0).putShort((short) 41).putShort((short) ednsBytes);
      message.putInt(0).putShort((short) 0);
    }
    return Arrays.copyOf(message.array(), message.position());
  }

  /** An answer to a plain query with records that follow their own bytes. */
  static byte[] answer(byte[] query, int rcode, byte[]... records) {
    ByteBuffer message = ByteBuffer.allocate(65535);
    message.put(query).putShort(2, (short) (0x8180 | rcode));
    message.putShort(6, (short) records.length).putShort(10, (short) 0);
    for (byte[] record : records) {
      message.put(record);
    }
    return Arrays.copyOf(message.array(), message.position());
  }

  static byte[] record(byte[] owner, int type, int ttl, byte... data) {
    ByteBuffer record = ByteBuffer.allocate(owner.length + 10 + data.length);
    record.put(owner).putShort((short) type).putShort((short) 1).putInt(ttl);
    return record.putShort((short) data.length).put(data).array();
  }

  static int rcode(byte[] reply) {
    return reply[3] & 15;
  }

  static int answers(byte[] reply) {
    return ByteBuffer.wrap(reply).getShort(6);
  }

  static boolean isTruncated(byte[] reply) {
    return (reply[2] & 2) != 0;
  }
}
