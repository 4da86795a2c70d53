package org.maloca.fuzz.network;

import java.nio.ByteBuffer;
import java.util.List;
import org.maloca.core.time.ManualClock;
import org.maloca.fuzz.guided.FuzzTarget;
import org.maloca.fuzz.guided.Input;
import org.maloca.fuzz.guided.Output;
import org.maloca.net.dhcp.DhcpConfig;
import org.maloca.net.dhcp.DhcpReply;
import org.maloca.net.dhcp.DhcpServer;
import org.maloca.net.dhcp.LeaseListener;

/**
 * Messages to a DHCPv4 server with few addresses: a byte for the port they come by, a byte of time
 * that passed, a length of two bytes each.
 */
public final class DhcpTarget implements FuzzTarget {
  private static final int FIRST = 0x0a00_020f;
  private static final int ADDRESSES = 8;
  private static final int MAX_MESSAGES = 100;
  private static final int MAX_REPLY_BYTES = 548;
  private static final DhcpConfig CONFIG =
      new DhcpConfig(
          0x0a00_0202,
          24,
          0x0a00_0202,
          FIRST,
          FIRST + ADDRESSES - 1,
          List.of(0x0a00_0203),
          "maloca",
          1500,
          3600);

  @Override
  public long run(byte[] bytes) {
    ManualClock clock = new ManualClock();
    DhcpServer server = new DhcpServer(CONFIG, clock, LeaseListener.NONE);
    Input input = new Input(bytes);
    long replies = 0;
    for (int i = 0; i < MAX_MESSAGES && input.hasMore(); i++) {
      int port = input.u8() & 3;
      clock.advance(input.u8() * 60_000_000_000L);
      DhcpReply reply = server.receive(ByteBuffer.wrap(input.take(input.u16())), port);
      if (reply != null) {
        replies++;
        if (reply.message().length > MAX_REPLY_BYTES) {
          throw new IllegalStateException(reply.message().length + " bytes");
        }
      }
    }
    return replies;
  }

  private static byte[] message(int type, boolean isToServer, int hardware) {
    ByteBuffer message = ByteBuffer.allocate(300);
    message.put(new byte[] {1, 1, 6, 0}).put(33, (byte) hardware).putInt(236, 0x6382_5363);
    message.position(240).put(new byte[] {53, 1, (byte) type, 50, 4}).putInt(FIRST + hardware);
    message.put(new byte[] {55, 4, 1, 3, 6, 15, 61, 7, 1, 2, 0, 0, 0, 0, (byte) hardware});
    message.put(new byte[] {12, 2, 'v', 'm'});
    if (isToServer) {
      message.put(new byte[] {54, 4, 10, 0, 2, 2});
    }
    return message.put((byte) 255).array();
  }

  @Override
  public List<byte[]> seeds() {
    Output output = new Output();
    for (int type : new int[] {1, 3, 3, 4, 7, 8}) {
      byte[] message = message(type, type != 1, 1 + type % 2);
      output.u8(1, 1).u16(message.length).bytes(message);
    }
    return List.of(output.toByteArray());
  }
}
