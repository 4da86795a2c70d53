package org.maloca.fuzz.network;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.maloca.core.backend.NetFrame;
import org.maloca.fuzz.guided.FuzzTarget;
import org.maloca.net.replay.PacketFileReader;

/** Files of packets to be replayed. */
public final class PacketFileTarget implements FuzzTarget {
  private final Path file = Files.createTempFile("maloca-packets", ".pcap");
  private final ByteBuffer packet = ByteBuffer.allocate(NetFrame.MAX_BYTES);

  /** Makes the file. */
  public PacketFileTarget() throws IOException {}

  @Override
  public long run(byte[] bytes) throws IOException {
    Files.write(file, bytes);
    long packets = 0;
    try (PacketFileReader reader = new PacketFileReader(file)) {
      while (reader.next(packet)) {
        packets++;
        if (packets > bytes.length) {
          throw new IllegalStateException("more packets than bytes");
        }
      }
    } catch (IOException refused) {
      // As it should be.
    }
    return packets;
  }

  @Override
  public List<byte[]> seeds() {
    HexFormat hex = HexFormat.of();
    return List.of(
        hex.parseHex(
            "0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000"
                + "0100000014000000010000000000010014000000"
                + "060000002400000000000000000000000000000004000000040000000102030424000000"
                + "0300000014000000040000000102030414000000"),
        hex.parseHex(
            "d4c3b2a1020004000000000000000000ffff000001000000"
                + "000000000000000004000000040000000a0b0c0d"),
        hex.parseHex(
            "a1b23c4d000200040000000000000000000400000000000100000000000000000000000400000004"
                + "01020304"));
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
  }
}
