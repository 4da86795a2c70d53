package org.maloca.net.dhcp;

import java.net.Inet6Address;
import java.nio.ByteBuffer;
import java.util.List;
import org.maloca.net.dns.NameSyntax;
import org.maloca.net.service.RouterAdvertiser;

/**
 * The payload of a router advertisement (RFC 4861, section 4.2), an ICMPv6 message whose checksum
 * is left 0 for the IP layer: prefix information, MTU, the source's link-layer address, recursive
 * DNS servers and the search list (RFC 8106).
 *
 * @param prefix the network; its host part is not looked at
 * @param prefixLength 64 if machines are to make addresses of their own (RFC 4862)
 * @param routerMac the router's six bytes as a number
 * @param mtuBytes of the link, 1280 or more
 * @param routerLifetimeSeconds 0 on a network without a way out, at most 9000
 * @param dnsServers addresses of ours; may be empty
 * @param domain of the machines; empty for none
 * @param isManaged whether DHCPv6 has addresses to give
 */
public record RouterAdvertisement(
    Inet6Address prefix,
    int prefixLength,
    long routerMac,
    int mtuBytes,
    int routerLifetimeSeconds,
    List<Inet6Address> dnsServers,
    String domain,
    boolean isManaged)
    implements RouterAdvertiser {
  /** ICMPv6 types of the messages by which hosts and routers find each other. */
  public static final int TYPE_ROUTER_SOLICITATION = 133;

  public static final int TYPE_ROUTER_ADVERTISEMENT = 134;

  private static final int SOURCE_LINK_LAYER_ADDRESS = 1;
  private static final int PREFIX_INFORMATION = 3;
  private static final int MTU = 5;
  private static final int RDNSS = 25;
  private static final int DNSSL = 31;

  private static final int MANAGED = 0x80;
  private static final int OTHER_CONFIGURATION = 0x40;
  private static final int ON_LINK = 0x80;
  private static final int AUTONOMOUS = 0x40;
  private static final int HOP_LIMIT = 64;

  private static final int VALID_SECONDS = 86_400;
  private static final int PREFERRED_SECONDS = 14_400;

  /** Checks the values. */
  public RouterAdvertisement {
    dnsServers = List.copyOf(dnsServers);
    if (prefixLength < 0
        || prefixLength > 128
        || mtuBytes < 1280
        || routerLifetimeSeconds < 0
        || routerLifetimeSeconds > 9000
        || dnsServers.size() > 8
        || domain.length() > 253) {
      throw new IllegalArgumentException("a router advertisement with impossible values");
    }
  }

  /** The message's bytes. */
  @Override
  public byte[] advertisement() {
    byte[] search = domain.isEmpty() ? new byte[0] : NameSyntax.encode(domain);
    int searchUnits = (search.length + 7) / 8;
    int size =
        16
            + 32
            + 8
            + 8
            + (dnsServers.isEmpty() ? 0 : 8 + 16 * dnsServers.size())
            + (search.length == 0 ? 0 : 8 + 8 * searchUnits);
    ByteBuffer message = ByteBuffer.allocate(size);
    message.put((byte) TYPE_ROUTER_ADVERTISEMENT).put((byte) 0).putShort((short) 0);
    message.put((byte) HOP_LIMIT);
    message.put((byte) ((isManaged ? MANAGED : 0) | OTHER_CONFIGURATION));
    message.putShort((short) routerLifetimeSeconds);
    message.putInt(0).putInt(0);

    message.put((byte) SOURCE_LINK_LAYER_ADDRESS).put((byte) 1);
    message.putShort((short) (routerMac >>> 32)).putInt((int) routerMac);

    message.put((byte) MTU).put((byte) 1).putShort((short) 0).putInt(mtuBytes);

    message.put((byte) PREFIX_INFORMATION).put((byte) 4).put((byte) prefixLength);
    message.put((byte) (ON_LINK | (prefixLength == 64 ? AUTONOMOUS : 0)));
    message.putInt(VALID_SECONDS).putInt(PREFERRED_SECONDS).putInt(0);
    message.put(masked());

    if (!dnsServers.isEmpty()) {
      message.put((byte) RDNSS).put((byte) (1 + 2 * dnsServers.size())).putShort((short) 0);
      message.putInt(VALID_SECONDS);
      dnsServers.forEach(server -> message.put(server.getAddress()));
    }
    if (search.length != 0) {
      message.put((byte) DNSSL).put((byte) (1 + searchUnits)).putShort((short) 0);
      message.putInt(VALID_SECONDS);
      message.put(search);
    }
    return message.array();
  }

  private byte[] masked() {
    byte[] bytes = prefix.getAddress();
    for (int bit = prefixLength; bit < 128; bit++) {
      bytes[bit >> 3] &= (byte) ~(0x80 >> (bit & 7));
    }
    return bytes;
  }
}
