package org.maloca.cli.guest;

import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
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

  /**
   * Writes the kernel of a bzImage to {@code target}.
   *
   * @throws GuestException when there is none, or it is packed in a way that is not known here
   */
  static void unpack(Path bzImage, Path target) throws IOException, GuestException {
    byte[] image = Files.readAllBytes(bzImage);
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(target))) {
      unpack(image, out);
    }
  }

  /** Writes the kernel in the bytes of a bzImage. */
  static void unpack(byte[] image, OutputStream target) throws IOException, GuestException {
    ByteBuffer fields = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
    if (image.length < PAYLOAD_LENGTH + Integer.BYTES) {
      throw new GuestException("the kernel is too short for a bzImage");
    }
    int sectors = image[SETUP_SECTORS] == 0 ? DEFAULT_SETUP_SECTORS : image[SETUP_SECTORS] & 0xff;
    long start =
        (sectors + 1L) * SECTOR_BYTES + Integer.toUnsignedLong(fields.getInt(PAYLOAD_OFFSET));
    long end = start + Integer.toUnsignedLong(fields.getInt(PAYLOAD_LENGTH)) - TRAILER_BYTES;
    if (end > image.length || start >= end) {
      throw new GuestException("the kernel's packed part is not where its header says");
    }
    byte[] packed = Arrays.copyOfRange(image, (int) start, (int) end);
    try (InputStream kernel = unpacked(packed)) {
      byte[] head = kernel.readNBytes(ELF.length);
      if (!Arrays.equals(head, ELF)) {
        throw new GuestException("the kernel's packed part holds no ELF file");
      }
      target.write(head);
      kernel.transferTo(target);
    }
  }

  private static InputStream unpacked(byte[] packed) throws IOException, GuestException {
    InputStream bytes = new ByteArrayInputStream(packed);
    if (startsWith(packed, LZ4)) {
      return new SequenceInputStream(lz4Blocks(packed));
    }
    if (startsWith(packed, GZIP)) {
      return new GzipCompressorInputStream(bytes);
    }
    if (startsWith(packed, XZ)) {
      return new XZInputStream(bytes);
    }
    throw new GuestException("the kernel is packed in a way that is not known here");
  }

  private static Enumeration<InputStream> lz4Blocks(byte[] packed) throws GuestException {
    ByteBuffer blocks = ByteBuffer.wrap(packed).order(ByteOrder.LITTLE_ENDIAN);
    blocks.position(LZ4.length);
    List<InputStream> streams = new ArrayList<>();
    while (blocks.remaining() >= Integer.BYTES) {
      int length = blocks.getInt();
      if (length <= 0 || length > blocks.remaining()) {
        throw new GuestException("the kernel's packed part is damaged");
      }
      InputStream block = new ByteArrayInputStream(packed, blocks.position(), length);
      streams.add(new BlockLZ4CompressorInputStream(block));
      blocks.position(blocks.position() + length);
    }
    return Collections.enumeration(streams);
  }

  private static boolean startsWith(byte[] bytes, byte[] magic) {
    return bytes.length >= magic.length
        && Arrays.equals(bytes, 0, magic.length, magic, 0, magic.length);
  }
}
