package org.maloca.net.dns;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks the host's own name look-up, for hosts that do not tell their resolvers. It knows addresses
 * and names of addresses, and nothing of other records.
 */
final class SystemUpstream implements DnsUpstream {
  @Override
  public byte @Nullable [] ask(byte[] message, boolean isStream) {
    DnsQuery query = DnsQuery.parse(message);
    if (query == null) {
      return null;
    }
    return switch (query.type()) {
      case DnsCode.TYPE_A, DnsCode.TYPE_AAAA -> forward(query);
      case DnsCode.TYPE_PTR -> reverse(query);
      default -> DnsReplyBuilder.empty(query, DnsCode.NO_ERROR);
    };
  }

  private static byte[] forward(DnsQuery query) {
    if (!NameSyntax.isValid(query.name())) {
      return DnsReplyBuilder.empty(query, DnsCode.NAME_ERROR);
    }
    try {
      // With a dot at the end, lest the host's search list be tried.
      InetAddress[] all = InetAddress.getAllByName(query.name() + ".");
      return DnsReplyBuilder.addresses(query, List.of(all));
    } catch (UnknownHostException unknown) {
      return DnsReplyBuilder.empty(query, DnsCode.NAME_ERROR);
    }
  }

  private static byte[] reverse(DnsQuery query) {
    byte[] address = LocalNames.address(query.name());
    if (address == null) {
      return DnsReplyBuilder.empty(query, DnsCode.NAME_ERROR);
    }
    try {
      InetAddress asked = InetAddress.getByAddress(address);
      String name = asked.getCanonicalHostName();
      return name.equals(asked.getHostAddress()) || !NameSyntax.isValid(name)
          ? DnsReplyBuilder.empty(query, DnsCode.NAME_ERROR)
          : DnsReplyBuilder.pointer(query, name);
    } catch (UnknownHostException wrongLength) {
      throw new IllegalStateException(wrongLength);
    }
  }
}
