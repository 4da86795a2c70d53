package org.maloca.net.dns;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Looks into a resolver's answer. Answers are as hostile as questions. */
final class DnsAnswer {
  private static final int MAX_RECORDS = 256;
  private static final int MAX_ALIASES = 16;

  private DnsAnswer() {}

  /** Whether the message answers that question, which we sent under that id. */
  static boolean matches(byte[] reply, DnsQuery query, int id) {
    int end = query.questionEnd();
    if (reply.length < end) {
      return false;
    }
    ByteBuffer message = ByteBuffer.wrap(reply);
    if ((message.getShort(0) & 0xffff) != id
        || (message.getShort(2) & DnsCode.FLAG_RESPONSE) == 0
        || message.getShort(4) != 1) {
      return false;
    }
    // Only the case of letters may differ, and type and class hold none of the ranges compared.
    return text(reply, end).equals(text(query.message(), end));
  }

  private static String text(byte[] message, int end) {
    int from = DnsCode.HEADER_BYTES;
    return new String(message, from, end - from - 4, java.nio.charset.StandardCharsets.ISO_8859_1)
            .toLowerCase(Locale.ROOT)
        + new String(message, end - 4, 4, java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  static boolean isTruncated(byte[] reply) {
    return (ByteBuffer.wrap(reply).getShort(2) & DnsCode.FLAG_TRUNCATED) != 0;
  }

  static int rcode(byte[] reply) {
    return reply[3] & DnsCode.MASK_RCODE;
  }

  /** Reports each address that the answer gives for the question's name and its aliases. */
  static void report(byte[] reply, DnsQuery query, int port, ResolutionListener listener) {
    ByteBuffer message = ByteBuffer.wrap(reply);
    int count = Math.min(message.getShort(6) & 0xffff, MAX_RECORDS);
    List<String> chain = new ArrayList<>(List.of(query.name()));
    int at = query.questionEnd();
    for (int i = 0; i < count; i++) {
      StringBuilder owner = new StringBuilder();
      int fixed = NameSyntax.read(message, at, owner);
      if (fixed == NameSyntax.BAD || fixed + 10 > reply.length) {
        return;
      }
      int type = message.getShort(fixed) & 0xffff;
      long ttlSeconds = message.getInt(fixed + 4) & 0xffff_ffffL;
      int length = message.getShort(fixed + 8) & 0xffff;
      int data = fixed + 10;
      at = data + length;
      if (at > reply.length) {
        return;
      }
      if (!chain.contains(owner.toString())) {
        continue;
      }
      if (type == DnsCode.TYPE_CNAME && chain.size() < MAX_ALIASES) {
        StringBuilder target = new StringBuilder();
        if (NameSyntax.read(message, data, target) != NameSyntax.BAD) {
          chain.add(target.toString());
        }
      }
      InetAddress address = address(message, type, data, length);
      for (int name = 0; address != null && name < chain.size(); name++) {
        listener.resolved(port, chain.get(name), name > 0, address, ttlSeconds);
      }
    }
  }

  private static @Nullable InetAddress address(ByteBuffer message, int type, int at, int length) {
    boolean isAddress =
        type == DnsCode.TYPE_A && length == 4 || type == DnsCode.TYPE_AAAA && length == 16;
    if (!isAddress) {
      return null;
    }
    byte[] bytes = new byte[length];
    message.get(at, bytes);
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException wrongLength) {
      throw new IllegalStateException(wrongLength);
    }
  }
}
