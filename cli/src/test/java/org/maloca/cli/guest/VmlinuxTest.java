package org.maloca.cli.guest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.lz4.BlockLZ4CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

final class VmlinuxTest {
  private static final int PAYLOAD_OFFSET = 0x123;

  /** An ELF as far as its first bytes go, with parts that pack well and parts that do not. */
  private static byte[] kernel() {
    byte[] kernel = new byte[5000];
    new Random(1).nextBytes(kernel);
    Arrays.fill(kernel, 1000, 3000, (byte) 7);
    System.arraycopy(new byte[] {0x7f, 'E', 'L', 'F'}, 0, kernel, 0, 4);
    return kernel;
  }

  private interface Packer {
    OutputStream over(OutputStream target) throws IOException;
  }

  private static byte[] pack(Packer packer, byte[] content) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream stream = packer.over(packed)) {
      stream.write(content);
    }
    return packed.toByteArray();
  }

  private static byte[] lz4Block(byte[] content, int from, int to) throws IOException {
    byte[] packed =
        pack(BlockLZ4CompressorOutputStream::new, Arrays.copyOfRange(content, from, to));
    return ByteBuffer.allocate(4 + packed.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(packed.length)
        .put(packed)
        .array();
  }

  private static byte[] bzImage(byte[] payload) {
    int start = 3 * 512 + PAYLOAD_OFFSET;
    byte[] image = new byte[start + payload.length + 4 + 77];
    ByteBuffer fields = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
    fields.put(0x1f1, (byte) 2);
    fields.putInt(0x248, PAYLOAD_OFFSET);
    fields.putInt(0x24c, payload.length + 4);
    fields.put(start, payload);
    fields.putInt(start + payload.length, 0x01020304);
    return image;
  }

  private static byte[] unpack(byte[] image) throws IOException, GuestException {
    ByteArrayOutputStream kernel = new ByteArrayOutputStream();
    Vmlinux.unpack(image, kernel);
    return kernel.toByteArray();
  }

  @Test
  void unpacksBlocksOfLz4() throws Exception {
    byte[] kernel = kernel();
    ByteArrayOutputStream payload = new ByteArrayOutputStream();
    payload.write(new byte[] {0x02, 0x21, 0x4c, 0x18});
    payload.write(lz4Block(kernel, 0, 3500));
    payload.write(lz4Block(kernel, 3500, 5000));

    assertArrayEquals(kernel, unpack(bzImage(payload.toByteArray())));
  }

  @Test
  void unpacksGzipAndXz() throws Exception {
    byte[] gzip = pack(GZIPOutputStream::new, kernel());
    byte[] xz = pack(target -> new XZOutputStream(target, new LZMA2Options(0)), kernel());

    assertArrayEquals(kernel(), unpack(bzImage(gzip)));
    assertArrayEquals(kernel(), unpack(bzImage(xz)));
  }

  @Test
  void refusesWhatIsNoKernel() throws IOException {
    byte[] text = pack(GZIPOutputStream::new, new byte[100]);
    byte[] image = bzImage(text);

    assertThrows(GuestException.class, () -> unpack(image));
    assertThrows(GuestException.class, () -> unpack(new byte[100]));
    assertThrows(GuestException.class, () -> unpack(bzImage(new byte[50])));
    byte[] cut = Arrays.copyOf(image, image.length - 100);
    assertThrows(GuestException.class, () -> unpack(cut));
  }
}
