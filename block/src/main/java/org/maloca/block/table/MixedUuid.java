package org.maloca.block.table;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * UUIDs as Windows and VirtualBox write them: the first three fields little-endian, the rest as
 * bytes ([MS-DTYP] 2.3.4).
 */
public final class MixedUuid {
  private MixedUuid() {}

  /** Reads one out of a little-endian buffer. */
  public static UUID get(ByteBuffer b, int at) {
    long high =
        (b.getInt(at) & 0xffff_ffffL) << 32
            | (b.getShort(at + 4) & 0xffffL) << 16
            | b.getShort(at + 6) & 0xffffL;
    return new UUID(high, Long.reverseBytes(b.getLong(at + 8)));
  }

  /** Writes one into a little-endian buffer. */
  public static void put(ByteBuffer b, int at, UUID id) {
    long high = id.getMostSignificantBits();
    b.putInt(at, (int) (high >>> 32));
    b.putShort(at + 4, (short) (high >>> 16));
    b.putShort(at + 6, (short) high);
    b.putLong(at + 8, Long.reverseBytes(id.getLeastSignificantBits()));
  }
}
