package org.maloca.bench;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.compressors.lz4.BlockLZ4CompressorInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * Unpacks the ELF kernel out of a bzImage (Linux, Documentation/arch/x86/boot.rst, fields
 * setup_sects, payload_offset and payload_length): emulators that enter it by its PVH note spare
 * the guest the work of unpacking itself.
 */
final class Vmlinux {
  private static final int SETUP_SECTORS = 0x1f1;
  private static final int PAYLOAD_OFFSET = 0x248;
  private static final int PAYLOAD_LENGTH = 0x24c;
  private static final int SECTOR_BYTES = 512;
  private static final int DEFAULT_SETUP_SECTORS = 4;

  /** The size of what is packed, behind it. */
  private static final int TRAILER_BYTES = 4;

  private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};
  private static final byte[] GZIP = {0x1f, (byte) 0x8b};
  private static final byte[] XZ = {(byte) 0xfd, '7', 'z', 'X', 'Z', 0};

  /** Of a sequence of blocks, each behind its length (LZ4, doc/lz4_Frame_format.md, legacy). */
  private static final byte[] LZ4 = {0x02, 0x21, 0x4c, 0x18};

  private Vmlinux() {}

  /** Writes the kernel of a bzImage to {@code target}. */
  static void unpack(Path bzImage, Path target) throws IOException, BenchException {
    Files.write(target, unpack(Files.readAllBytes(bzImage)));
  }

  /** The kernel in the bytes of a bzImage. */
  static byte[] unpack(byte[] image) throws IOException, BenchException {
    ByteBuffer fields = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
    if (image.length < PAYLOAD_LENGTH + Integer.BYTES) {
      throw new BenchException("the kernel is too short for a bzImage");
    }
    int sectors = image[SETUP_SECTORS] == 0 ? DEFAULT_SETUP_SECTORS : image[SETUP_SECTORS] & 0xff;
    long start =
        (sectors + 1L) * SECTOR_BYTES + Integer.toUnsignedLong(fields.getInt(PAYLOAD_OFFSET));
    long end = start + Integer.toUnsignedLong(fields.getInt(PAYLOAD_LENGTH)) - TRAILER_BYTES;
    if (end > image.length || start >= end) {
      throw new BenchException("the kernel's packed part is not where its header says");
    }
    byte[] kernel = decompress(Arrays.copyOfRange(image, (int) start, (int) end));
    if (!startsWith(kernel, ELF)) {
      throw new BenchException("the kernel's packed part holds no ELF file");
    }
    return kernel;
  }

  private static byte[] decompress(byte[] packed) throws IOException, BenchException {
    if (startsWith(packed, LZ4)) {
      return decompressLz4(packed);
    }
    InputStream bytes = new ByteArrayInputStream(packed);
    if (startsWith(packed, GZIP)) {
      try (InputStream stream = new GzipCompressorInputStream(bytes)) {
        return stream.readAllBytes();
      }
    }
    if (startsWith(packed, XZ)) {
      try (InputStream stream = new XZInputStream(bytes)) {
        return stream.readAllBytes();
      }
    }
    throw new BenchException("the kernel is packed in a way that is not known here");
  }

  private static byte[] decompressLz4(byte[] packed) throws IOException, BenchException {
    ByteBuffer blocks = ByteBuffer.wrap(packed).order(ByteOrder.LITTLE_ENDIAN);
    blocks.position(LZ4.length);
    ByteArrayOutputStream kernel = new ByteArrayOutputStream(packed.length * 4);
    while (blocks.remaining() >= Integer.BYTES) {
      int length = blocks.getInt();
      if (length <= 0 || length > blocks.remaining()) {
        throw new BenchException("the kernel's packed part is damaged");
      }
      copyBlock(packed, blocks.position(), length, kernel);
      blocks.position(blocks.position() + length);
    }
    return kernel.toByteArray();
  }

  private static void copyBlock(byte[] packed, int offset, int length, OutputStream target)
      throws IOException {
    InputStream bytes = new ByteArrayInputStream(packed, offset, length);
    try (InputStream block = new BlockLZ4CompressorInputStream(bytes)) {
      block.transferTo(target);
    }
  }

  private static boolean startsWith(byte[] bytes, byte[] magic) {
    return bytes.length >= magic.length
        && Arrays.equals(bytes, 0, magic.length, magic, 0, magic.length);
  }
}
