package org.maloca.block.vmdk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.maloca.block.file.FaultyFile;
import org.maloca.block.image.CorruptImageException;

/** Streams that unpack to something else than a grain. */
class CompressedGrainsTest {
  private static final int GRAIN_BYTES = 1 << 16;

  private final FaultyFile file = new FaultyFile("disk");
  private final CompressedGrains grains = new CompressedGrains(file, GRAIN_BYTES);

  private static byte[] stream(byte[] plain) {
    byte[] packed = new byte[plain.length + 1024];
    Deflater deflater = new Deflater(9);
    deflater.setInput(plain);
    deflater.finish();
    int length = deflater.deflate(packed);
    deflater.end();
    return Arrays.copyOf(packed, length);
  }

  private static byte[] bytes(int length) {
    byte[] plain = new byte[length];
    Arrays.fill(plain, (byte) 0x5a);
    return plain;
  }

  private void put(byte[] stream) throws IOException {
    ByteBuffer marker = ByteBuffer.allocate(12 + stream.length).order(ByteOrder.LITTLE_ENDIAN);
    file.write(0, marker.putLong(0).putInt(stream.length).put(stream).flip());
  }

  private void assertRefused(int expectedBytes, String why) {
    CorruptImageException refusal =
        assertThrows(CorruptImageException.class, () -> grains.read(0, 0, expectedBytes));
    assertTrue(refusal.getMessage().contains(why), refusal.getMessage());
  }

  @Test
  void aGrainIsUnpacked() throws IOException {
    put(stream(bytes(GRAIN_BYTES)));

    grains.read(0, 0, GRAIN_BYTES);

    assertArrayEquals(bytes(GRAIN_BYTES), grains.grain());
  }

  @Test
  void theDisksLastGrainMayBeShorter() throws IOException {
    put(stream(bytes(1024)));

    grains.read(0, 0, 1024);

    assertArrayEquals(Arrays.copyOf(bytes(1024), GRAIN_BYTES), grains.grain());
  }

  @Test
  void aStreamThatEndsEarlyIsNoGrain() throws IOException {
    put(stream(bytes(GRAIN_BYTES - 512)));

    assertRefused(GRAIN_BYTES, "65024 bytes");
  }

  @Test
  void aStreamThatIsCutOffIsNoGrain() throws IOException {
    byte[] whole = stream(bytes(GRAIN_BYTES));
    put(Arrays.copyOf(whole, whole.length / 2));

    assertRefused(GRAIN_BYTES, "cut off");
  }

  @Test
  void aStreamOfMoreThanAGrainIsRefusedAtAGrain() throws IOException {
    put(stream(bytes(64 << 20)));

    assertRefused(GRAIN_BYTES, "more than");
  }

  @Test
  void aStreamThatWantsADictionaryIsRefused() throws IOException {
    byte[] packed = new byte[2048];
    Deflater deflater = new Deflater(9);
    deflater.setDictionary(bytes(100));
    deflater.setInput(bytes(GRAIN_BYTES));
    deflater.finish();
    int length = deflater.deflate(packed);
    deflater.end();
    put(Arrays.copyOf(packed, length));

    assertRefused(GRAIN_BYTES, "cut off");
  }

  @Test
  void aStreamWithoutAllOfItsChecksumIsNoGrain() throws IOException {
    byte[] whole = stream(bytes(GRAIN_BYTES));
    put(Arrays.copyOf(whole, whole.length - 1));

    assertRefused(GRAIN_BYTES, "cut off");
  }

  @Test
  void aGrainIsPackedAfterOneThatIsShorterThanAMarker() throws IOException {
    put(new byte[] {0x78, (byte) 0xda, 3});
    assertRefused(GRAIN_BYTES, "cut off");
    Arrays.fill(grains.grain(), (byte) 0x5a);

    file.write(0, grains.pack(0));

    grains.read(0, 0, GRAIN_BYTES);
    assertArrayEquals(bytes(GRAIN_BYTES), grains.grain());
  }
}
