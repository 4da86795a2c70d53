package org.maloca.guests;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.NetBackend;
import org.maloca.core.backend.NetFrame;

/** A host at the other end of a cable that answers ARP and pings, whatever address they are for. */
final class EchoPeer implements NetBackend {
  private static final byte[] MAC = {0x52, 0x54, 0, 0, 0, 2};
  private static final int ARP = 0x0806;
  private static final int IPV4 = 0x0800;

  private final NetFrame answer = new NetFrame();
  private @Nullable Port card;

  @Override
  public void connect(Port port) {
    card = port;
  }

  @Override
  public void transmit(NetFrame frame) {
    ByteBuffer in = frame.bytes();
    int type = in.getShort(12) & 0xffff;
    boolean isArp = type == ARP && in.getShort(20) == 1;
    boolean isPing = type == IPV4 && in.get(23) == 1 && in.get(34) == 8;
    if (!isArp && !isPing) {
      return;
    }
    answer.clear();
    ByteBuffer out = answer.bytes();
    out.put(0, in, 0, in.limit()).limit(in.limit());
    out.put(0, in, 6, 6).put(6, MAC);
    if (isArp) {
      out.putShort(20, (short) 2).put(22, MAC).put(28, in, 38, 4);
      out.put(32, in, 22, 10);
    } else {
      out.putInt(26, in.getInt(30)).putInt(30, in.getInt(26));
      // Type 8 becomes 0, and the checksum with it.
      int sum = (in.getShort(36) & 0xffff) + 0x800;
      out.put(34, (byte) 0).putShort(36, (short) (sum + (sum >>> 16)));
    }
    Objects.requireNonNull(card).receive(answer);
  }

  @Override
  public void close() {}
}
