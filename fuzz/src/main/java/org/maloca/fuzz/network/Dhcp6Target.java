package org.maloca.fuzz.network;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.maloca.core.time.ManualClock;
import org.maloca.fuzz.guided.FuzzTarget;
import org.maloca.fuzz.guided.Input;
import org.maloca.fuzz.guided.Output;
import org.maloca.net.dhcp.Dhcp6Config;
import org.maloca.net.dhcp.Dhcp6Server;

/** Messages to a DHCPv6 server, as {@link DhcpTarget} has them. */
public final class Dhcp6Target implements FuzzTarget {
  private static final int MAX_MESSAGES = 100;
  private static final int MAX_REPLY_BYTES = 1232;
  private static final int ADDRESSES = 8;
  private static final Inet6Address PREFIX = (Inet6Address) InetAddress.ofLiteral("fd00::");
  private static final Dhcp6Config CONFIG =
      new Dhcp6Config(PREFIX, 0x5254_0000_0002L, 0x100, ADDRESSES, List.of(PREFIX), "maloca", 3600);

  @Override
  public long run(byte[] bytes) {
    ManualClock clock = new ManualClock();
    Dhcp6Server server = new Dhcp6Server(CONFIG, clock);
    Input input = new Input(bytes);
    long replies = 0;
    for (int i = 0; i < MAX_MESSAGES && input.hasMore(); i++) {
      int port = input.u8() & 3;
      clock.advance(input.u8() * 60_000_000_000L);
      byte[] reply = server.receive(ByteBuffer.wrap(input.take(input.u16())), port);
      if (reply != null) {
        replies++;
        if (reply.length > MAX_REPLY_BYTES) {
          throw new IllegalStateException(reply.length + " bytes");
        }
      }
    }
    return replies;
  }

  @Override
  public List<byte[]> seeds() {
    Output output = new Output();
    String client = "0001000a00030001000000000007";
    String server = "0002000a00030001525400000002";
    String address = "fd000000000000000000000000000101";
    String association =
        "0003002800000007" + "0".repeat(16) + "00050018" + address + "0".repeat(16);
    String options = "000600040017001800080002" + "0001";
    for (int type : new int[] {1, 3, 5, 6, 4, 8, 9, 11}) {
      String text = "%02x123456".formatted(type) + client + server + association + options;
      byte[] message = HexFormat.of().parseHex(text);
      output.u8(1, 1).u16(message.length).bytes(message);
    }
    return List.of(output.toByteArray());
  }
}
